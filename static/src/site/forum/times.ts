// Times in the reader's own zone and words: "3 jam yang lalu"; the exact moment on hovering.
import { locale, say } from "./words";

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
const LONGEST_S = 30 * 86_400;
const EACH_MS = 60_000;

/** The age of a moment in one rough unit, or its day once it is old. */
export function age(at: Date, now: Date, language: string, justNow: string): string {
  const seconds = Math.max(0, (now.getTime() - at.getTime()) / 1000);
  if (seconds > LONGEST_S) {
    const sameYear = at.getFullYear() === now.getFullYear();
    return new Intl.DateTimeFormat(language, { day: "numeric", month: "short", ...(sameYear ? {} : { year: "numeric" }) }).format(at);
  }
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
  for (const [unit, length] of STEPS) if (seconds >= length) return relative.format(-Math.floor(seconds / length), unit);
  return justNow;
}

export function showTimes(within: ParentNode = document): void {
  const now = new Date();
  const full = new Intl.DateTimeFormat(locale(), { dateStyle: "full", timeStyle: "short" });
  for (const element of within.querySelectorAll<HTMLTimeElement>("time[datetime]")) {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    const exact = element.dataset["exact"] !== undefined;
    element.textContent = exact ? full.format(at) : age(at, now, locale(), say("now"));
    element.title = full.format(at);
  }
}

export function keepTimes(): void {
  showTimes();
  setInterval(() => {
    if (!document.hidden) showTimes();
  }, EACH_MS);
}
