// The only socket.io of the client: connecting, the state of the connection, typed events and acknowledgements.
// It queues nothing: what may not be lost is kept in the outbox, and sent again from there.
import { io, type Socket } from "socket.io-client";
import { failure, readEnvelope, type Result } from "./result";
import type { Conversation, JoinConversation, JoinReply, Message, MessageReply, NotificationNews, NotificationsRead, ReadUpTo, SendMessage, Typing } from "./wire";

export interface ServerEvents {
  "chat:message": { message: Message };
  "chat:corrected": { message: Message; corrections: number };
  "chat:read": { conversation_id: string; account_id: string; seq: number };
  "chat:typing": { conversation_id: string; account_id: string; typing: boolean };
  "chat:updated": { conversation: Conversation };
  "chat:left": { conversation_id: string };
  "notify:new": NotificationNews;
  "notify:read": NotificationsRead;
  presence: { conversation_id: string; account_id: string; online: boolean };
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
  "chat:typing": { data: Typing; answer: object };
}

/** `refused`: the server does not know this token or cookie any more; no attempt follows by itself. */
export type ConnectionState = "idle" | "connecting" | "online" | "offline" | "refused";

const ACK_MS = 10_000;
const RETRY_AFTER_REFUSAL_MS = 5_000;
const EVENTS: (keyof ServerEvents)[] = ["chat:message", "chat:corrected", "chat:read", "chat:typing", "chat:updated", "chat:left", "notify:new", "presence"];

export type EventListener = <E extends keyof ServerEvents>(event: E, data: ServerEvents[E]) => void;

export class Connection {
  private readonly socket: Socket;
  private readonly stateListeners = new Set<(state: ConnectionState) => void>();
  private readonly eventListeners = new Set<EventListener>();
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
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
    this.socket.on("connect", () => this.become("online"));
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
