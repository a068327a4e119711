// Which conversations stand in the list, and in which order. Pure.
import type { Account, Conversation } from "../shared/wire";

export type Filter = "all" | "mine" | "unassigned" | "closed";
export const FILTERS: readonly Filter[] = ["all", "mine", "unassigned", "closed"];

export function belongs(conversation: Conversation, filter: Filter, me: string): boolean {
  if (filter === "closed") return conversation.status === "closed";
  if (conversation.status === "closed") return false;
  if (filter === "mine") return conversation.assignee?.id === me;
  if (filter === "unassigned") return conversation.assignee === null;
  return true;
}

function time(value: string | null): number {
  return value ? Date.parse(value) : 0;
}

/** Who waits comes first, the longest wait on top; then what was answered, the latest on top. */
export function inOrder(a: Conversation, b: Conversation): number {
  if (a.waiting_since && b.waiting_since) return time(a.waiting_since) - time(b.waiting_since);
  if (a.waiting_since || b.waiting_since) return a.waiting_since ? -1 : 1;
  return time(b.last_message_at ?? b.created_at) - time(a.last_message_at ?? a.created_at);
}

export function listed(all: Iterable<Conversation>, filter: Filter, me: string): Conversation[] {
  return [...all].filter((conversation) => belongs(conversation, filter, me)).sort(inOrder);
}

/** How many stand under each filter. */
export function counts(all: Iterable<Conversation>, me: string): Record<Filter, number> {
  const result: Record<Filter, number> = { all: 0, mine: 0, unassigned: 0, closed: 0 };
  for (const conversation of all) {
    for (const filter of FILTERS) if (belongs(conversation, filter, me)) result[filter]++;
  }
  return result;
}

/** Whether what is said in it may be shown here; the server says how much of it one sees. */
export function isReadable(conversation: Conversation): boolean {
  return conversation.access !== "row";
}

export function isStaff(account: Account): boolean {
  return account.role !== "visitor" && account.role !== "customer";
}

/** The neighbour of `id` in the list: for the keys that walk through it. */
export function neighbour(ids: readonly string[], id: string | null, step: 1 | -1): string | null {
  const at = id === null ? -1 : ids.indexOf(id);
  if (at < 0) return (step > 0 ? ids[0] : ids.at(-1)) ?? null;
  return ids[Math.min(ids.length - 1, Math.max(0, at + step))] ?? null;
}

/** Events go to many, so they count no unread messages: worked out here from one's own read mark. */
export function withUnread(conversation: Conversation, me: string): Conversation {
  return { ...conversation, unread: Math.max(0, conversation.last_seq - (conversation.read_marks[me] ?? 0)) };
}
