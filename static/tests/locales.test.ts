import { describe, expect, it } from "vitest";
import { chooseLocale, Translator, type MessageKey } from "../src/shared/i18n";
import { LABELS } from "../src/shared/labels";
import accountEn from "../src/account/locales/en.json";
import accountId from "../src/account/locales/id.json";
import deskEn from "../src/desk/locales/en.json";
import deskId from "../src/desk/locales/id.json";
import doorEn from "../src/shared/door/locales/en.json";
import doorId from "../src/shared/door/locales/id.json";
import sharedEn from "../src/shared/locales/en.json";
import sharedId from "../src/shared/locales/id.json";
import partsEn from "../src/shared/ui/locales/en.json";
import partsId from "../src/shared/ui/locales/id.json";
import widgetEn from "../src/widget/locales/en.json";
import widgetId from "../src/widget/locales/id.json";

const en = { ...sharedEn, ...doorEn, ...deskEn, ...accountEn, ...partsEn, ...widgetEn };
const id = { ...sharedId, ...doorId, ...deskId, ...accountId, ...partsId, ...widgetId };

const sources = import.meta.glob("../src/**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true }) as Record<string, string>;
/** What the account page chooses by a word of the wire; the compiler sees that none of these is missing. */
const ACCOUNT = ["about.", "browser.", "kind.", "notice.", "pace.", "purpose.", "reach.", "role.", "section.", "system."].map((name) => `account.${name}`);
/** Likewise the desk's. */
const DESK = ["alert", "alerts", "assigning", "feedback", "hit", "kind", "mode", "order", "page", "priority", "settings", "site", "sla", "snooze", "status", "step", "tpl", "view"].map((name) => `desk.${name}_`);
const stem = (key: string) => key.replace(/_(one|other)$/, "");
const slots = (text: string) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]))].sort();

describe("catalogues", () => {
  it("say the same things in both languages", () => {
    expect([...new Set(Object.keys(en).map(stem))].sort()).toEqual(Object.keys(id).sort());
  });

  it("keep the desk's words to the desk", () => {
    const elsewhere = Object.entries(sources).filter(([path]) => !path.includes("/desk/")).map(([, source]) => source).join("\n");
    expect(Object.keys(deskId).filter((key) => elsewhere.includes(`"${key}"`))).toEqual([]);
    expect(Object.keys(deskId).filter((key) => key in sharedId)).toEqual([]);
  });

  it("keep the account page's words to it", () => {
    const elsewhere = Object.entries(sources).filter(([path]) => !path.includes("/account/")).map(([, source]) => source).join("\n");
    expect(Object.keys(accountId).filter((key) => elsewhere.includes(`"${key}"`))).toEqual([]);
    expect(Object.keys(accountId).filter((key) => key in sharedId || key in deskId)).toEqual([]);
  });

  it("have every plural form that English needs", () => {
    const forms = Object.keys(en).filter((key) => /_(one|other)$/.test(key));
    for (const key of forms) expect(en).toHaveProperty([stem(key) + (key.endsWith("_one") ? "_other" : "_one")]);
  });

  it("count in English with the plural forms that it has", () => {
    const counted = Object.entries(en).filter(([key, text]) => !/_(one|other)$/.test(key) && /\{n\} (?:[a-z]+ )?(?:[a-z]+s|people|replies|were|are)\b/.test(text));
    // Said of thousands only.
    expect(counted.map(([key]) => key).filter((key) => !["composer.over"].includes(key))).toEqual([]);
  });

  it("have one word for staff in Indonesian, that of the server's pages", () => {
    const all = import.meta.glob("../src/**/locales/id.json", { query: "?raw", import: "default", eager: true }) as Record<string, string>;
    expect(Object.entries(all).filter(([, words]) => /\bstaf\b/i.test(words)).map(([path]) => path)).toEqual([]);
    expect(Object.keys(all).length).toBeGreaterThan(5);
  });

  it("use the same slots", () => {
    for (const [key, text] of Object.entries(en)) expect([key, slots(text)]).toEqual([key, slots((id as Record<string, string>)[stem(key)] ?? "")]);
  });

  it("name every kind of identifier", () => {
    for (const label of LABELS) expect(id).toHaveProperty([`label.${label}`]);
  });

  it("hold no word that no view uses", () => {
    const code = Object.values(sources).join("\n");
    const dynamic = ["label.", "error.", "field.", "status.", "widget.status_", "file.purpose.", "desk.purpose_", ...DESK, "site.theme_", ...ACCOUNT];
    const unused = Object.keys(id).filter((key) => !code.includes(`"${key}"`) && !dynamic.some((prefix) => key.startsWith(prefix)));
    expect(unused).toEqual([]);
  });
});

describe("Translator", () => {
  it("chooses plural forms and fills slots", () => {
    const english = new Translator("en", en);
    expect(english.t("preview.count", { n: 1, names: "name" })).toBe("1 thing will be hidden: name");
    expect(english.t("preview.count", { n: 2, names: "a, b" })).toBe("2 things will be hidden: a, b");
    expect(new Translator("id", id).t("preview.count", { n: 2, names: "nama, NIK" })).toBe("2 hal akan disembunyikan: nama, NIK");
  });

  it("does not fill slots from what was filled in", () => {
    expect(new Translator("id", id).t("preview.count", { n: 1, names: "{n}" })).toBe("1 hal akan disembunyikan: {n}");
  });

  it("answers for codes and labels it has never heard of", () => {
    const language = new Translator("id", id);
    expect(language.failure("brand_new")).toBe(id["error.internal"]);
    expect(language.label("BRAND_NEW")).toBe(id["label.OTHER"]);
    expect(language.t("no.such.key" as MessageKey)).toBe("no.such.key");
  });

  it("names days from the reader's midnight", () => {
    const language = new Translator("id", id);
    const now = new Date(2026, 10, 22, 0, 5);
    expect(language.day(new Date(2026, 10, 22, 0, 1), now)).toBe("Hari ini");
    expect(language.day(new Date(2026, 10, 21, 23, 59), now)).toBe("Kemarin");
    expect(language.day(new Date(2025, 0, 2), now)).toBe("2 Januari 2025");
  });
});

it.each([
  [["en-GB"], "en"],
  [[null, undefined, "id-ID"], "id"],
  [["fr", "en"], "en"],
  [["fr"], "id"],
] as const)("chooseLocale(%j) is %s", (wishes, locale) => expect(chooseLocale(...wishes)).toBe(locale));
