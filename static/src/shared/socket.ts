// The only socket.io of the client: connecting, the state of the connection, typed events and acknowledgements.
// It queues nothing: what may not be lost is kept in the outbox, and sent again from there.
import { io, type Socket } from "socket.io-client";
import { failure, readEnvelope, type Result } from "./result";
import type { CaseOut, Conversation, DeliveredUpTo, FeedbackAskOut, JoinConversation, JoinReply, Message, MessageReply, NoteOut, NotificationNews, NotificationsRead, ReadUpTo, SendMessage, Typing } from "./wire";

/** Which form has changed; what it holds is asked for. */
interface FormNews {
  form_id: string;
  conversation_id: string;
}

export interface ServerEvents {
  "chat:message": { message: Message };
  "chat:corrected": { message: Message; corrections: number };
  "chat:changed": { message: Message; changes: number };
  "chat:read": { conversation_id: string; account_id: string; seq: number };
  "chat:delivered": { conversation_id: string; account_id: string; seq: number };
  "chat:typing": { conversation_id: string; account_id: string; typing: boolean };
  "chat:updated": { conversation: Conversation };
  "chat:left": { conversation_id: string };
  "notify:new": NotificationNews;
  "notify:read": NotificationsRead;
  presence: { conversation_id: string; account_id: string; online: boolean };
  "desk:case": { case: CaseOut };
  "desk:counts": { counts: Record<string, number> };
  "desk:note": { note: NoteOut };
  "desk:asked": { ask: FeedbackAskOut };
  "form:filled": FormNews;
  "form:revealed": FormNews;
  "form:withdrawn": FormNews;
}

export interface ClientEvents {
  "chat:join": {
    data: JoinConversation;
    answer: JoinReply;
  };
  "chat:send": {
    data: SendMessage;
    answer: MessageReply;
  };
  "chat:read": { data: ReadUpTo; answer: object };
  "chat:delivered": { data: DeliveredUpTo; answer: object };
  "chat:typing": { data: Typing; answer: object };
}

/** `refused`: the server does not know this token or cookie any more; no attempt follows by itself. */
export type ConnectionState = "idle" | "connecting" | "online" | "offline" | "refused";

const ACK_MS = 10_000;
/** An answer that a live line brings; asked for when there is reason to doubt it. */
const PROBE_MS = 4_000;
const LOOK_EVERY_MS = 5_000;
/** A timer that comes this much late means that the device slept. */
const SLEPT_MS = 10_000;
/** The server says something every 25 s; silence beyond this is doubtful. */
const SILENCE_MS = 30_000;
const RETRY_AFTER_REFUSAL_MS = 5_000;
const EVENTS: (keyof ServerEvents)[] = ["chat:message", "chat:corrected", "chat:changed", "chat:read", "chat:delivered", "chat:typing", "chat:updated", "chat:left", "notify:new", "presence", "desk:case", "desk:counts", "desk:note", "desk:asked", "form:filled", "form:revealed", "form:withdrawn"];

export type EventListener = <E extends keyof ServerEvents>(event: E, data: ServerEvents[E]) => void;

export class Connection {
  private readonly socket: Socket;
  private readonly stateListeners = new Set<(state: ConnectionState) => void>();
  private readonly eventListeners = new Set<EventListener>();
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private heardAt = 0;
  private lookedAt = Date.now();
  private probing = false;
  state: ConnectionState = "idle";

  /** `token` gives the bearer token, or null where the session cookie speaks. */
  constructor(token: () => string | null) {
    this.socket = io({
      autoConnect: false,
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      withCredentials: true,
      reconnectionDelay: 500,
      reconnectionDelayMax: 8_000,
      timeout: 10_000,
      auth: (give) => {
        const value = token();
        give(value ? { token: value } : {});
      },
    });
    this.socket.on("connect", () => {
      this.heardAt = Date.now();
      this.socket.io.engine?.on("packet", () => (this.heardAt = Date.now()));
      this.become("online");
    });
    this.socket.on("disconnect", (reason) => {
      this.become(this.state === "idle" || this.state === "refused" ? this.state : "offline");
      // The server closed the session on purpose (a restart, a sign-out): socket.io leaves coming back to us.
      if (reason === "io server disconnect") this.retryLater();
    });
    this.socket.on("connect_error", (error) => {
      if (error.message === "not_authenticated") return this.become("refused");
      this.become("offline");
      if (!this.socket.active) this.retryLater();
    });
    for (const event of EVENTS) {
      this.socket.on(event, (data) => {
        for (const listener of this.eventListeners) listener(event, data);
      });
    }
    // A change of network leaves a connection half open for up to a minute; found dead at once this way.
    window.addEventListener("offline", () => this.socket.io.engine?.close());
    window.addEventListener("online", () => this.reconnect());
    // Back in front, or out of the browser's memory of pages: a phone that slept has a line that only looks alive.
    window.addEventListener("pageshow", (event) => event.persisted && this.doubt());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.doubt());
    setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  /** Finds out whether the line still carries in both directions; one that does not is made anew. */
  async probe(): Promise<void> {
    if (this.probing || !this.socket.connected) return;
    this.probing = true;
    try {
      // Any event is answered, one that nobody knows with a refusal: an answer is all that is asked for.
      await this.socket.timeout(PROBE_MS).emitWithAck("probe", {});
    } catch {
      if (this.state === "online") this.restart();
    } finally {
      this.probing = false;
    }
  }

  connect(): void {
    if (this.state === "online" || this.state === "connecting") return;
    this.become("connecting");
    this.socket.connect();
  }

  /** Tries at once, instead of at the next planned attempt. */
  reconnect(): void {
    if (this.state === "idle" || this.state === "online") return;
    this.restart();
  }

  /** Ends the connection and, with it, the identity it was made under. */
  stop(): void {
    clearTimeout(this.retryTimer);
    this.become("idle");
    this.socket.disconnect();
  }

  async call<E extends keyof ClientEvents>(event: E, data: ClientEvents[E]["data"]): Promise<Result<ClientEvents[E]["answer"]>> {
    if (!this.socket.connected) return failure("network");
    try {
      return readEnvelope(await this.socket.timeout(ACK_MS).emitWithAck(event, data));
    } catch {
      if (!this.socket.connected) return failure("network");
      // Connected, says the socket, yet nobody answers: a dead line. Only a new one can tell.
      this.restart();
      return failure("network");
    }
  }

  onEvent(listener: EventListener): () => void {
    this.eventListeners.add(listener);
    return () => this.eventListeners.delete(listener);
  }

  onState(listener: (state: ConnectionState) => void): () => void {
    this.stateListeners.add(listener);
    return () => this.stateListeners.delete(listener);
  }

  private doubt(): void {
    if (this.state === "online") void this.probe();
    else if (this.state === "offline") this.reconnect();
  }

  private look(): void {
    const now = Date.now();
    const slept = now - this.lookedAt > LOOK_EVERY_MS + SLEPT_MS;
    this.lookedAt = now;
    if (slept || (this.state === "online" && now - this.heardAt > SILENCE_MS)) this.doubt();
  }

  private restart(): void {
    clearTimeout(this.retryTimer);
    this.socket.disconnect();
    this.become("connecting");
    this.socket.connect();
  }

  private retryLater(): void {
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => this.reconnect(), RETRY_AFTER_REFUSAL_MS * (0.5 + Math.random()));
  }

  private become(state: ConnectionState): void {
    if (state === this.state) return;
    this.state = state;
    for (const listener of this.stateListeners) listener(state);
  }
}
