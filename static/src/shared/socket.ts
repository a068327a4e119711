// The client's connection to the server: coming back, its state, typed events and acknowledgements over a `line`.
// It queues nothing: what may not be lost is kept in the outbox, and sent again from there.
import { Line, type Way } from "./line";
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
/** How long to wait after a line was lost, at first and at most; and after the server ended it, or let nobody in. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;
const AFTER_REFUSAL_MS = 5_000;

export type EventListener = <E extends keyof ServerEvents>(event: E, data: ServerEvents[E]) => void;

export class Connection {
  private line: Line | null = null;
  /** Attempts since there was a connection. */
  private attempts = 0;
  /** WebSockets have led to the server from this page. */
  private hasSockets = false;
  private readonly stateListeners = new Set<(state: ConnectionState) => void>();
  private readonly eventListeners = new Set<EventListener>();
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private heardAt = 0;
  private lookedAt = Date.now();
  private probing = false;
  state: ConnectionState = "idle";

  /** `token` gives the bearer token, or null where the session cookie speaks. */
  constructor(private readonly token: () => string | null) {
    // A change of network leaves a connection half open for up to a minute; found dead at once this way.
    window.addEventListener("offline", () => this.line?.lose());
    window.addEventListener("online", () => this.reconnect());
    // Back in front, or out of the browser's memory of pages: a phone that slept has a line that only looks alive.
    window.addEventListener("pageshow", (event) => event.persisted && this.doubt());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.doubt());
    setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  /** Finds out whether the line still carries in both directions; one that does not is made anew. */
  async probe(): Promise<void> {
    const { line } = this;
    if (this.probing || !line?.isUp) return;
    this.probing = true;
    // Any event is answered, one that nobody knows with a refusal: an answer is all that is asked for.
    const answer = await line.call("probe", {}, PROBE_MS);
    this.probing = false;
    if (answer === undefined && line.isUp) this.restart();
  }

  connect(): void {
    if (this.state === "online" || this.state === "connecting") return;
    this.restart();
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
    this.line?.close();
    this.line = null;
  }

  async call<E extends keyof ClientEvents>(event: E, data: ClientEvents[E]["data"]): Promise<Result<ClientEvents[E]["answer"]>> {
    const { line } = this;
    if (!line?.isUp) return failure("network");
    const answer = await line.call(event, data, ACK_MS);
    if (answer !== undefined) return readEnvelope(answer);
    // Up, says the line, yet nobody answers: a dead one. Only a new one can tell.
    if (line.isUp) this.restart();
    return failure("network");
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
    this.attempts = 0;
    this.become("connecting");
    this.open();
  }

  private open(): void {
    clearTimeout(this.retryTimer);
    this.line?.close();
    const token = this.token();
    // Where no WebSocket has carried yet, polling is tried at once; elsewhere seldom, so that all find back to WebSockets
    // when the server was away.
    const way: Way = this.attempts % 3 === (this.hasSockets ? 2 : 1) ? "polling" : "websocket";
    const line = new Line(way, token ? { token } : {}, {
      up: () => {
        this.attempts = 0;
        this.hasSockets ||= way === "websocket";
        this.become("online");
      },
      heard: () => (this.heardAt = Date.now()),
      event: (name, data) => {
        for (const listener of this.eventListeners) listener(name as keyof ServerEvents, data as never);
      },
      end: (word) => {
        this.line = null;
        if (word === "not_authenticated") return this.become("refused");
        this.attempts++;
        if (way === "websocket" && !line.carries && !this.hasSockets && this.attempts === 1) return this.open();
        this.become("offline");
        const wait = word === null ? Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.attempts - 1)) : AFTER_REFUSAL_MS;
        this.retryTimer = setTimeout(() => this.open(), wait * (0.5 + Math.random()));
      },
    });
    this.line = line;
  }

  private become(state: ConnectionState): void {
    if (state === this.state) return;
    this.state = state;
    for (const listener of this.stateListeners) listener(state);
  }
}
