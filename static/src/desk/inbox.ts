// The rows of the desk: which view is on, what of it is here, how many each view holds, what is ticked. No views here.
import type { Api } from "../shared/api";
import type { Failure, Result } from "../shared/result";
import type { CaseView, Conversation } from "../shared/wire";
import type { DeskApi } from "./desk-api";
import type { Case } from "./model";
import { belongs, listed, VIEWS, type Chosen, type Entry } from "./queue";

const PAGE = 50;
/** Without the desk's own lists (privacy officers, moderators): what the conversations' list can tell. */
const PLAIN = ["all", "mine", "queue", "closed"] as const;

type Page = Result<{ items: { conversation: Conversation; case?: Case }[]; next_cursor: string | null }>;

/** Under what a case is remembered beside its conversation, whose id it has. */
const caseMark = (id: string): string => `case ${id}`;

export class Inbox {
  readonly conversations = new Map<string, Conversation>();
  readonly cases = new Map<string, Case>();
  readonly selected = new Set<string>();
  /** With how many something is being done just now. */
  working = 0;
  views: CaseView[] = [];
  counts: Record<string, number> = {};
  chosen: Chosen = { view: "all", label: null, priority: null, sort: "waiting" };
  /** True where the desk's own lists may not be asked for. */
  plain = false;
  /** The page that is on its way, and of which choice. */
  private underWay: { key: string; answer: Promise<Failure | null> } | null = null;
  /** Where the list of each choice goes on, null at its end. */
  private readonly cursors = new Map<string, string | null>();
  /** What was learned while a page was on its way: the page was made before it, perhaps, and does not take its place. */
  private readonly meanwhile = new Set<string>();
  /** While everything is read anew: ids of what has come since. */
  private fresh: Set<string> | null = null;

  constructor(
    private readonly desk: DeskApi,
    private readonly api: Api,
  ) {}

  get loading(): boolean {
    return this.underWay !== null;
  }

  get isEmpty(): boolean {
    return this.conversations.size === 0;
  }

  get hasMore(): boolean {
    return this.cursors.get(this.key) !== null;
  }

  /** The views in the order of the sidebar; those that are built in are named by the client. */
  get keys(): string[] {
    if (this.plain) return [...PLAIN];
    const there = new Set(this.views.map((view) => view.id));
    return [...VIEWS.filter((view) => there.has(view)), ...this.views.filter((view) => !view.built_in).map((view) => view.id)];
  }

  saved(id: string): CaseView | undefined {
    return this.views.find((view) => view.id === id && !view.built_in);
  }

  entry(id: string): Entry | undefined {
    const conversation = this.conversations.get(id);
    return conversation && { conversation, case: this.cases.get(id) };
  }

  listed(me: string, now: number): Entry[] {
    return listed(this.entries(), this.chosen, this.saved(this.chosen.view)?.filter ?? null, me, now);
  }

  count(view: string, me: string, now: number): number {
    const told = this.counts[view];
    if (told !== undefined) return told;
    const all = { view, label: null, priority: null, sort: this.chosen.sort };
    return [...this.entries()].filter((entry) => belongs(entry, all, this.saved(view)?.filter ?? null, me, now)).length;
  }

  learn(conversation: Conversation): void {
    this.conversations.set(conversation.id, conversation);
    this.meanwhile.add(conversation.id);
    this.fresh?.add(conversation.id);
  }

  learnCase(item: Case): void {
    this.cases.set(item.id, item);
    this.meanwhile.add(caseMark(item.id));
  }

  forget(id: string): void {
    this.conversations.delete(id);
    this.meanwhile.add(id);
  }

  choose(change: Partial<Chosen>): void {
    this.chosen = { ...this.chosen, ...change };
    this.selected.clear();
  }

  toggle(id: string): void {
    if (!this.selected.delete(id)) this.selected.add(id);
  }

  /** Which views there are and how many each holds. */
  async loadViews(): Promise<Failure | null> {
    const answer = await this.desk.views();
    this.plain = !answer.ok && (answer.error.code === "not_permitted" || answer.error.code === "not_found");
    if (!answer.ok) return this.plain ? null : answer.error;
    this.views = answer.data.items;
    // What the server does not count is counted here, as far as it is here.
    for (const view of this.views) if (view.count !== null) this.counts[view.id] = view.count;
    if (!this.keys.includes(this.chosen.view)) this.chosen = { ...this.chosen, view: this.keys[0] ?? "queue" };
    return null;
  }

  /** The next page of what is chosen; after the one that is on its way, if that is another's. */
  async loadMore(): Promise<Failure | null> {
    while (this.underWay) {
      const { key, answer } = this.underWay;
      if (key === this.key) return answer;
      await answer;
    }
    const { key } = this;
    const cursor = this.cursors.get(key);
    if (cursor === null) return null;
    const answer = this.take(key, cursor);
    this.underWay = { key, answer };
    try {
      return await answer;
    } finally {
      this.underWay = null;
    }
  }

  private async take(key: string, cursor: string | undefined): Promise<Failure | null> {
    this.meanwhile.clear();
    const answer = await this.page(cursor);
    if (!answer.ok) return answer.error;
    this.cursors.set(key, answer.data.next_cursor);
    for (const item of answer.data.items) {
      this.fresh?.add(item.conversation.id);
      if (!this.meanwhile.has(item.conversation.id)) this.conversations.set(item.conversation.id, item.conversation);
      if (item.case && !this.meanwhile.has(caseMark(item.case.id))) this.cases.set(item.case.id, item.case);
    }
    return null;
  }

  /**
   * Everything anew, as far as it was here: what changed while there was no connection is not known otherwise. Until all of
   * it has come, what was here stays: rows that vanish for a moment lose presses, ticks and the place in the list.
   * `kept` says what is open, when it is asked: something may have been opened since this began.
   */
  async reload(kept: () => string | null): Promise<Failure | null> {
    const failed = await this.loadViews();
    if (failed) return failed;
    // One that is on its way may not be the first.
    while (this.underWay) await this.underWay.answer;
    const wanted = this.conversations.size;
    const fresh = new Set<string>();
    this.fresh = fresh;
    this.cursors.clear();
    do {
      const error = await this.loadMore();
      // Begun once more meanwhile, or signed out.
      if (this.fresh !== fresh) return null;
      if (error) {
        this.fresh = null;
        return error;
      }
    } while (this.hasMore && fresh.size < wanted);
    this.fresh = null;
    const open = kept();
    for (const id of [...this.conversations.keys()]) {
      if (fresh.has(id) || id === open) continue;
      this.conversations.delete(id);
      this.cases.delete(id);
      this.selected.delete(id);
    }
    return null;
  }

  forgetAll(): void {
    this.fresh = null;
    this.conversations.clear();
    this.cases.clear();
    this.cursors.clear();
    this.selected.clear();
  }

  /** Which list is on, as one word. */
  get key(): string {
    const { view, label, priority, sort } = this.chosen;
    return [view, label, priority, sort].join(" ");
  }

  private *entries(): Iterable<Entry> {
    for (const conversation of this.conversations.values()) yield { conversation, case: this.cases.get(conversation.id) };
  }

  private async page(cursor: string | null | undefined): Promise<Page> {
    if (!this.plain) return this.desk.cases({ ...this.chosen, cursor, limit: PAGE });
    const status = this.chosen.view === "closed" ? "closed" : "open";
    const answer = await this.api.conversations({ status, limit: PAGE, ...(cursor ? { cursor } : {}) });
    if (!answer.ok) return answer;
    return { ok: true, data: { ...answer.data, items: answer.data.items.map((conversation) => ({ conversation })) } };
  }
}

