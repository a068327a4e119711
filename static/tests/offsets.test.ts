import { describe, expect, it } from "vitest";
import { carrySpans, codePointLength, toUtf16, wellFormed } from "../src/shared/offsets";

const cut = (text: string, spans: { start: number; end: number }[]) => spans.map((span) => text.slice(span.start, span.end));

describe("toUtf16", () => {
  it("is the identity for text of the basic plane", () => {
    const text = "nama saya Budi";
    expect(toUtf16(text, [{ start: 10, end: 14, label: "PERSON" }])).toEqual([{ start: 10, end: 14, label: "PERSON" }]);
  });

  it("counts an emoji before, inside and after a span as one code point", () => {
    const text = "🙏😀 Budi 😀 Sari 👍";
    const points = [...text];
    const budi = points.indexOf("B");
    const sari = points.indexOf("S");
    const spans = [
      { start: budi, end: budi + 4, label: "PERSON" },
      { start: sari, end: sari + 6, label: "PERSON" },
    ];
    expect(cut(text, toUtf16(text, spans))).toEqual(["Budi", "Sari 👍"]);
  });

  it("sorts, and drops what overlaps, is empty or lies outside", () => {
    const text = "abcdef";
    const spans = [
      { start: 4, end: 6, label: "B" },
      { start: 0, end: 3, label: "A" },
      { start: 2, end: 5, label: "X" },
      { start: 3, end: 3, label: "X" },
      { start: 5, end: 9, label: "X" },
    ];
    expect(toUtf16(text, spans)).toEqual([
      { start: 0, end: 3, label: "A" },
      { start: 4, end: 6, label: "B" },
    ]);
  });

  it("reaches the end of a text that ends in an emoji", () => {
    const text = "hp 😀";
    expect(cut(text, toUtf16(text, [{ start: 3, end: 4, label: "PHONE" }]))).toEqual(["😀"]);
  });
});

describe("codePointLength", () => {
  it.each([
    ["", 0],
    ["abc", 3],
    ["a😀b", 3],
    ["👨‍👩‍👧", 5],
    ["\ud83d", 1],
  ])("of %j is %d", (text, length) => expect(codePointLength(text)).toBe(length));
});

describe("carrySpans", () => {
  const spans = [
    { start: 5, end: 9, label: "PERSON" },
    { start: 13, end: 17, label: "PHONE" },
  ];
  const before = "halo Budi hp 0812";

  it("keeps marks before an edit at the end", () => {
    expect(cut(before + "!", carrySpans(before, before + "!", spans))).toEqual(["Budi", "0812"]);
  });

  it("moves marks after an edit in front", () => {
    const now = "wah halo Budi hp 0812";
    expect(cut(now, carrySpans(before, now, spans))).toEqual(["Budi", "0812"]);
  });

  it("drops the mark that an edit touches and keeps the other", () => {
    const now = "halo Bu hp 0812";
    expect(cut(now, carrySpans(before, now, spans))).toEqual(["0812"]);
  });

  it("drops everything when the text is replaced", () => {
    expect(carrySpans(before, "", spans)).toEqual([]);
  });
});

describe("wellFormed", () => {
  it("replaces lone surrogates and nothing else", () => {
    expect(wellFormed("a\ud83d b\ude00 😀")).toBe("a\ufffd b\ufffd 😀");
  });
});
