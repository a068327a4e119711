import { describe, expect, it } from "vitest";
import accountEn from "../src/account/locales/en.json";
import accountId from "../src/account/locales/id.json";
import { sectionIn } from "../src/account/sections";
import { codesFile, conversationWords, deviceWords, grouped, passwordHint, placeWords, refusalWords, spanOf } from "../src/account/words";
import { Translator } from "../src/shared/i18n";
import doorEn from "../src/shared/door/locales/en.json";
import doorId from "../src/shared/door/locales/id.json";
import sharedEn from "../src/shared/locales/en.json";
import sharedId from "../src/shared/locales/id.json";
import { failure } from "../src/shared/result";

const english = new Translator("en", { ...sharedEn, ...doorEn, ...accountEn });
const indonesian = new Translator("id", { ...sharedId, ...doorId, ...accountId });
const refused = (code: string, retryAfter: number | null = null) => ({ ...failure(code).error, retryAfter });

describe("refusalWords", () => {
  it("says nothing of what the person gave up", () => {
    expect(refusalWords(null, english)).toBe("");
    expect(refusalWords(refused("cancelled"), english)).toBe("");
  });

  it("says how long to wait, where the server does", () => {
    expect(refusalWords(refused("rate_limited", 1), english)).toBe("Too often. Try again in 1 second.");
    expect(refusalWords(refused("rate_limited", 61), indonesian)).toBe("Terlalu sering. Coba lagi dalam 2 menit.");
    expect(refusalWords(refused("rate_limited"), english)).toBe(accountEn["account.error_often"]);
  });

  it("takes the form's words first, then the page's, then the general ones", () => {
    expect(refusalWords(refused("not_authenticated"), english, { not_authenticated: "error.sign_in" })).toBe(doorEn["error.sign_in"]);
    expect(refusalWords(refused("unavailable"), english)).toBe(accountEn["account.error_unavailable"]);
    expect(refusalWords(refused("network"), english)).toBe(sharedEn["error.network"]);
    expect(refusalWords(refused("brand_new"), english)).toBe(sharedEn["error.internal"]);
  });

  it("gives a conflict's reason, in the server's words where there are none here", () => {
    const conflict = { ...refused("conflict"), fields: { totp: { reason: "last_factor", message: "x" } } };
    expect(refusalWords(conflict, english)).toBe(accountEn["field.last_factor"]);
    const unknown = { ...refused("conflict"), fields: { totp: { reason: "brand_new", message: "Server's words." } } };
    expect(refusalWords(unknown, english)).toBe("Server's words.");
    expect(refusalWords(conflict, english, { conflict: "error.email_taken" })).toBe(doorEn["error.email_taken"]);
  });
});

it.each([
  [0, "1 second"],
  [59.2, "60 seconds"],
  [60, "1 minute"],
  [3601, "61 minutes"],
])("spanOf(%d) is %s", (seconds, words) => expect(spanOf(seconds, english)).toBe(words));

it("counts what a password lacks by characters, not by units", () => {
  expect(passwordHint("", english)).toBe(accountEn["account.password_advice"]);
  expect(passwordHint("😀😀😀😀😀😀😀😀😀", english)).toBe("1 more character is needed.");
  expect(passwordHint("0123456789", english)).toBe(accountEn["account.password_long_enough"]);
});

it("names devices and places, noted or not", () => {
  expect(deviceWords({ browser: "firefox", system: "linux" }, indonesian)).toBe("Firefox di Linux");
  expect(deviceWords(null, english)).toBe("Device not noted");
  expect(placeWords({ network: "203.0.113.x", reach: "public" }, english)).toBe("203.0.113.x (internet)");
  expect(placeWords({ network: "", reach: "loopback" }, english)).toBe("the server's own machine");
  expect(placeWords(null, english)).toBe("network not noted");
});

it("names conversations by subject, with what is hidden in it, else by day", () => {
  const at = "2026-01-02T12:00:00Z";
  expect(conversationWords({ subject: "Antrean ⟦PERSON:1⟧ kosong", created_at: at }, indonesian)).toBe("“Antrean [nama 1] kosong”");
  expect(conversationWords({ subject: null, created_at: at }, indonesian)).toBe("percakapan tanggal 2 Januari 2026");
  expect(conversationWords(undefined, english)).toBe("your conversation");
});

it("writes secrets and codes as people copy them", () => {
  expect(grouped("ABCDEFGHIJ")).toBe("ABCD EFGH IJ");
  expect(grouped("ABCD")).toBe("ABCD");
  expect(codesFile(["A-1", "B-2"], "Heading")).toBe("Heading\n\nA-1\nB-2\n");
});

it.each([
  ["#devices", "devices"],
  ["", "profile"],
  ["#nothing", "profile"],
  ["#toString", "profile"],
])("sectionIn(%j) is %s", (fragment, section) => expect(sectionIn(fragment)).toBe(section));
