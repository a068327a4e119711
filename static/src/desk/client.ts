// The desk's state: who is signed in, all conversations they may see, the open one. No views here.
import { Api } from "../shared/api";
import { FactorApi } from "../shared/factors";
import { Http } from "../shared/http";
import { isTransient, type Failure, type Result } from "../shared/result";
import { Room } from "../shared/room";
import { Connection } from "../shared/socket";
import type { Account, Conversation } from "../shared/wire";
import type { BreakGlassOut, CaseReply, NewBreakGlass, NoteOut, NotificationNews } from "../shared/wire";
import type { MessageKey, Params } from "../shared/i18n";
import { DeskApi } from "./desk-api";
import { Inbox } from "./inbox";
import type { Case } from "./model";
import { Notes } from "./notes";
import { Office } from "./office";
import { isReadable, withUnread, type Chosen } from "./queue";
import { SiteApi } from "./site-api";
import { StaffApi } from "./staff-api";

export type Phase = "loading" | "stuck" | "signed_out" | "owing" | "ready";
export type Change = "assign" | "release" | "close" | "reopen" | "given" | "brought_in" | "let_go";

/** What was done just now: said aloud, shown for a while, and taken back from there where that can be. */
export interface Notice {
  words: MessageKey;
  params?: Params;
  undo?: { words: MessageKey; run: () => void };
}

const DONE: Record<Change, MessageKey> = {
  assign: "desk.assigned_toast",
  release: "desk.released_toast",
  close: "desk.closed_toast",
  reopen: "desk.reopened_toast",
  given: "desk.given_toast",
  brought_in: "desk.brought_in_toast",
  let_go: "desk.let_go_toast",
};
/** Notices that are about a conversation: these are told where agents look elsewhere too. */
const NEWS = { case_due: "case_due", case_late: "case_late", case_given: "case_given" } as const;
export type News = "message" | "queue" | keyof typeof NEWS;

const RETRY_START_MS = 5_000;

export class DeskClient {
  phase: Phase = "loading";
  account: Account | null = null;
  readonly rooms = new Map<string, Room>();
  openId: string | null = null;
  error: Failure | null = null;
  notice: Notice | null = null;
  /** Unsent words by conversation, from rooms that had to go; for the person who wrote them only. */
  private readonly keptWords = new Map<string, string>();
  /** Notes that are being written, by conversation; in memory only, like every draft. */
  readonly noteDrafts = new Map<string, string>();
  private keptFor = "";

  /** What this person reads by way of exception, by conversation. */
  readonly glass = new Map<string, BreakGlassOut>();
  /** How many notices came in since signing in. */
  notices = 0;
  /** What was opened by way of exception, as the latest notice of it says. */
  glassTold: string | null = null;

  readonly api = new Api(new Http());
  readonly staff = new StaffApi(new Http());
  readonly sites = new SiteApi(new Http());
  readonly desk = new DeskApi(new Http());
  readonly factors = new FactorApi(new Http());
  readonly connection = new Connection(() => null);
  readonly inbox = new Inbox(this.desk, this.api);
  readonly office = new Office(this.desk, () => this.changed());
  readonly notes = new Notes();
  /** Told when a customer of one's own has written, when a conversation begins to wait in the queue, and of a promise's end. */
  onNews: (kind: News, id: string) => void = () => undefined;
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
        const { notification } = data as NotificationNews;
        if (notification.object.type === "break_glass") this.glassTold = notification.object.id;
        if (notification.kind in NEWS) this.onNews(NEWS[notification.kind as keyof typeof NEWS], notification.object.id);
        this.changed();
      }
      if (event === "desk:case") this.learnCase((data as { case: Case }).case);
      if (event === "desk:counts") {
        this.inbox.counts = (data as { counts: Record<string, number> }).counts;
        this.changed();
      }
      if (event === "desk:note") {
        this.notes.learn((data as { note: NoteOut }).note);
        this.changed();
      }
      for (const room of this.rooms.values()) room.handle(event, data);
    });
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  get conversations(): ReadonlyMap<string, Conversation> {
    return this.inbox.conversations;
  }

  get me(): string {
    return this.account?.id ?? "";
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
    return this.noteDrafts.size > 0 || [...this.rooms.values()].some((room) => room.losesWords);
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
    this.forgetWords();
  }

  private forgetWords(): void {
    this.keptWords.clear();
    this.noteDrafts.clear();
  }

  /** The conversation on view, null for none. Its room is kept: the draft and what is unsent stay with it. */
  view(id: string | null): void {
    this.openId = id;
    if (id) void this.openRoom(id);
    this.changed();
  }

  async change(id: string, change: "assign" | "release" | "close" | "reopen"): Promise<void> {
    const calls = {
      assign: () => this.desk.assign(id, this.account?.id ?? ""),
      release: () => this.staff.release(id),
      close: () => this.desk.close(id),
      reopen: () => this.desk.reopen(id),
    };
    const answer = await calls[change]();
    if (change === "assign" && !answer.ok && (await this.tookBefore(id))) return;
    this.take(id, change, answer);
  }

  /** Says who was faster, where a colleague has taken in the same moment what is asked for. */
  private async tookBefore(id: string): Promise<boolean> {
    const now = await this.api.conversation(id);
    const holder = now.ok ? now.data.conversation.assignee : null;
    if (!now.ok || !holder || holder.id === this.me) return false;
    this.learn(now.data.conversation);
    this.say(now, { words: "desk.taken_before", params: { name: holder.display_name } });
    return true;
  }

  /** Gives a conversation to a colleague, or brings one in. */
  async hand(id: string, action: "assign" | "bring_in", agentId: string): Promise<Result<unknown>> {
    const answer = action === "assign" ? await this.desk.assign(id, agentId) : await this.staff.bringIn(id, agentId);
    if (answer.ok) this.take(id, action === "assign" ? "given" : "brought_in", answer);
    return answer;
  }

  /** Gives a conversation to a colleague, or back to the queue, with a note for whoever has it next. */
  async transfer(id: string, agentId: string, note: string): Promise<Result<unknown>> {
    const answer = await this.desk.transfer(id, agentId, note);
    if (answer.ok) this.takeCase(answer, { words: DONE[agentId === "queue" ? "release" : "given"] });
    return answer;
  }

  /** A note for colleagues; its words are kept by the writer's field until the server has them. */
  async addNote(id: string, text: string): Promise<Result<unknown>> {
    const answer = await this.desk.addNote(id, text);
    if (answer.ok) this.notes.learn(answer.data.note);
    this.say(answer, null);
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
    if (answer.ok) this.learn(answer.data.conversation);
    const undo = change === "close" && { words: "desk.reopen" as const, run: () => void this.change(id, "reopen") };
    this.say(answer, { words: DONE[change], ...(undo ? { undo } : {}) });
  }

  /** What came of it is said; of a refusal why. */
  say(answer: Result<unknown>, notice: Notice | null): void {
    this.error = answer.ok ? null : answer.error;
    this.notice = answer.ok ? notice : null;
    this.changed();
  }

  /** Changes what the desk keeps beside a conversation. */
  takeCase(answer: Result<CaseReply>, notice: Notice | null): void {
    if (answer.ok) {
      this.inbox.learnCase(answer.data.item.case);
      this.learn(answer.data.item.conversation);
    }
    this.say(answer, notice);
  }

  dismissNotice(): void {
    this.notice = null;
    this.error = null;
    this.changed();
  }

  /** Another view, or the same one narrowed or in another order. */
  async choose(change: Partial<Chosen>): Promise<void> {
    this.inbox.choose(change);
    this.changed();
    await this.loadMore();
  }

  toggle(id: string): void {
    this.inbox.toggle(id);
    this.changed();
  }

  /** The next page of the view. */
  async loadMore(): Promise<void> {
    const error = await this.inbox.loadMore();
    if (error?.code === "not_authenticated") return this.signedOut();
    if (error) this.error = error;
    this.changed();
  }

  private async signedIn(account: Account): Promise<void> {
    if (this.keptFor !== account.id) this.forgetWords();
    this.keptFor = account.id;
    this.account = account;
    this.error = null;
    this.error = await this.inbox.loadViews();
    await this.loadMore();
    if (this.account === null) return;
    const mine = await this.staff.myGlass();
    for (const item of mine.ok ? mine.data.items : []) this.glass.set(item.conversation_id, item);
    if (!this.inbox.plain) void this.office.load();
    this.enter("ready");
    this.connection.connect();
    if (this.openId) this.view(this.openId);
  }

  /** Nothing that was read stays in memory once the session is over; what the person has written themselves does. */
  private signedOut(): void {
    this.connection.stop();
    for (const id of this.rooms.keys()) this.dropRoom(id);
    this.account = null;
    this.inbox.forgetAll();
    this.office.forget();
    this.notes.clear();
    this.glass.clear();
    this.notice = null;
    this.enter("signed_out");
  }

  private async openRoom(id: string): Promise<void> {
    if (!this.account) return;
    let conversation = this.conversations.get(id);
    if (!conversation) {
      const answer = await this.api.conversation(id);
      // What was told meanwhile is newer than what was asked for before it.
      conversation = this.conversations.get(id) ?? (answer.ok ? answer.data.conversation : undefined);
      if (!conversation) return;
      this.inbox.learn(conversation);
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
    if (!this.inbox.plain) void this.readBeside(id);
  }

  /** What the desk keeps beside a conversation that is opened: its case, where the list did not bring it, and the notes. */
  private async readBeside(id: string): Promise<void> {
    this.notes.ask(id);
    const [item, notes] = await Promise.all([
      this.inbox.cases.has(id) ? null : this.desk.case(id),
      this.desk.notes(id),
    ]);
    if (item?.ok && !this.inbox.cases.has(id)) this.inbox.learnCase(item.data.item.case);
    if (notes.ok && this.rooms.has(id)) this.notes.put(id, notes.data.items);
    this.changed();
  }

  /** Back on line: whatever changed meanwhile is learned anew, the open conversation replayed. */
  private async resume(): Promise<void> {
    for (const [id, room] of this.rooms) if (id === this.openId || room.unsent > 0) room.resume();
    const error = await this.inbox.reload(() => this.openId);
    if (error?.code === "not_authenticated") return this.signedOut();
    for (const conversation of [...this.conversations.values()]) this.learn(conversation);
    if (this.openId && this.rooms.has(this.openId) && !this.inbox.plain) void this.readBeside(this.openId);
    this.changed();
  }

  /** A conversation that may not be read any more (or not now): only one's own unsent words are kept. */
  private dropRoom(id: string): void {
    this.rooms.get(id)?.uploads?.close();
    const words = this.rooms.get(id)?.unsentText();
    if (words) this.keptWords.set(id, words);
    this.rooms.delete(id);
    this.notes.forget(id);
  }

  /** What has been read in an open room counts at once, before the server tells. */
  private noteRead(room: Room): void {
    const me = this.account?.id ?? "";
    const known = this.conversations.get(room.conversation?.id ?? "");
    const mark = room.timeline.readMarks[me] ?? 0;
    if (known && mark > (known.read_marks[me] ?? 0)) {
      this.inbox.learn(withUnread({ ...known, read_marks: { ...known.read_marks, [me]: mark } }, me));
    }
    this.changed();
  }

  learn(news: Conversation): void {
    const conversation = withUnread(news, this.me);
    const before = this.conversations.get(conversation.id);
    // The customer has written: to me or, while nobody has it, to all of us. A row of the queue does not tell how many
    // messages there are.
    if (conversation.waiting_since) {
      if (conversation.assignee === null && !before?.waiting_since) this.onNews("queue", conversation.id);
      else if (conversation.assignee?.id === this.me && conversation.last_seq > (before?.last_seq ?? 0)) {
        this.onNews("message", conversation.id);
      }
    }
    this.inbox.learn(conversation);
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
      const row = { ...conversation, access: "row" as const, customer: null, participants: [], read_marks: {}, unread: null };
      this.inbox.learn(row);
    } else this.inbox.forget(id);
    this.inbox.selected.delete(id);
    this.changed();
  }

  private learnCase(item: Case): void {
    this.inbox.learnCase(item);
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
