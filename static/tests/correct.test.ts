import { describe, expect, it } from "vitest";
import { afterPress, inCodePoints, isChosen, isFit, likelyLabel, MOST_HIDDEN, piecesOf } from "../src/shared/correct/pieces";
import en from "../src/shared/correct/locales/en.json";
import id from "../src/shared/correct/locales/id.json";
import { seeded } from "./messages";

const TEXT = "WA ⟦PHONE:1⟧, atas nama Wagiyem 🙏 ya⟦PERSON:2⟧";
const place = (piece: string) => ({ start: TEXT.indexOf(piece), end: TEXT.indexOf(piece) + piece.length });
const words = (text: string) => piecesOf(text).flatMap((piece) => (piece.kind === "word" ? [piece.text] : []));

describe("pieces", () => {
  it("are words, blanks and what is hidden", () => {
    expect(words(TEXT)).toEqual(["WA", ",", "atas", "nama", "Wagiyem", "🙏", "ya"]);
    expect(piecesOf(TEXT).filter((piece) => piece.kind === "hidden")).toMatchObject([
      { placeholder: "⟦PHONE:1⟧", label: "PHONE", number: 1 },
      { placeholder: "⟦PERSON:2⟧", label: "PERSON", number: 2 },
    ]);
  });

  it("put together give the text, whatever it is", () => {
    const random = seeded(7);
    const parts = ["⟦PERSON:1⟧", "⟦PERSON:0⟧", "⟦", "⟧", " ", "\n", "kata", "🙏🏽", "⟪X⟫", "\u0301", ":"];
    for (let round = 0; round < 500; round++) {
      const text = Array.from({ length: 8 }, () => parts[Math.floor(random() * parts.length)]).join("");
      expect(piecesOf(text).map((piece) => text.slice(piece.start, piece.end)).join("")).toBe(text);
    }
  });
});

describe("a choice", () => {
  it("grows from word to word, and shrinks to one that is pressed again", () => {
    const nama = place("nama");
    const wagiyem = place("Wagiyem");
    const both = afterPress(TEXT, nama, wagiyem);
    expect(both).toEqual({ start: nama.start, end: wagiyem.end });
    expect(isChosen(both, place("nama"))).toBe(true);
    expect(isChosen(both, place("atas"))).toBe(false);
    expect(afterPress(TEXT, both, nama)).toEqual(nama);
    expect(afterPress(TEXT, nama, nama)).toBeNull();
    expect(afterPress(TEXT, null, nama)).toEqual(nama);
  });

  it("never reaches over what is hidden", () => {
    expect(afterPress(TEXT, place("WA"), place("atas"))).toEqual(place("atas"));
    expect(isFit(TEXT, { start: 0, end: 5 })).toBe(false);
    expect(isFit(TEXT, { start: 0, end: TEXT.length })).toBe(false);
  });

  it("has something in it and is not too much", () => {
    expect(isFit(TEXT, null)).toBe(false);
    expect(isFit(TEXT, place("🙏"))).toBe(false);
    expect(isFit("a".repeat(300), { start: 0, end: MOST_HIDDEN })).toBe(true);
    expect(isFit("a".repeat(300), { start: 0, end: MOST_HIDDEN + 1 })).toBe(false);
  });

  it("is told to the server in code points", () => {
    const hands = [...TEXT].indexOf("🙏");
    expect(inCodePoints(TEXT, place("ya"))).toEqual({ start: hands + 2, end: hands + 4 });
    expect(inCodePoints("🙏🙏 budi", { start: 5, end: 9 })).toEqual({ start: 3, end: 7 });
  });
});

it.each([
  ["Wagiyem Kusnandarini", "PERSON"],
  ["a.b@contoh.example", "EMAIL"],
  ["@qorvexia", "USERNAME"],
  ["0812-5550-1234", "PHONE"],
  ["3404075708830002", "NIK"],
  ["Jl. Kenangawangi 7", "ADDRESS"],
] as const)("%s looks like %s", (piece, label) => expect(likelyLabel(piece)).toBe(label));

describe("the words of the dialog", () => {
  const stem = (key: string) => key.replace(/_(one|other)$/, "");
  it("say the same things in both languages", () => {
    const known = new Set(Object.keys(id));
    for (const key of Object.keys(en)) expect(known.has(key) || known.has(stem(key))).toBe(true);
    const said = new Set(Object.keys(en).flatMap((key) => [key, stem(key)]));
    for (const key of known) expect(said.has(key)).toBe(true);
  });
});
