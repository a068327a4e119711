import { describe, expect, it } from "vitest";
import { distinctLabels, parseText } from "../src/shared/text-parts";

describe("parseText", () => {
  it("gives plain text back as it is", () => {
    expect(parseText("halo <b>dunia</b>\nbaris dua")).toEqual([{ kind: "text", text: "halo <b>dunia</b>\nbaris dua" }]);
  });

  it("turns placeholders into chips, wherever they stand", () => {
    expect(parseText("⟦PERSON:1⟧⟦MEDICAL_RECORD:12⟧ ya")).toEqual([
      { kind: "hidden", label: "PERSON", number: 1 },
      { kind: "hidden", label: "MEDICAL_RECORD", number: 12 },
      { kind: "text", text: " ya" },
    ]);
  });

  it.each(["⟦PERSON⟧", "⟦person:1⟧", "⟦PHONE:0⟧", "⟪PHONE:1⟫", "⟦PHONE:1"])("leaves %s as text", (text) => {
    expect(parseText(text)).toEqual([{ kind: "text", text }]);
  });

  it("links http and https, without the punctuation of the sentence", () => {
    expect(parseText("lihat (https://contoh.id/a?b=1#c), lalu http://contoh.id.")).toEqual([
      { kind: "text", text: "lihat (" },
      { kind: "link", href: "https://contoh.id/a?b=1#c", text: "https://contoh.id/a?b=1#c" },
      { kind: "text", text: "), lalu " },
      { kind: "link", href: "http://contoh.id/", text: "http://contoh.id" },
      { kind: "text", text: "." },
    ]);
  });

  it.each(["javascript:alert(1)", "data:text/html,x", "https://bank.example@evil.example/", "xhttps://a.id", "https://"])(
    "never links %s",
    (text) => expect(parseText(text).every((part) => part.kind === "text")).toBe(true),
  );

  it("does not let a link swallow a chip", () => {
    expect(parseText("https://wa.me/⟦PHONE:1⟧").map((part) => part.kind)).toEqual(["link", "hidden"]);
  });

  it("stays quick on a long hostile text", () => {
    const started = performance.now();
    parseText("⟦".repeat(2000) + "https://".repeat(250));
    expect(performance.now() - started).toBeLessThan(200);
  });
});

it("distinctLabels keeps the order of first appearance", () => {
  expect(distinctLabels([{ label: "PHONE" }, { label: "PERSON" }, { label: "PHONE" }])).toEqual(["PHONE", "PERSON"]);
});
