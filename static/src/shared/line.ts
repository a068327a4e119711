// The part of Socket.IO that our server speaks: text packets of one namespace, by WebSocket or by polling. One attempt, from
// connecting to its end; whether and how another follows is the connection's business. It queues nothing for later.
// Protocol 5 over Engine.IO 4: https://socket.io/docs/v4/socket-io-protocol/, https://socket.io/docs/v4/engine-io-protocol/

export type Way = "websocket" | "polling";

/** What a line tells whoever holds it; never while it is being made, and nothing after its end. */
export interface LineOwner {
  /** The server has let us in. */
  up(): void;
  event(name: string, data: unknown): void;
  /** Something came, whatever it was. */
  heard(): void;
  /** `word`: why the server ended it or let nobody in; null: it was lost. */
  end(word: string | null): void;
}

/** Carries packets of Engine.IO. */
interface Carrier {
  send(packet: string): void;
  close(): void;
}

interface Ears {
  take(packet: string): void;
  lost(): void;
}

const ADDRESS = "/socket.io/?EIO=4&transport=";
const BETWEEN_PACKETS = "\x1e";
const CONNECTING_MS = 10_000;

function webSocket(ears: Ears): Carrier {
  const socket = new WebSocket(location.origin.replace("http", "ws") + ADDRESS + "websocket");
  socket.onmessage = ({ data }) => ears.take(String(data));
  socket.onclose = () => ears.lost();
  return { send: (packet) => socket.send(packet), close: () => socket.close() };
}

function polling(ears: Ears): Carrier {
  const over = new AbortController();
  const waiting: string[] = [];
  let address = `${ADDRESS}polling`;
  let posting = false;
  const ask = async (more: RequestInit) => {
    const response = await fetch(address, { cache: "no-store", signal: over.signal, ...more });
    if (!response.ok) throw new Error("polling");
    return response.text();
  };
  const listen = async () => {
    while (!over.signal.aborted) {
      for (const packet of (await ask({})).split(BETWEEN_PACKETS)) {
        if (packet.startsWith("0")) address += `&sid=${(JSON.parse(packet.slice(1)) as { sid: string }).sid}`;
        ears.take(packet);
      }
    }
  };
  /** One after another: the server reads what is posted at once in no certain order. */
  const post = async () => {
    if (posting) return;
    posting = true;
    for (let body = waiting.shift(); body; body = waiting.shift()) await ask({ method: "POST", body });
    posting = false;
  };
  listen().catch(() => ears.lost());
  return {
    send: (packet) => {
      waiting.push(packet);
      post().catch(() => ears.lost());
    },
    close: () => {
      over.abort();
      // Else the server would take the line for a live one until it has been silent for long.
      void fetch(address, { method: "POST", body: "1", keepalive: true }).catch(() => undefined);
    },
  };
}

/** A packet of Socket.IO inside of one of Engine.IO: its kind, the number of what it answers, what it says. */
export function readPacket(packet: string): { kind: string; number: number; body: unknown } {
  const [, kind = "", number = "", body = ""] = /^4(\d)(\d*)(.*)$/s.exec(packet) ?? [];
  return { kind, number: Number(number), body: body ? (JSON.parse(body) as unknown) : null };
}

export class Line {
  /** The server has answered: this way leads to it. */
  carries = false;
  isUp = false;

  private over = false;
  private asked = 0;
  private readonly answers = new Map<number, (answer: unknown) => void>();
  private carrier: Carrier | null = null;
  private patience = CONNECTING_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    way: Way,
    private readonly auth: object,
    private readonly owner: LineOwner,
  ) {
    const ears = { take: (packet: string) => this.take(packet), lost: () => this.lose() };
    try {
      this.carrier = (way === "polling" ? polling : webSocket)(ears);
    } catch {
      // A browser that lets nobody have one.
      queueMicrotask(ears.lost);
    }
    this.watch();
  }

  /** The answer to an event; undefined when none came in time, or the line ended. */
  call(event: string, data: unknown, withinMs: number): Promise<unknown> {
    return new Promise((resolve) => {
      const number = this.asked++;
      const timer = setTimeout(() => this.answers.get(number)?.(undefined), withinMs);
      this.answers.set(number, (answer) => {
        this.answers.delete(number);
        clearTimeout(timer);
        resolve(answer);
      });
      this.carrier?.send(`42${number}${JSON.stringify([event, data])}`);
    });
  }

  /** Ends it, by the wish of whoever holds it: they hear nothing more. */
  close(): void {
    this.isUp = false;
    this.over = true;
    clearTimeout(this.timer);
    this.carrier?.close();
    for (const answer of [...this.answers.values()]) answer(undefined);
  }

  /** It is known, from elsewhere, to lead nowhere any more. */
  lose(word: string | null = null): void {
    if (this.over) return;
    this.close();
    this.owner.end(word);
  }

  private take(packet: string): void {
    if (this.over) return;
    this.owner.heard();
    if (this.isUp) this.watch();
    if (packet === "2") this.carrier?.send("3");
    else if (packet === "1") this.lose();
    else if (packet.startsWith("0")) {
      const { pingInterval, pingTimeout } = JSON.parse(packet.slice(1)) as { pingInterval: number; pingTimeout: number };
      this.carries = true;
      this.patience = pingInterval + pingTimeout;
      this.carrier?.send(`40${JSON.stringify(this.auth)}`);
    } else if (packet.startsWith("4")) this.read(packet);
  }

  private read(packet: string): void {
    const { kind, number, body } = readPacket(packet);
    if (kind === "0") {
      this.isUp = true;
      this.watch();
      this.owner.up();
    } else if (kind === "1") this.lose("ended");
    else if (kind === "2") {
      const [name, data] = body as [string, unknown];
      this.owner.event(name, data);
    } else if (kind === "3") this.answers.get(number)?.((body as unknown[])[0]);
    else if (kind === "4") this.lose((body as { message: string }).message);
  }

  /** The server says something every so often: silence beyond that is its end. */
  private watch(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.lose(), this.patience);
  }
}
