// What the desk makes of a case: which promise presses most, colours of labels, when to wake. Pure.
import type { CaseOut, CasePromise, DeskLabel } from "../shared/wire";

export type Case = CaseOut;
export type Priority = CaseOut["priority"];
export type Timing = CasePromise["timing"];
export const PRIORITIES: readonly Priority[] = ["urgent", "high", "normal", "low"];

/** Worst first: what is late is told before what may become so. */
const PRESSING: readonly Timing[] = ["late", "warning", "on_time"];

/** The promise that presses most, null where none runs. */
export function pressing(item: Case | undefined): CasePromise | null {
  const running = item?.promises.filter((promise) => promise.due_at !== null && PRESSING.includes(promise.timing)) ?? [];
  const order = (promise: CasePromise) => PRESSING.indexOf(promise.timing);
  running.sort((a, b) => order(a) - order(b) || Date.parse(a.due_at ?? "") - Date.parse(b.due_at ?? ""));
  return running[0] ?? null;
}

/** When what was promised soonest is due (ms), null where nothing is. */
export function dueOf(item: Case | undefined): number | null {
  const due = item?.promises.flatMap((promise) => (promise.due_at ? [Date.parse(promise.due_at)] : [])) ?? [];
  return due.length ? Math.min(...due) : null;
}

/** What the server last said of a promise may have grown old while the page stood open. */
export function timingNow(promise: CasePromise, now: number): Timing {
  return promise.due_at && Date.parse(promise.due_at) <= now ? "late" : promise.timing;
}

/** How long somebody has been waiting, in three steps; for those rows of which no promise is known. */
export type Age = "fresh" | "warm" | "old";
const WARM_MS = 15 * 60_000;
const OLD_MS = 60 * 60_000;

export function ageOf(waitedMs: number): Age {
  return waitedMs >= OLD_MS ? "old" : waitedMs >= WARM_MS ? "warm" : "fresh";
}

export const SNOOZES = ["hour", "evening", "tomorrow", "monday"] as const;
export type Snooze = (typeof SNOOZES)[number];
const MORNING = 8;
const EVENING = 17;

/** Until when, in the reader's own time. What lies behind already moves on a day. */
export function snoozeUntil(choice: Snooze, now: Date): Date {
  if (choice === "hour") return new Date(now.getTime() + 60 * 60_000);
  const until = new Date(now);
  until.setHours(choice === "evening" ? EVENING : MORNING, 0, 0, 0);
  if (choice === "evening") {
    if (until <= now) until.setDate(until.getDate() + 1);
    return until;
  }
  const days = choice === "tomorrow" ? 1 : ((8 - now.getDay()) % 7) || 7;
  until.setDate(until.getDate() + days);
  return until;
}

export function labelOf(labels: readonly DeskLabel[], key: string): DeskLabel {
  const known = labels.find((label) => label.key === key);
  return known ?? { key, name: key, colour: 0, skill: null, archived: true };
}

/** The word after a `/` that stands at the caret, with where it begins; null when none does. */
export function slashWord(text: string, caret: number): { from: number; word: string } | null {
  const match = /(?:^|\s)\/([\w-]*)$/.exec(text.slice(0, caret));
  return match ? { from: caret - (match[1] ?? "").length - 1, word: (match[1] ?? "").toLowerCase() } : null;
}

/** What fits a word: shortcuts that begin with it, then titles that hold it. */
export function fitting<T extends { shortcut: string; title: string }>(items: readonly T[], word: string): T[] {
  const begins = items.filter((item) => item.shortcut.startsWith(word));
  const holds = items.filter((item) => !begins.includes(item) && word.length > 1 && item.title.toLowerCase().includes(word));
  return [...begins, ...holds];
}
