// Which conversations stand in which view, in which order, and how pressing each is. Pure.
import type { Account, Conversation, ViewFilter } from "../shared/wire";
import { dueOf, type Case, type Priority } from "./model";

export const VIEWS = ["all", "mine", "mine_waiting", "queue", "participating", "colleagues", "snoozed", "closed"] as const;
export type BuiltIn = (typeof VIEWS)[number];
export const SORTS = ["waiting", "newest", "due"] as const;
export type Sort = (typeof SORTS)[number];

/** One row: the conversation and, once it is known, what the desk keeps beside it. */
export interface Entry {
  conversation: Conversation;
  case: Case | undefined;
}

/** What is looked at: a view (a built-in one, or the id of a saved one), and what narrows it further. */
export interface Chosen {
  view: string;
  label: string | null;
  priority: Priority | null;
  sort: Sort;
}

export function isBuiltIn(key: string): key is BuiltIn {
  return (VIEWS as readonly string[]).includes(key);
}

export function isSnoozed(item: Case | undefined, now: number): boolean {
  return time(item?.snoozed_until ?? null) > now;
}

function inView(entry: Entry, view: string, me: string, now: number): boolean {
  const { conversation } = entry;
  const mine = conversation.assignee?.id === me;
  if (view === "closed") return conversation.status === "closed";
  if (conversation.status === "closed") return false;
  if (view === "snoozed") return isSnoozed(entry.case, now);
  if (isSnoozed(entry.case, now)) return false;
  if (view === "mine") return mine;
  if (view === "mine_waiting") return mine && conversation.waiting_since !== null;
  if (view === "queue") return conversation.assignee === null;
  const takesPart = conversation.participants.some((person) => person.id === me);
  if (view === "participating") return takesPart && !mine;
  if (view === "colleagues") return conversation.assignee !== null && !mine && !takesPart;
  return true;
}

/** A saved view says of each thing what it must be, and of what it does not name nothing. */
function inSaved({ conversation, case: item }: Entry, wanted: ViewFilter, me: string, now: number): boolean {
  if (wanted.status && conversation.status !== wanted.status) return false;
  if (wanted.assignee === "none" && conversation.assignee) return false;
  if (wanted.assignee && wanted.assignee !== "none") {
    if (conversation.assignee?.id !== (wanted.assignee === "me" ? me : wanted.assignee)) return false;
  }
  if (wanted.label && !item?.labels.includes(wanted.label)) return false;
  if (wanted.priority && item?.priority !== wanted.priority) return false;
  if (typeof wanted.waiting === "boolean" && (conversation.waiting_since !== null) !== wanted.waiting) return false;
  return typeof wanted.snoozed !== "boolean" || isSnoozed(item, now) === wanted.snoozed;
}

/** `saved`: what the chosen view shows, where it is a saved one. */
export function belongs(entry: Entry, chosen: Chosen, saved: ViewFilter | null, me: string, now: number): boolean {
  if (saved ? !inSaved(entry, saved, me, now) : !inView(entry, chosen.view, me, now)) return false;
  if (chosen.label !== null && !entry.case?.labels.includes(chosen.label)) return false;
  return chosen.priority === null || entry.case?.priority === chosen.priority;
}

function time(value: string | null | undefined): number {
  return value ? Date.parse(value) : 0;
}

/** Who waits comes first, the longest wait on top; then what was answered, the latest on top. */
export function byWaiting(a: Conversation, b: Conversation): number {
  if (a.waiting_since && b.waiting_since) return time(a.waiting_since) - time(b.waiting_since);
  if (a.waiting_since || b.waiting_since) return a.waiting_since ? -1 : 1;
  return byNews(a, b);
}

function byNews(a: Conversation, b: Conversation): number {
  return time(b.last_message_at ?? b.created_at) - time(a.last_message_at ?? a.created_at);
}

function byDue(a: Entry, b: Entry): number {
  const [first, second] = [dueOf(a.case), dueOf(b.case)];
  if (first !== null && second !== null) return first - second;
  if (first !== null || second !== null) return first !== null ? -1 : 1;
  return byWaiting(a.conversation, b.conversation);
}

export function listed(all: Iterable<Entry>, chosen: Chosen, saved: ViewFilter | null, me: string, now: number): Entry[] {
  const shown = [...all].filter((entry) => belongs(entry, chosen, saved, me, now));
  if (chosen.sort === "due") return shown.sort(byDue);
  return shown.sort((a, b) => (chosen.sort === "newest" ? byNews : byWaiting)(a.conversation, b.conversation));
}

/** Whether what is said in it may be shown here; the server says how much of it one sees. */
export function isReadable(conversation: Conversation): boolean {
  return conversation.access !== "row";
}

export function isStaff(account: Account): boolean {
  return account.role !== "visitor" && account.role !== "customer";
}

/**
 * The neighbour of `id` in the list: for the keys that walk through it. `place`: where one was, for a row that has left
 * the list meanwhile: the one that moved up into its place is the next.
 */
export function neighbour(ids: readonly string[], id: string | null, step: 1 | -1, place: number | null = null): string | null {
  const at = id === null ? -1 : ids.indexOf(id);
  if (at >= 0) return inPlace(ids, at + step);
  if (place !== null) return inPlace(ids, step > 0 ? place : place - 1);
  return (step > 0 ? ids[0] : ids.at(-1)) ?? null;
}

/** The row in a place of the list, or the nearest that there is. */
export function inPlace(ids: readonly string[], place: number): string | null {
  return ids[Math.min(ids.length - 1, Math.max(0, place))] ?? null;
}

/** Events go to many, so they count no unread messages: worked out here from one's own read mark. */
export function withUnread(conversation: Conversation, me: string): Conversation {
  return { ...conversation, unread: Math.max(0, conversation.last_seq - (conversation.read_marks[me] ?? 0)) };
}
