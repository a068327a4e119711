// The messages of one conversation as the client knows them. Pure: every function returns a new state.
// Order is `seq` alone. `verifiedTo` is the last seq up to which nothing is missing; what lies beyond it waits, unseen,
// until the replay has filled the gap.
import type { Message, Replay } from "./wire";

export interface Timeline {
  /** Ascending by seq, each seq once. */
  readonly messages: readonly Message[];
  readonly verifiedTo: number;
  /** account id -> the last seq that account has read. */
  readonly readMarks: Marks;
  /** account id -> the last seq that has come to a device of that account. */
  readonly deliveredMarks: Marks;
}

type Marks = Readonly<Record<string, number>>;

export const EMPTY_TIMELINE: Timeline = { messages: [], verifiedTo: 0, readMarks: {}, deliveredMarks: {} };

function merge(known: readonly Message[], incoming: readonly Message[]): readonly Message[] {
  const bySeq = new Map(known.map((message) => [message.seq, message]));
  let changed = false;
  for (const message of incoming) {
    // Of two forms of a message the later one counts, whichever came first.
    if ((bySeq.get(message.seq)?.version ?? -1) >= message.version) continue;
    bySeq.set(message.seq, message);
    changed = true;
  }
  return changed ? [...bySeq.values()].sort((a, b) => a.seq - b.seq) : known;
}

/** How far the messages go on without a gap from `from`. */
function contiguousFrom(messages: readonly Message[], from: number): number {
  let last = from;
  for (const message of messages) if (message.seq === last + 1) last = message.seq;
  return last;
}

/**
 * A replay's answer: everything after `afterSeq` up to the answer's end. A seq that a complete replay did not bring is
 * not there any more (erased), so the floor rises over it.
 */
export function replayed(state: Timeline, answer: Replay): Timeline {
  const messages = merge(state.messages, answer.messages);
  const lastOfPage = answer.messages.at(-1)?.seq ?? state.verifiedTo;
  const floor = Math.max(state.verifiedTo, answer.has_more ? lastOfPage : Math.max(answer.last_seq, lastOfPage));
  return { ...state, messages, verifiedTo: contiguousFrom(messages, floor) };
}

/** One live message, in whatever order it came, however often. */
export function received(state: Timeline, message: Message): Timeline {
  const messages = merge(state.messages, [message]);
  if (messages === state.messages) return state;
  return { ...state, messages, verifiedTo: contiguousFrom(messages, state.verifiedTo) };
}

/** A message that is another now, in the place of what it was; one that is not here is not wanted either. */
export function changed(state: Timeline, message: Message): Timeline {
  return state.messages.some((known) => known.seq === message.seq) ? olderLoaded(state, [message]) : state;
}

/** An older page, asked for by `before_seq`. */
export function olderLoaded(state: Timeline, messages: readonly Message[]): Timeline {
  return { ...state, messages: merge(state.messages, messages) };
}

/** Marks only ever rise. */
function raised(marks: Marks, accountId: string, seq: number): Marks {
  return (marks[accountId] ?? 0) >= seq ? marks : { ...marks, [accountId]: seq };
}

export function markedRead(state: Timeline, accountId: string, seq: number): Timeline {
  const readMarks = raised(state.readMarks, accountId, seq);
  return readMarks === state.readMarks ? state : { ...state, readMarks };
}

export function delivered(state: Timeline, accountId: string, seq: number): Timeline {
  const deliveredMarks = raised(state.deliveredMarks, accountId, seq);
  return deliveredMarks === state.deliveredMarks ? state : { ...state, deliveredMarks };
}

/** True while a message is held back because one before it is missing: ask for a replay after `verifiedTo`. */
export function hasGap(state: Timeline): boolean {
  return (state.messages.at(-1)?.seq ?? 0) > state.verifiedTo;
}

export function visibleMessages(state: Timeline): readonly Message[] {
  return hasGap(state) ? state.messages.filter((message) => message.seq <= state.verifiedTo) : state.messages;
}

export function firstSeq(state: Timeline): number {
  return state.messages[0]?.seq ?? state.verifiedTo + 1;
}

/** The furthest that anybody but `accountId` has come. */
function furthest(marks: Marks, accountId: string): number {
  return Object.entries(marks).reduce((most, [id, seq]) => (id !== accountId && seq > most ? seq : most), 0);
}

export function readByOthers(state: Timeline, accountId: string): number {
  return furthest(state.readMarks, accountId);
}

/** Who has read has received. */
export function deliveredToOthers(state: Timeline, accountId: string): number {
  return Math.max(furthest(state.deliveredMarks, accountId), readByOthers(state, accountId));
}
