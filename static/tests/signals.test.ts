import { describe, expect, it } from "vitest";
import { lastDays, linesOf, totals } from "../src/desk/signals/table";
import en from "../src/desk/signals/locales/en.json";
import id from "../src/desk/signals/locales/id.json";
import type { SignalOut } from "../src/shared/wire";

function signal(change: Partial<SignalOut>): SignalOut {
  return {
    day: "2026-11-22",
    kind: "should_have_been_hidden",
    label: "PERSON",
    surface: "chat",
    who: "staff",
    model: "names-1",
    words: "1",
    length: "4-8",
    shape: "lower",
    code: null,
    count: 1,
    ...change,
  };
}

const ITEMS = [
  signal({}),
  signal({ day: "2026-11-21", model: "names-0", count: 2 }),
  signal({ who: "writer", count: 4 }),
  signal({ shape: "digits", label: "PHONE" }),
  signal({ kind: "hidden_wrongly", words: "unknown", length: "unknown", shape: "unknown", code: "place", count: 3 }),
];

describe("signals", () => {
  it("are put together whatever the day and the model, the most frequent first", () => {
    expect(linesOf(ITEMS).map(({ label, writer, staff }) => [label, writer, staff])).toEqual([
      ["PERSON", 4, 3],
      ["PERSON", 0, 3],
      ["PHONE", 0, 1],
    ]);
    expect(totals(ITEMS)).toEqual({ should_have_been_hidden: 8, hidden_wrongly: 3 });
  });

  it("are asked for by whole days", () => {
    expect(lastDays(1, new Date("2026-11-22T23:59:00Z"))).toEqual({ from: "2026-11-22", to: "2026-11-22" });
    expect(lastDays(30, new Date("2026-11-22T00:00:00Z"))).toEqual({ from: "2026-10-24", to: "2026-11-22" });
  });

  it("have words for every class in both languages", () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(id).sort());
    for (const line of linesOf(ITEMS)) for (const trait of line.traits) expect(id).toHaveProperty([trait]);
  });
});
