// The server counts text in code points, JavaScript in UTF-16 units. Pure conversions between the two, and marks that
// stay in place while the writer goes on typing.
import type { Span } from "./wire";

/** Length in code points, as the server counts it against its limits. */
export function codePointLength(text: string): number {
  let length = text.length;
  for (let i = 0; i + 1 < text.length; i++) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      length--;
      i++;
    }
  }
  return length;
}

/** Spans in code points -> the same spans in UTF-16 units, sorted, those outside of the text or overlapping dropped. */
export function toUtf16(text: string, spans: readonly Span[]): Span[] {
  const sorted = [...spans].sort((a, b) => a.start - b.start || b.end - a.end);
  const converted: Span[] = [];
  let unit = 0;
  let point = 0;
  const advance = (target: number): number => {
    while (point < target && unit < text.length) {
      unit += (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
      point++;
    }
    return point === target ? unit : -1;
  };
  for (const span of sorted) {
    if (span.start < point || span.end <= span.start) continue;
    const start = advance(span.start);
    const end = start < 0 ? -1 : advance(span.end);
    if (end < 0) break;
    converted.push({ start, end, label: span.label });
  }
  return converted;
}

/**
 * Carries marks of an earlier text over to the present one: those wholly before the edit stay, those wholly after it
 * move along, those the edit touches go. So marks do not flicker while the next preview is on its way.
 */
export function carrySpans(before: string, now: string, spans: readonly Span[]): Span[] {
  const shorter = Math.min(before.length, now.length);
  let head = 0;
  while (head < shorter && before[head] === now[head]) head++;
  let tail = 0;
  while (tail < shorter - head && before[before.length - 1 - tail] === now[now.length - 1 - tail]) tail++;
  const shift = now.length - before.length;
  const carried: Span[] = [];
  for (const span of spans) {
    if (span.end <= head) carried.push(span);
    else if (span.start >= before.length - tail) {
      carried.push({ start: span.start + shift, end: span.end + shift, label: span.label });
    }
  }
  return carried;
}

/** A lone surrogate is no text and no JSON parser accepts it: replaced by U+FFFD before sending. */
export function wellFormed(text: string): string {
  return text.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, "\uFFFD");
}
