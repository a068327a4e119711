import { describe, expect, it } from "vitest";
import { roundUp } from "../src/desk/charts";
import { ageOf, fitting, pressing, slashWord, snoozeUntil, timingNow, type Case } from "../src/desk/model";
import { Notes, seqOf } from "../src/desk/notes";
import type { CasePromise, Message, NoteOut } from "../src/shared/wire";

const promise = (timing: CasePromise["timing"], due_at: string | null): CasePromise => ({
  aim: "first_response",
  timing,
  due_at,
  met_at: null,
});
const caseOf = (...promises: CasePromise[]) => ({ promises }) as Case;

describe("what is promised", () => {
  it("presses by how bad it is, then by how soon", () => {
    const soon = promise("on_time", "2026-11-22T02:00:00Z");
    const late = promise("late", "2026-11-22T01:00:00Z");
    expect(pressing(caseOf(promise("on_time", "2026-11-22T03:00:00Z"), soon))).toBe(soon);
    expect(pressing(caseOf(soon, late))).toBe(late);
    expect(pressing(caseOf(promise("kept", null), promise("paused", null)))).toBeNull();
    expect(pressing(undefined)).toBeNull();
  });

  it("grows late while the page stands open", () => {
    const due = promise("on_time", "2026-11-22T02:00:00Z");
    expect(timingNow(due, Date.parse("2026-11-22T01:59:00Z"))).toBe("on_time");
    expect(timingNow(due, Date.parse("2026-11-22T02:00:00Z"))).toBe("late");
  });
});

it.each([
  [0, "fresh"],
  [15, "warm"],
  [59, "warm"],
  [60, "old"],
] as const)("a wait of %i minutes is %s", (minutes, age) => expect(ageOf(minutes * 60_000)).toBe(age));

describe("snoozing", () => {
  const wednesday = new Date(2026, 10, 25, 10, 0);
  it("ends where the words say", () => {
    expect(snoozeUntil("hour", wednesday)).toEqual(new Date(2026, 10, 25, 11, 0));
    expect(snoozeUntil("evening", wednesday)).toEqual(new Date(2026, 10, 25, 17, 0));
    expect(snoozeUntil("tomorrow", wednesday)).toEqual(new Date(2026, 10, 26, 8, 0));
    expect(snoozeUntil("monday", wednesday)).toEqual(new Date(2026, 10, 30, 8, 0));
  });

  it("never ends in the past", () => {
    const late = new Date(2026, 10, 30, 18, 0);
    expect(snoozeUntil("evening", late)).toEqual(new Date(2026, 11, 1, 17, 0));
    expect(snoozeUntil("monday", late)).toEqual(new Date(2026, 11, 7, 8, 0));
  });
});

describe("the word after a slash", () => {
  it.each([
    ["/", 1, { from: 0, word: "" }],
    ["/sal", 4, { from: 0, word: "sal" }],
    ["Baik. /Sal", 10, { from: 6, word: "sal" }],
    ["1/2", 3, null],
    ["https://contoh.id", 17, null],
    ["/sal lagi", 9, null],
  ] as const)("of %j at %i is %j", (text, caret, expected) => expect(slashWord(text, caret)).toEqual(expected));
});

it("what fits begins with the word, then holds it", () => {
  const ready = [
    { shortcut: "periksa", title: "Sedang diperiksa" },
    { shortcut: "salam", title: "Salam pembuka" },
    { shortcut: "tutup", title: "Penutup dengan salam" },
  ];
  expect(fitting(ready, "sal").map((one) => one.shortcut)).toEqual(["salam", "tutup"]);
  expect(fitting(ready, "").length).toBe(3);
});

it("a note stands after what had been said when it was written", () => {
  const message = (seq: number) => ({ seq }) as Message;
  const note = (after_seq: number) => ({ after_seq }) as NoteOut;
  const messages = [message(4), message(5)];
  expect(seqOf(note(4), messages)).toBe(4);
  expect(seqOf(note(5), messages)).toBe(5);
  expect(seqOf(note(1), messages)).toBe(4);
});

it.each([
  [1, 4],
  [5, 5],
  [7, 10],
  [11, 20],
  [390, 400],
  [410, 500],
])("a scale for %i ends at %i", (value, top) => expect(roundUp(value)).toBe(top));

describe("notes", () => {
  const note = (number: number) => ({ id: `n${number}`, number, conversation_id: "talk" }) as NoteOut;

  it("that come while the list is on its way stay, also where it was made before them", () => {
    const notes = new Notes();
    notes.ask("talk");
    notes.learn(note(2));
    notes.put("talk", [note(1)]);
    expect(notes.of("talk").map((one) => one.number)).toEqual([1, 2]);
    notes.ask("talk");
    notes.learn(note(3));
    notes.put("talk", [note(1), note(2), note(3)]);
    expect(notes.of("talk").map((one) => one.number)).toEqual([1, 2, 3]);
  });

  it("that a newer list no longer has are gone", () => {
    const notes = new Notes();
    notes.put("talk", [note(1), note(2)]);
    notes.ask("talk");
    notes.put("talk", []);
    expect(notes.of("talk")).toEqual([]);
  });
});
