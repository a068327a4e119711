// What the account page says of things, made of the catalogue's words. Pure.
import { dated } from "../shared/dated";
import type { MessageKey, Translator } from "../shared/i18n";
import type { Failure } from "../shared/result";
import { parseText } from "../shared/text-parts";
import type { ConversationOut, DeviceOut, PlaceOut } from "../shared/wire";

const LEAST_PASSWORD = 10;
/** Failures that say something else here than in a chat. */
const HERE: Record<string, MessageKey> = {
  unavailable: "account.error_unavailable",
  fresh_sign_in_required: "account.error_fresh",
  second_factor_required: "account.error_factor",
  passkey: "account.error_passkey",
};

/** Why something was refused; empty where the person gave it up themselves. */
export function refusalWords(error: Failure | null, language: Translator, overrides: Record<string, MessageKey> = {}): string {
  if (!error || error.code === "cancelled") return "";
  if (error.code === "rate_limited") {
    return error.retryAfter === null ? language.t("account.error_often") : language.t("account.error_wait", { time: spanOf(error.retryAfter, language) });
  }
  const key = overrides[error.code] ?? HERE[error.code];
  const general = key ? language.t(key) : language.failure(error.code);
  const reasons = Object.values(error.fields).map((field) => language.field(field.reason) ?? field.message);
  // Where no form marks the field, its reason is the one thing worth saying.
  return error.code === "conflict" && !key && reasons.length > 0 ? reasons.join(" ") : general;
}

/** Seconds in one rough unit, rounded up: whoever waits so long has waited long enough. */
export function spanOf(seconds: number, language: Translator): string {
  return seconds < 60 ? language.t("account.seconds", { n: Math.max(1, Math.ceil(seconds)) }) : language.t("account.minutes", { n: Math.ceil(seconds / 60) });
}

/** What is still missing of a password's length; the server judges the rest. */
export function passwordHint(password: string, language: Translator): string {
  const missing = LEAST_PASSWORD - [...password].length;
  if (password === "") return language.t("account.password_advice");
  return missing > 0 ? language.t("account.password_missing", { n: missing }) : language.t("account.password_long_enough");
}

export function deviceWords(device: DeviceOut | null, language: Translator): string {
  if (!device) return language.t("account.device_unknown");
  return language.t("account.device", {
    browser: language.t(`account.browser.${device.browser}`),
    system: language.t(`account.system.${device.system}`),
  });
}

export function placeWords(place: PlaceOut | null, language: Translator): string {
  if (!place) return language.t("account.reach.unknown");
  const kind = language.t(`account.reach.${place.reach}`);
  return place.network ? language.t("account.place", { network: place.network, kind }) : kind;
}

/** A day without its hour: "2 Januari 2025". */
export function calendar(at: Date, language: Translator): string {
  return new Intl.DateTimeFormat(dated(language.locale), { day: "numeric", month: "long", year: "numeric" }).format(at);
}

/** A secret in groups of four, as people copy it. */
export function grouped(secret: string): string {
  return secret.replace(/(.{4})(?=.)/g, "$1 ");
}

/** The text of the file with recovery codes. */
export function codesFile(codes: readonly string[], heading: string): string {
  return [heading, "", ...codes, ""].join("\n");
}

/** A stored text as words: what is hidden in it is named. */
function plain(text: string, language: Translator): string {
  const parts = parseText(text).map((part) => (part.kind === "hidden" ? `[${language.t("chip.name", { label: language.label(part.label), number: part.number })}]` : part.text));
  return parts.join("");
}

/** What a conversation is called in a list: its subject, or its day. */
export function conversationWords(conversation: Pick<ConversationOut, "subject" | "created_at"> | undefined, language: Translator): string {
  if (conversation?.subject) return language.t("account.conversation_named", { subject: plain(conversation.subject, language) });
  if (conversation) return language.t("account.conversation_of", { date: calendar(new Date(conversation.created_at), language) });
  return language.t("account.conversation");
}
