// Times in the reader's own zone and words: "3 jam yang lalu"; the exact moment on hovering.
import { dated } from "../../shared/dated";
import { locale, say } from "./words";

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
const LONGEST_S = 30 * 86_400;
const EACH_MS = 60_000;

/** How long ago a moment was, or how far ahead it is, in one rough unit; its day where that is far. */
export function age(at: Date, now: Date, language: string, justNow: string): string {
  const passed = (now.getTime() - at.getTime()) / 1000;
  const seconds = Math.abs(passed);
  if (seconds > LONGEST_S) {
    const sameYear = at.getFullYear() === now.getFullYear();
    return new Intl.DateTimeFormat(language, { day: "numeric", month: "short", ...(sameYear ? {} : { year: "numeric" }) }).format(at);
  }
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
  for (const [unit, length] of STEPS) if (seconds >= length) return relative.format(-Math.sign(passed) * Math.floor(seconds / length), unit);
  return justNow;
}

export function showTimes(within: ParentNode = document): void {
  const now = new Date();
  const full = new Intl.DateTimeFormat(dated(locale()), { dateStyle: "full", timeStyle: "short" });
  for (const element of within.querySelectorAll<HTMLTimeElement>("time[datetime]")) {
    const at = new Date(element.dateTime);
    // A day is one in every zone; the server has written it out.
    if (!element.dateTime.includes("T") || Number.isNaN(at.getTime())) continue;
    const exact = element.dataset["exact"] !== undefined;
    element.textContent = exact ? full.format(at) : age(at, now, dated(locale()), say("now"));
    element.title = full.format(at);
  }
}

export function keepTimes(): void {
  showTimes();
  setInterval(() => {
    if (!document.hidden) showTimes();
  }, EACH_MS);
}
