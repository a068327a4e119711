// The desk's state: who is signed in, all conversations they may see, the open one. No views here.
import { Api } from "../shared/api";
import { FactorApi } from "../shared/factors";
import { Http } from "../shared/http";
import { isTransient, type Failure, type Result } from "../shared/result";
import { Room } from "../shared/room";
import { Connection } from "../shared/socket";
import type { Account, Conversation } from "../shared/wire";
import { accessTo, withUnread, type Filter } from "./queue";

export type Phase = "loading" | "stuck" | "signed_out" | "owing" | "ready";
export type Change = "assign" | "close" | "reopen";

const PAGE = 100;
const RETRY_START_MS = 5_000;

export class DeskClient {
  phase: Phase = "loading";
  account: Account | null = null;
  readonly conversations = new Map<string, Conversation>();
  readonly rooms = new Map<string, Room>();
  openId: string | null = null;
  error: Failure | null = null;
  /** What was last done, said aloud and shown for a while. */
  notice: { change: Change; id: string } | null = null;
  /** Where each list goes on, null at its end. */
  private readonly cursors: Record<"open" | "closed", string | null | undefined> = { open: undefined, closed: undefined };
  private loadingList = false;
  /** Unsent words by conversation, from rooms that had to go; for the person who wrote them only. */
  private readonly keptWords = new Map<string, string>();
  private keptFor = "";

  readonly api = new Api(new Http());
  readonly factors = new FactorApi(new Http());
  readonly connection = new Connection(() => null);
  private readonly listeners = new Set<() => void>();

  constructor() {
    this.connection.onState((state) => {
      if (state === "online") void this.resume();
      if (state === "refused") this.signedOut();
      this.changed();
    });
    this.connection.onEvent((event, data) => {
      if (event === "chat:updated") this.learn((data as { conversation: Conversation }).conversation);
      for (const room of this.rooms.values()) room.handle(event, data);
    });
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  get room(): Room | null {
    return this.openId ? (this.rooms.get(this.openId) ?? null) : null;
  }

  get unsent(): number {
    let count = 0;
    for (const room of this.rooms.values()) count += room.unsent;
    return count;
  }

  get losesWords(): boolean {
    return [...this.rooms.values()].some((room) => room.losesWords);
  }

  async start(): Promise<void> {
    const me = await this.api.me();
    if (me.ok) return this.signedIn(me.data.account);
    if (me.error.code === "not_authenticated") return this.signedOut();
    if (me.error.code === "second_factor_required") return this.enter("owing");
    this.error = me.error;
    this.enter("stuck");
    if (isTransient(me.error.code)) setTimeout(() => void (this.phase === "stuck" && this.start()), RETRY_START_MS);
  }

  async signIn(email: string, password: string, code: string): Promise<Result<unknown>> {
    return this.enterWith(await this.api.signIn(email, password, code));
  }

  async signInWithPasskey(credential: unknown): Promise<Result<unknown>> {
    return this.enterWith(await this.factors.passkeySignIn(credential));
  }

  /** Asks the server who is there, for a new session may be closed until a second factor is set up. */
  private async enterWith(answer: Result<unknown>): Promise<Result<unknown>> {
    if (answer.ok) await this.start();
    return answer;
  }

  async signOut(): Promise<void> {
    await this.api.signOut();
    this.signedOut();
    this.keptWords.clear();
  }

  /** The conversation on view, null for none. Its room is kept: the draft and what is unsent stay with it. */
  view(id: string | null): void {
    this.openId = id;
    if (id) void this.openRoom(id);
    this.changed();
  }

  async change(id: string, change: Change): Promise<void> {
    const answer =
      change === "assign"
        ? await this.api.assign(id, this.account?.id ?? "")
        : change === "close"
          ? await this.api.close(id)
          : await this.api.reopen(id);
    this.error = answer.ok ? null : answer.error;
    this.notice = answer.ok ? { change, id } : null;
    if (answer.ok) this.learn(answer.data.conversation);
    this.changed();
  }

  dismissNotice(): void {
    this.notice = null;
    this.error = null;
    this.changed();
  }

  hasMore(filter: Filter): boolean {
    return this.cursors[filter === "closed" ? "closed" : "open"] !== null;
  }

  /** The next page of the open or the closed ones. */
  async loadMore(filter: Filter): Promise<void> {
    const status = filter === "closed" ? "closed" : "open";
    const cursor = this.cursors[status];
    if (cursor === null || this.loadingList) return;
    this.loadingList = true;
    const answer = await this.api.conversations({ status, limit: PAGE, ...(cursor ? { cursor } : {}) });
    this.loadingList = false;
    if (answer.ok) {
      this.cursors[status] = answer.data.next_cursor;
      for (const conversation of answer.data.items) this.conversations.set(conversation.id, conversation);
    } else if (answer.error.code === "not_authenticated") return this.signedOut();
    else this.error = answer.error;
    this.changed();
  }

  private async signedIn(account: Account): Promise<void> {
    if (this.keptFor !== account.id) this.keptWords.clear();
    this.keptFor = account.id;
    this.account = account;
    this.error = null;
    this.cursors.open = this.cursors.closed = undefined;
    await this.loadMore("all");
    if (this.account === null) return;
    this.enter("ready");
    this.connection.connect();
    if (this.openId) this.view(this.openId);
  }

  /** Nothing that was read stays in memory once the session is over; what the person has written themselves does. */
  private signedOut(): void {
    this.connection.stop();
    for (const id of this.rooms.keys()) this.dropRoom(id);
    this.account = null;
    this.conversations.clear();
    this.notice = null;
    this.enter("signed_out");
  }

  private async openRoom(id: string): Promise<void> {
    if (!this.account) return;
    let conversation = this.conversations.get(id);
    if (!conversation) {
      const answer = await this.api.conversation(id);
      if (!answer.ok) return;
      conversation = answer.data.conversation;
      this.conversations.set(id, conversation);
      this.changed();
    }
    // Its content is another's: nothing is asked for that the server would refuse.
    if (accessTo(conversation, this.account) !== "open") return this.dropRoom(id);
    let room = this.rooms.get(id);
    if (!room) {
      room = new Room(conversation, { connection: this.connection, api: this.api, me: this.account.id });
      room.draft = this.keptWords.get(id) ?? "";
      this.keptWords.delete(id);
      this.rooms.set(id, room);
      const opened = room;
      opened.subscribe(() => this.noteRead(opened));
    }
    room.open();
  }

  /** Back on line: whatever changed meanwhile is learned anew, the open conversation replayed. */
  private async resume(): Promise<void> {
    for (const [id, room] of this.rooms) if (id === this.openId || room.unsent > 0) room.resume();
    const wanted = this.conversations.size;
    const knewClosed = this.cursors.closed !== undefined;
    const fresh: Conversation[] = [];
    let cursor: string | null = null;
    do {
      const answer: Awaited<ReturnType<Api["conversations"]>> = await this.api.conversations({
        status: "open",
        limit: PAGE,
        ...(cursor ? { cursor } : {}),
      });
      if (!answer.ok) return;
      fresh.push(...answer.data.items);
      cursor = answer.data.next_cursor;
    } while (cursor && fresh.length < wanted);
    const open = this.openId ? this.conversations.get(this.openId) : undefined;
    this.conversations.clear();
    if (open) this.conversations.set(open.id, open);
    this.cursors.open = cursor;
    this.cursors.closed = undefined;
    for (const conversation of fresh) this.learn(conversation);
    this.changed();
    if (knewClosed) await this.loadMore("closed");
  }

  /** A conversation that may not be read any more (or not now): only one's own unsent words are kept. */
  private dropRoom(id: string): void {
    const words = this.rooms.get(id)?.unsentText();
    if (words) this.keptWords.set(id, words);
    this.rooms.delete(id);
  }

  /** What has been read in an open room counts at once, before the server tells. */
  private noteRead(room: Room): void {
    const me = this.account?.id ?? "";
    const known = this.conversations.get(room.conversation?.id ?? "");
    const mark = room.timeline.readMarks[me] ?? 0;
    if (known && mark > (known.read_marks[me] ?? 0)) {
      this.conversations.set(known.id, withUnread({ ...known, read_marks: { ...known.read_marks, [me]: mark } }, me));
    }
    this.changed();
  }

  private learn(news: Conversation): void {
    const conversation = withUnread(news, this.account?.id ?? "");
    this.conversations.set(conversation.id, conversation);
    const access = this.account && accessTo(conversation, this.account);
    if (access !== "open") this.dropRoom(conversation.id);
    else if (this.openId === conversation.id && !this.rooms.has(conversation.id)) void this.openRoom(conversation.id);
    this.changed();
  }

  private enter(phase: Phase): void {
    this.phase = phase;
    this.changed();
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}
