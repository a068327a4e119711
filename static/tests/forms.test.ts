import { describe, expect, it } from "vitest";
import en from "../src/shared/forms/locales/en.json";
import id from "../src/shared/forms/locales/id.json";
import { FormWords, type FormKey } from "../src/shared/forms/words";
import { Translator } from "../src/shared/i18n";
import type { FormFieldOut } from "../src/shared/wire";

const sources = Object.values(
  import.meta.glob("../src/shared/forms/*.{ts,tsx}", { query: "?raw", import: "default", eager: true }) as Record<string, string>,
).join("\n");
const slots = (text: string) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]))].sort();
const english = new FormWords(new Translator("en", en), new Translator("en", en));
const indonesian = new FormWords(new Translator("id", id), new Translator("id", id));

const field = (key: string, label: string): FormFieldOut => ({
  key,
  type: "name",
  label: { id: `${label} id`, en: `${label} en` },
  required: true,
  keep_days: 3,
  choices: [],
  keep_until: null,
});

describe("words of forms", () => {
  it("say the same things in both languages, with the same slots", () => {
    const stem = (key: string) => key.replace(/_(one|other)$/, "");
    expect([...new Set(Object.keys(en).map(stem))].sort()).toEqual(Object.keys(id).sort());
    for (const [key, text] of Object.entries(en)) expect([key, slots(text)]).toEqual([key, slots(id[stem(key) as FormKey])]);
  });

  it("are all used", () => {
    expect(Object.keys(id).filter((key) => !sources.includes(`"${key}"`) && !key.startsWith("form.purpose."))).toEqual([]);
  });

  it("come in the reader's language", () => {
    expect(english.of({ id: "Nama", en: "Name" })).toBe("Name");
    expect(indonesian.of({ id: "Nama", en: "Name" })).toBe("Nama");
    expect(indonesian.purpose("delivery")).toBe("pengiriman");
    expect(english.t("form.hides_in", { n: 7 })).toBe("Closes by itself in 7 seconds");
    expect(indonesian.rupiah(31_500).replace(/\s/g, " ")).toBe("Rp 31.500");
  });

  it("name fields, also one that a form no longer has", () => {
    const fields = [field("name", "Nama"), field("phone", "Telepon")];
    expect(indonesian.fields(["phone", "nik"], fields)).toBe("Telepon id, nik");
  });
});
