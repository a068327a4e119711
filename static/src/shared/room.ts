// One conversation as it lives in the client: joins, replays, sends (`sending`), keeps marks, typing, presence and the
// draft. Knows nothing of the page; the views subscribe to it.
import type { Api } from "./api";
import type { Uploads } from "./attaching/uploads";
import type { Extras, Outbox } from "./outbox";
import type { Failure, Result } from "./result";
import { newMessageId, Sending } from "./sending";
import type { Taken, Waiting } from "./shelf";
import type { Connection, ServerEvents } from "./socket";
import {
  changed, delivered, EMPTY_TIMELINE, firstSeq, hasGap, markedRead, olderLoaded, received, replayed, visibleMessages,
  type Timeline,
} from "./timeline"; // prettier-ignore
import type { Conversation, Message } from "./wire";

const PAGE = 50;
const TYPING_EVERY_MS = 3_000;
const TYPING_FORGOTTEN_MS = 6_000;
const DELIVERED_AFTER_MS = 1_000;
const LONG_DRAFT = 40;

/** Where a room's unsent messages outlive the page; shared with other tabs. */
export interface RoomShelf {
  /** False where they do not. */
  put(item: Omit<Waiting, "owner">): Promise<boolean>;
  drop(id: string): void;
  begun(thread: string, conversation: string): Promise<unknown>;
  /** Does the work while nobody else sends, unless the item does not wait any more: null. `known`: begun elsewhere. */
  inTurn<T>(id: string, work: (known: string | null) => Promise<T>): Promise<T | null>;
  /** It could not be sent in its turn, and waits again. */
  release(id: string): void;
  /** Has it back, unless somebody sends it just now. */
  take(id: string): Promise<Taken>;
  /** Sending failed for want of a connection: others may go on once this page is closed. */
  stuck(): void;
}

export interface RoomSources {
  connection: Pick<Connection, "state" | "call" | "reconnect"> & Partial<Pick<Connection, "onEvent">>;
  api: Api;
  /** Account id of the reader. */
  me: string;
  /**
   * Makes or finds the conversation when the first message is written; absent where it must exist already. `known` is
   * the id of the one that another tab has begun for the same words.
   */
  begin?: (known: string | null) => Promise<Result<Conversation>>;
  /** Absent where words live as long as the page. */
  shelf?: RoomShelf;
  /** The first words of a room without a conversation were sent from another tab; `lost`: their client_message_id. */
  sentElsewhere?: (room: Room, lost: string) => void;
  onFailure?: (error: Failure) => void;
}

export class Room {
  timeline: Timeline = EMPTY_TIMELINE;
  draft = "";
  /** account id -> when to stop showing that it types. */
  readonly typing = new Map<string, number>();
  readonly online = new Set<string>();
  joined = false;
  loadingOlder = false;
  /** What the next message answers, or which message is being written anew; never both. */
  answering: Message | null = null;
  editing: Message | null = null;
  /** Files for the next message; null until the first was chosen. Theirs is the room, whatever is on view. */
  uploads: Uploads | null = null;
  /** Files were chosen, and what uploads them is being fetched: whether it could be. */
  coming: Promise<boolean> | null = null;
  /** Where the unread separator stands: the reader's mark when the conversation was opened. */
  unreadAfter: number | null = null;
  /** Set when a conversation could not be opened. */
  error: Failure | null = null;

  /** What was being written when an old message was turned to: it comes back afterwards. */
  aside = "";
  /** Whether these words lie where they outlive the page; absent where none do. */
  keeps?: (words: string) => boolean;
  private readonly sending: Sending;
  private readonly listeners = new Set<() => void>();
  private joining = false;
  /** Nothing is older than what is here, though seq does not begin at 1: it has been erased. */
  private atStart = false;
  private typedAt = 0;
  private readSent = 0;
  private deliveredSent = 0;
  private telling: ReturnType<typeof setTimeout> | undefined;
  /** How often the conversation's texts were redacted again, as far as what is here shows it; null: nothing is here. */
  private corrections: number | null = null;
  /** Likewise how often messages were edited, deleted or reacted to. */
  private changes: number | null = null;

  constructor(
    public conversation: Conversation | null,
    readonly sources: RoomSources,
  ) {
    // What sending may do here, and no more of the room.
    const room = this;
    this.sending = new Sending(
      {
        sources,
        get conversation() {
          return room.conversation;
        },
        get messages() {
          return room.messages;
        },
        get ready() {
          return !room.joining;
        },
        begun: async (begun) => {
          this.adopt(begun);
          await this.join();
        },
        sent: (message) => {
          this.timeline = received(this.timeline, message);
          if (hasGap(this.timeline)) void this.join();
        },
        lookAgain: (lost) => (this.conversation ? void this.join() : sources.sentElsewhere?.(this, lost)),
        changed: () => this.changed(),
      },
      conversation?.id ?? `new-${newMessageId()}`,
    );
    if (conversation) this.adopt(conversation);
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  get messages(): readonly Message[] {
    return visibleMessages(this.timeline);
  }

  get outbox(): Outbox {
    return this.sending.outbox;
  }

  get hasOlder(): boolean {
    return !this.atStart && this.timeline.messages.length > 0 && firstSeq(this.timeline) > 1;
  }

  get unsent(): number {
    return this.sending.unsent;
  }

  get thread(): string {
    return this.sending.thread;
  }

  /** The words of this thread of the shelf are written here from now on. */
  set thread(thread: string) {
    this.sending.thread = thread;
  }

  get onShelf(): ReadonlySet<string> {
    return this.sending.onShelf;
  }

  /** Everything written here that the server does not have, for keeping when the room must go. */
  unsentText(): string {
    const unsent = this.outbox.filter((item) => item.state !== "held").map((item) => item.text);
    return [...unsent, this.aside, this.draft].filter(Boolean).join("\n\n");
  }

  /** Whether closing the page now would lose words worth asking about. */
  get losesWords(): boolean {
    const words = this.aside + this.draft;
    return !this.sending.isKept || (this.uploads?.isAwaited ?? false) || (words.trim().length >= LONG_DRAFT && !this.keeps?.(words));
  }

  get unread(): number {
    const mark = this.timeline.readMarks[this.sources.me] ?? 0;
    return this.messages.filter((message) => message.seq > mark && message.author.id !== this.sources.me).length;
  }

  /** New facts about the conversation itself. */
  adopt(conversation: Conversation): void {
    this.conversation = conversation;
    for (const [id, seq] of Object.entries(conversation.read_marks)) this.timeline = markedRead(this.timeline, id, seq);
    for (const [id, seq] of Object.entries(conversation.delivered_marks)) this.timeline = delivered(this.timeline, id, seq);
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
          changes: this.changes,
        });
        if (!answer.ok) {
          if (answer.error.code !== "network") this.fail(answer.error);
          return;
        }
        this.error = null;
        this.joined = true;
        const { corrections, changes, changed: news } = answer.data;
        const redactedAnew = this.corrections !== null && this.corrections !== corrections;
        if (redactedAnew || (this.changes !== null && this.changes !== changes && news === null)) {
          // Texts that are here are others meanwhile: nothing of what they were is kept.
          this.timeline = { ...EMPTY_TIMELINE, readMarks: this.timeline.readMarks, deliveredMarks: this.timeline.deliveredMarks };
          this.corrections = this.changes = null;
          continue;
        }
        this.corrections = corrections;
        this.changes = changes;
        for (const message of news ?? []) this.timeline = changed(this.timeline, message);
        this.timeline = replayed(this.timeline, answer.data);
        this.online.clear();
        for (const id of answer.data.online) if (id !== this.sources.me) this.online.add(id);
        this.settleOwn(answer.data.messages);
        this.tellDelivered();
        this.changed();
        // A page that brings nothing new would be asked for for ever.
        if (!(answer.data.has_more && this.timeline.verifiedTo > after)) return;
      }
    } finally {
      this.joining = false;
      void this.sending.flush();
    }
  }

  /** The connection is back: replay first, then send what waits. */
  resume(): void {
    this.sending.reconnected();
    this.uploads?.resume();
    this.typing.clear();
    this.online.clear();
    this.deliveredSent = 0;
    this.changed();
    if (this.conversation) void this.join();
    else void this.sending.flush();
  }

  send(text: string, extras: Extras = {}): void {
    this.unreadAfter = null;
    this.typedAt = 0;
    this.sending.send(text, extras);
  }

  retry(id: string): void {
    this.sending.retry(id);
  }

  /** Takes an unsent text out of the outbox, to be written anew; null when it is on its way, or has gone. */
  async takeBack(id: string): Promise<string | null> {
    return (await this.sending.takeBack(id))?.text ?? null;
  }

  /** What waits on the shelf; says whether something of this room had been sent or taken back elsewhere. */
  takeUp(waiting: readonly Waiting[], knownBefore: ReadonlySet<string>): boolean {
    return this.sending.takeUp(waiting, knownBefore);
  }

  setDraft(text: string): void {
    this.draft = text;
    this.changed();
  }

  /** Turns to a message: to answer it, or to write it anew; null: neither. */
  turnTo(answering: Message | null, editing: Message | null = null): void {
    // Words that wait for their files are not those of an edit.
    if (editing) this.uploads?.keepBack();
    if (this.editing) {
      const changed = this.draft === this.editing.text ? "" : this.draft;
      this.draft = [this.aside, changed].filter(Boolean).join("\n");
      this.aside = "";
    }
    this.answering = answering;
    this.editing = editing;
    if (editing) [this.aside, this.draft] = [this.draft, editing.text];
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
    const { corrections, changes } = this;
    const answer = await this.sources.api.messagesBefore(this.conversation.id, firstSeq(this.timeline), PAGE);
    this.loadingOlder = false;
    // A page that was on its way while something was hidden may still show it: asked for again when it is wanted again.
    if (answer.ok && corrections === this.corrections && changes === this.changes) {
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
    } else if (event === "chat:changed") {
      const news = data as ServerEvents["chat:changed"];
      if (news.message.conversation_id === id) this.takeChange(news.message, news.changes);
    } else if (event === "chat:read" || event === "chat:delivered") {
      const mark = data as ServerEvents["chat:read"];
      if (mark.conversation_id !== id) return;
      this.timeline = (event === "chat:read" ? markedRead : delivered)(this.timeline, mark.account_id, mark.seq);
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
    this.timeline = changed(this.timeline, message);
    this.changed();
    if (corrections === null) return;
    const missed = (this.corrections ?? -1) + 1 !== corrections;
    // With a number that fits nothing, joining begins anew.
    this.corrections = missed ? -1 : corrections;
    if (missed) void this.join();
  }

  /** A message that was edited, deleted or reacted to; `changes` null for the answer to one's own request. */
  takeChange(message: Message, changes: number | null): void {
    this.timeline = changed(this.timeline, message);
    this.changed();
    if (changes === null || this.changes === null) return;
    if (changes === this.changes + 1) this.changes = changes;
    else if (changes > this.changes) void this.join();
  }

  private onMessage(message: Message): void {
    this.timeline = received(this.timeline, message);
    this.settleOwn([message]);
    this.typing.delete(message.author.id);
    this.tellDelivered();
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
      if (message.author.id === this.sources.me) this.sending.settle(message.client_message_id);
    }
  }

  /** Others' messages have come to this device; told once for several. Who has read them need not be told twice. */
  private tellDelivered(): void {
    clearTimeout(this.telling);
    this.telling = setTimeout(() => {
      const { me, connection } = this.sources;
      const last = this.messages.findLast((message) => message.author.id !== me)?.seq ?? 0;
      const told = Math.max(this.deliveredSent, this.timeline.readMarks[me] ?? 0, this.timeline.deliveredMarks[me] ?? 0);
      if (!this.conversation || last <= told || connection.state !== "online") return;
      this.deliveredSent = last;
      void connection.call("chat:delivered", { conversation_id: this.conversation.id, seq: last });
    }, DELIVERED_AFTER_MS);
  }

  private fail(error: Failure): void {
    this.error = error;
    this.changed();
    this.sources.onFailure?.(error);
  }

  /** Draws again what shows the room. */
  changed(): void {
    for (const listener of this.listeners) listener();
  }
}
