// One conversation as it lives in the client: joins, replays, sends from the outbox, keeps read marks, typing, presence
// and the draft. Knows nothing of the page; the views subscribe to it.
import type { Api } from "./api";
import {
  accepted, enqueued, nextAttemptIn, nextToSend, reconnected, refused, retried, sending, unsentCount, type Outbox,
} from "./outbox"; // prettier-ignore
import { failure, type Failure, type Result } from "./result";
import type { Connection, ServerEvents } from "./socket";
import {
  corrected, EMPTY_TIMELINE, firstSeq, hasGap, markedRead, olderLoaded, received, replayed, visibleMessages, type Timeline,
} from "./timeline"; // prettier-ignore
import type { Conversation, Message } from "./wire";

const PAGE = 50;
const TYPING_EVERY_MS = 3_000;
const TYPING_FORGOTTEN_MS = 6_000;
const LOST_REQUEST_MS = 2_000;
const LONG_DRAFT = 40;

/** 128 random bits. Not `randomUUID`, which browsers keep from pages served without TLS (a trial in a local network). */
function newMessageId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export interface RoomSources {
  connection: Pick<Connection, "state" | "call" | "reconnect">;
  api: Api;
  /** Account id of the reader. */
  me: string;
  /** Makes or finds the conversation when the first message is written; absent where it must exist already. */
  begin?: () => Promise<Result<Conversation>>;
  onFailure?: (error: Failure) => void;
}

export class Room {
  timeline: Timeline = EMPTY_TIMELINE;
  outbox: Outbox = [];
  draft = "";
  /** account id -> when to stop showing that it types. */
  readonly typing = new Map<string, number>();
  readonly online = new Set<string>();
  joined = false;
  loadingOlder = false;
  /** Where the unread separator stands: the reader's mark when the conversation was opened. */
  unreadAfter: number | null = null;
  /** Set when a conversation could not be opened. */
  error: Failure | null = null;

  private readonly listeners = new Set<() => void>();
  private joining = false;
  /** Nothing is older than what is here, though seq does not begin at 1: it has been erased. */
  private atStart = false;
  private wake: ReturnType<typeof setTimeout> | undefined;
  private beginning: Promise<Result<Conversation>> | null = null;
  private typedAt = 0;
  private readSent = 0;
  /** How often the conversation's texts were redacted again, as far as what is here shows it; null: nothing is here. */
  private corrections: number | null = null;

  constructor(
    public conversation: Conversation | null,
    readonly sources: RoomSources,
  ) {
    if (conversation) this.adopt(conversation);
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  get messages(): readonly Message[] {
    return visibleMessages(this.timeline);
  }

  get hasOlder(): boolean {
    return !this.atStart && this.timeline.messages.length > 0 && firstSeq(this.timeline) > 1;
  }

  get unsent(): number {
    return unsentCount(this.outbox);
  }

  /** Everything written here that the server does not have, for keeping when the room must go. */
  unsentText(): string {
    const unsent = this.outbox.filter((item) => item.state !== "held").map((item) => item.text);
    return [...unsent, this.draft].filter(Boolean).join("\n\n");
  }

  /** Whether closing the page now would lose words worth asking about. */
  get losesWords(): boolean {
    return this.unsent > 0 || this.draft.trim().length >= LONG_DRAFT;
  }

  get unread(): number {
    const mark = this.timeline.readMarks[this.sources.me] ?? 0;
    return this.messages.filter((message) => message.seq > mark && message.author.id !== this.sources.me).length;
  }

  /** New facts about the conversation itself. */
  adopt(conversation: Conversation): void {
    this.conversation = conversation;
    for (const [id, seq] of Object.entries(conversation.read_marks)) this.timeline = markedRead(this.timeline, id, seq);
    this.changed();
  }

  /** The reader looks at it from now on: fixes the unread separator, joins, replays. */
  open(): void {
    const mark = this.timeline.readMarks[this.sources.me] ?? 0;
    // What came in live is known before the conversation's own record tells of it.
    const last = Math.max(this.conversation?.last_seq ?? 0, this.timeline.verifiedTo);
    this.unreadAfter = mark < last ? mark : null;
    void this.join();
  }

  /** Joins, or asks again for what is missing; a page after the other until nothing is. */
  async join(): Promise<void> {
    const { conversation } = this;
    if (!conversation || this.joining || this.sources.connection.state !== "online") return;
    this.joining = true;
    try {
      for (;;) {
        const known = this.timeline.verifiedTo;
        const after = known > 0 ? known : Math.max(0, conversation.last_seq - PAGE);
        if (known === 0) this.timeline = { ...this.timeline, verifiedTo: after };
        const answer = await this.sources.connection.call("chat:join", {
          conversation_id: conversation.id,
          after_seq: after,
        });
        if (!answer.ok) {
          if (answer.error.code !== "network") this.fail(answer.error);
          return;
        }
        this.error = null;
        this.joined = true;
        if (this.corrections !== null && this.corrections !== answer.data.corrections) {
          // Texts that are here were redacted again meanwhile: nothing of what they were is kept.
          this.timeline = { ...EMPTY_TIMELINE, readMarks: this.timeline.readMarks };
          this.corrections = null;
          continue;
        }
        this.corrections = answer.data.corrections;
        this.timeline = replayed(this.timeline, answer.data);
        this.online.clear();
        for (const id of answer.data.online) if (id !== this.sources.me) this.online.add(id);
        this.settleOwn(answer.data.messages);
        this.changed();
        // A page that brings nothing new would be asked for for ever.
        if (!(answer.data.has_more && this.timeline.verifiedTo > after)) return;
      }
    } finally {
      this.joining = false;
      void this.flush();
    }
  }

  /** The connection is back: replay first, then send what waits. */
  resume(): void {
    this.outbox = reconnected(this.outbox);
    this.typing.clear();
    this.online.clear();
    this.changed();
    if (this.conversation) void this.join();
    else void this.flush();
  }

  send(text: string): void {
    this.outbox = enqueued(this.outbox, newMessageId(), text, Date.now());
    this.unreadAfter = null;
    this.typedAt = 0;
    this.changed();
    void this.flush();
  }

  retry(id: string): void {
    this.outbox = retried(this.outbox, id);
    this.changed();
    this.sources.connection.reconnect();
    void this.flush();
  }

  /** Takes an unsent text out of the outbox, to be written anew; null while it is on its way. */
  takeBack(id: string): string | null {
    const item = this.outbox.find((entry) => entry.id === id);
    if (!item || item.state === "sending") return null;
    this.outbox = accepted(this.outbox, id);
    this.changed();
    return item.text;
  }

  setDraft(text: string): void {
    this.draft = text;
    this.changed();
  }

  /** The writer is typing (or has stopped): told to the others at most every few seconds. */
  setTyping(typing: boolean): void {
    const now = Date.now();
    if (!this.joined || !this.conversation) return;
    if (typing ? now - this.typedAt < TYPING_EVERY_MS : this.typedAt === 0) return;
    this.typedAt = typing ? now : 0;
    void this.sources.connection.call("chat:typing", { conversation_id: this.conversation.id, typing });
  }

  /** Everything shown has been seen. */
  markRead(): void {
    const seq = this.timeline.verifiedTo;
    const mark = Math.max(this.readSent, this.timeline.readMarks[this.sources.me] ?? 0);
    if (!this.conversation || !this.joined || seq <= mark) return;
    this.readSent = seq;
    this.timeline = markedRead(this.timeline, this.sources.me, seq);
    this.changed();
    void this.sources.connection.call("chat:read", { conversation_id: this.conversation.id, seq }).then((answer) => {
      if (!answer.ok) this.readSent = 0;
    });
  }

  async loadOlder(): Promise<void> {
    if (!this.conversation || !this.hasOlder || this.loadingOlder) return;
    this.loadingOlder = true;
    this.changed();
    const { corrections } = this;
    const answer = await this.sources.api.messagesBefore(this.conversation.id, firstSeq(this.timeline), PAGE);
    this.loadingOlder = false;
    // A page that was on its way while something was hidden may still show it: asked for again when it is wanted again.
    if (answer.ok && corrections === this.corrections) {
      this.atStart = answer.data.items.length === 0;
      this.timeline = olderLoaded(this.timeline, answer.data.items);
    }
    this.changed();
  }

  /** An event of the server; those of other conversations are passed over. */
  handle<E extends keyof ServerEvents>(event: E, data: ServerEvents[E]): void {
    const id = this.conversation?.id;
    if (!id) return;
    if (event === "chat:message") {
      const { message } = data as ServerEvents["chat:message"];
      if (message.conversation_id === id) this.onMessage(message);
    } else if (event === "chat:corrected") {
      const news = data as ServerEvents["chat:corrected"];
      if (news.message.conversation_id === id) this.take(news.message, news.corrections);
    } else if (event === "chat:read") {
      const read = data as ServerEvents["chat:read"];
      if (read.conversation_id !== id) return;
      this.timeline = markedRead(this.timeline, read.account_id, read.seq);
      this.changed();
    } else if (event === "chat:typing") {
      const typing = data as ServerEvents["chat:typing"];
      if (typing.conversation_id === id && typing.account_id !== this.sources.me) this.onTyping(typing);
    } else if (event === "chat:updated") {
      const { conversation } = data as ServerEvents["chat:updated"];
      if (conversation.id === id) this.adopt(conversation);
    } else if (event === "presence") {
      const presence = data as ServerEvents["presence"];
      if (presence.conversation_id !== id || presence.account_id === this.sources.me) return;
      if (presence.online) this.online.add(presence.account_id);
      else this.online.delete(presence.account_id);
      this.changed();
    }
  }

  /** A message that was redacted again takes the place of what it was. */
  take(message: Message, corrections: number | null): void {
    this.timeline = corrected(this.timeline, message);
    this.changed();
    if (corrections === null) return;
    const missed = (this.corrections ?? -1) + 1 !== corrections;
    // With a number that fits nothing, joining begins anew.
    this.corrections = missed ? -1 : corrections;
    if (missed) void this.join();
  }

  private onMessage(message: Message): void {
    this.timeline = received(this.timeline, message);
    this.settleOwn([message]);
    this.typing.delete(message.author.id);
    this.changed();
    if (hasGap(this.timeline) && this.joined) void this.join();
  }

  private onTyping(typing: ServerEvents["chat:typing"]): void {
    if (!typing.typing) this.typing.delete(typing.account_id);
    else {
      this.typing.set(typing.account_id, Date.now() + TYPING_FORGOTTEN_MS);
      setTimeout(() => {
        if ((this.typing.get(typing.account_id) ?? Infinity) <= Date.now()) {
          this.typing.delete(typing.account_id);
          this.changed();
        }
      }, TYPING_FORGOTTEN_MS + 20);
    }
    this.changed();
  }

  /** Own messages that came back by event or replay are no longer unsent, whatever became of their acknowledgement. */
  private settleOwn(messages: readonly Message[]): void {
    for (const message of messages) {
      if (message.author.id === this.sources.me) this.outbox = accepted(this.outbox, message.client_message_id);
    }
  }

  private async flush(): Promise<void> {
    clearTimeout(this.wake);
    if (this.sources.connection.state !== "online" || this.joining) return;
    const item = nextToSend(this.outbox, Date.now());
    if (!item) return this.sleep();
    this.outbox = sending(this.outbox, item.id);
    this.changed();
    const sent = await this.deliver(item.id, item.text);
    if (sent.ok) {
      this.timeline = received(this.timeline, sent.data.message);
      this.outbox = accepted(this.outbox, item.id);
      if (hasGap(this.timeline)) void this.join();
    } else {
      this.outbox = refused(this.outbox, item.id, sent.error, Date.now());
      this.sources.onFailure?.(sent.error);
    }
    this.changed();
    if (sent.ok || sent.error.code !== "network") void this.flush();
    // After a lost connection `resume` goes on; a lost request alone is tried again from here.
    else if (this.sources.connection.state === "online") this.wake = setTimeout(() => void this.flush(), LOST_REQUEST_MS);
  }

  private async deliver(id: string, text: string): Promise<Result<{ message: Message }>> {
    if (!this.conversation) {
      // Kept while under way: a reconnect in between must not begin a second conversation.
      this.beginning ??= this.sources.begin?.() ?? Promise.resolve(failure("not_found"));
      const begun = await this.beginning;
      this.beginning = null;
      if (!begun.ok) return begun;
      this.adopt(begun.data);
      await this.join();
    }
    const conversation_id = this.conversation?.id ?? "";
    return this.sources.connection.call("chat:send", { conversation_id, client_message_id: id, text });
  }

  /** Wakes up for the next automatic attempt. */
  private sleep(): void {
    const wait = nextAttemptIn(this.outbox, Date.now());
    if (wait !== null) this.wake = setTimeout(() => void this.flush(), wait + 10);
  }

  private fail(error: Failure): void {
    this.error = error;
    this.changed();
    this.sources.onFailure?.(error);
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}
