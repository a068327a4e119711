// Counters of some days, put together for reading. Pure.
import type { SignalKind, SignalOut } from "../../shared/wire";

export interface Line {
  kind: SignalKind;
  label: string;
  /** What the thing is like, or what it is instead: keys of words. */
  traits: readonly string[];
  writer: number;
  staff: number;
}

/** One line for each kind of thing, whatever day, model and surface; the most frequent first. */
export function linesOf(items: readonly SignalOut[]): Line[] {
  const lines = new Map<string, Line>();
  for (const item of items) {
    const traits =
      item.kind === "hidden_wrongly" ? [`code_${item.code ?? ""}`] : [`words_${item.words}`, `length_${item.length}`, `shape_${item.shape}`];
    const key = [item.kind, item.label, ...traits].join("|");
    const line = lines.get(key) ?? { kind: item.kind, label: item.label, traits, writer: 0, staff: 0 };
    line[item.who] += item.count;
    lines.set(key, line);
  }
  return [...lines.values()].sort((a, b) => b.writer + b.staff - (a.writer + a.staff) || a.label.localeCompare(b.label));
}

/** How often each kind was said. */
export function totals(items: readonly SignalOut[]): Record<SignalKind, number> {
  const sums: Record<SignalKind, number> = { hidden_wrongly: 0, should_have_been_hidden: 0 };
  for (const item of items) sums[item.kind] += item.count;
  return sums;
}

/** The days to ask for: so many up to today, in UTC like the server's. */
export function lastDays(days: number, now: Date): { from: string; to: string } {
  const day = (at: number) => new Date(at).toISOString().slice(0, 10);
  return { from: day(now.getTime() - (days - 1) * 86_400_000), to: day(now.getTime()) };
}
