// The desk's state: who is signed in, all conversations they may see, the open one. No views here.
import { Api } from "../shared/api";
import { FactorApi } from "../shared/factors";
import { Http } from "../shared/http";
import { isTransient, type Failure, type Result } from "../shared/result";
import { Room } from "../shared/room";
import { Connection } from "../shared/socket";
import type { Account, Conversation } from "../shared/wire";
import type { BreakGlassOut, NewBreakGlass } from "../shared/wire";
import { isReadable, withUnread, type Filter } from "./queue";
import { StaffApi } from "./staff-api";

export type Phase = "loading" | "stuck" | "signed_out" | "owing" | "ready";
export type Change = "assign" | "release" | "close" | "reopen" | "given" | "brought_in" | "let_go";

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

  /** What this person reads by way of exception, by conversation. */
  readonly glass = new Map<string, BreakGlassOut>();
  /** How many notices came in since signing in. */
  notices = 0;

  readonly api = new Api(new Http());
  readonly staff = new StaffApi(new Http());
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
      if (event === "chat:left") this.forget((data as { conversation_id: string }).conversation_id);
      if (event === "notify:new") {
        this.notices += 1;
        this.changed();
      }
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

  async change(id: string, change: "assign" | "release" | "close" | "reopen"): Promise<void> {
    const calls = {
      assign: () => this.api.assign(id, this.account?.id ?? ""),
      release: () => this.staff.release(id),
      close: () => this.api.close(id),
      reopen: () => this.api.reopen(id),
    };
    this.take(id, change, await calls[change]());
  }

  /** Gives a conversation to a colleague, or brings one in. */
  async hand(id: string, action: "assign" | "bring_in", agentId: string): Promise<Result<unknown>> {
    const answer = action === "assign" ? await this.api.assign(id, agentId) : await this.staff.bringIn(id, agentId);
    if (answer.ok) this.take(id, action === "assign" ? "given" : "brought_in", answer);
    return answer;
  }

  async letGo(id: string, accountId: string): Promise<void> {
    this.take(id, "let_go", await this.staff.letGo(id, accountId));
  }

  /** Opens a conversation by way of exception; it is told to its person and to the privacy officers. */
  async breakGlass(id: string, body: NewBreakGlass): Promise<Result<unknown>> {
    const answer = await this.staff.breakGlass(id, body);
    if (!answer.ok) return answer;
    this.glass.set(id, answer.data.break_glass);
    const fresh = await this.api.conversation(id);
    if (fresh.ok) this.learn(fresh.data.conversation);
    this.changed();
    return answer;
  }

  async endGlass(glassId: string): Promise<void> {
    const answer = await this.staff.endGlass(glassId);
    this.error = answer.ok ? null : answer.error;
    if (answer.ok) this.forget(answer.data.break_glass.conversation_id);
    this.changed();
  }

  private take(id: string, change: Change, answer: Result<{ conversation: Conversation }>): void {
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
    const mine = await this.staff.myGlass();
    for (const item of mine.ok ? mine.data.items : []) this.glass.set(item.conversation_id, item);
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
    this.glass.clear();
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
    if (!isReadable(conversation)) return this.dropRoom(id);
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
    if (conversation.access !== "reading") this.glass.delete(conversation.id);
    if (!isReadable(conversation)) this.dropRoom(conversation.id);
    else if (this.openId === conversation.id && !this.rooms.has(conversation.id)) void this.openRoom(conversation.id);
    this.changed();
  }

  /** It may not be read any more. Agents and administrators keep its row, which is told to them anew. */
  private forget(id: string): void {
    const conversation = this.conversations.get(id);
    this.glass.delete(id);
    this.dropRoom(id);
    const role = this.account?.role;
    if (conversation && (role === "agent" || role === "admin")) {
      this.conversations.set(id, { ...conversation, access: "row", customer: null, participants: [], read_marks: {}, unread: null });
    } else this.conversations.delete(id);
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
