// Words for people: the catalogue of one language, plural forms, dates and times in the reader's zone.
import type accountWords from "../account/locales/id.json";
import type deskWords from "../desk/locales/id.json";
import type widgetWords from "../widget/locales/id.json";
import type doorWords from "./door/locales/id.json";
import type words from "./locales/id.json";
import type partWords from "./ui/locales/id.json";
import { dated } from "./dated";

export type Locale = "id" | "en";
/** Keys of the Indonesian catalogues (desk and account page have words of their own). A language with plural forms has `key_one`, `key_other`, chosen by the parameter `n`. */
export type MessageKey = keyof typeof words | keyof typeof doorWords | keyof typeof partWords | keyof typeof widgetWords | keyof typeof deskWords | keyof typeof accountWords;
export type Catalogue = Readonly<Record<string, string>>;
export type Params = Record<string, string | number>;

export function chooseLocale(...wishes: (string | null | undefined)[]): Locale {
  for (const wish of wishes) {
    const language = wish?.slice(0, 2).toLowerCase();
    if (language === "id" || language === "en") return language;
  }
  return "id";
}

export async function loadCatalogue(locale: Locale): Promise<Catalogue> {
  const module = locale === "en" ? await import("./locales/en.json") : await import("./locales/id.json");
  return module.default;
}

export class Translator {
  private readonly plural: Intl.PluralRules;
  private readonly clock: Intl.DateTimeFormat;
  private readonly weekday: Intl.DateTimeFormat;
  private readonly date: Intl.DateTimeFormat;
  private readonly full: Intl.DateTimeFormat;

  constructor(
    readonly locale: Locale,
    private words: Catalogue,
  ) {
    this.plural = new Intl.PluralRules(locale);
    const dates = dated(locale);
    this.clock = new Intl.DateTimeFormat(dates, { hour: "2-digit", minute: "2-digit", hour12: false });
    this.weekday = new Intl.DateTimeFormat(dates, { weekday: "long", day: "numeric", month: "long" });
    this.date = new Intl.DateTimeFormat(dates, { day: "numeric", month: "long", year: "numeric" });
    this.full = new Intl.DateTimeFormat(dates, { dateStyle: "full", timeStyle: "short" });
  }

  /** Takes up the words of what is loaded later. */
  learn(words: Catalogue): void {
    this.words = { ...this.words, ...words };
  }

  t(key: MessageKey, params: Params = {}): string {
    const count = params["n"];
    const form = typeof count === "number" ? this.words[`${key}_${this.plural.select(count)}`] : undefined;
    const text = form ?? this.words[key] ?? key;
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in params ? String(params[name]) : whole));
  }

  /** The name of a kind of identifier, e.g. "nomor telepon". */
  label(label: string): string {
    return this.words[`label.${label}`] ?? this.t("label.OTHER");
  }

  /** Why something was refused, by the failure's code. */
  failure(code: string): string {
    return this.words[`error.${code}`] ?? this.t("error.internal");
  }

  /** Why a field was refused, by the reason's code; undefined for a reason that has no words here. */
  field(reason: string): string | undefined {
    return this.words[`field.${reason}`];
  }

  time(at: Date): string {
    return this.clock.format(at);
  }

  moment(at: Date): string {
    return this.full.format(at);
  }

  day(at: Date, now: Date): string {
    const midnight = (day: Date) => new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime();
    const days = Math.round((midnight(now) - midnight(at)) / 86_400_000);
    if (days === 0) return this.t("day.today");
    if (days === 1) return this.t("day.yesterday");
    return at.getFullYear() === now.getFullYear() ? this.weekday.format(at) : this.date.format(at);
  }

  /** A span of time in one rough unit: "3 mnt", "2 jam". */
  duration(ms: number): string {
    const minutes = Math.max(0, Math.floor(ms / 60_000));
    if (minutes < 1) return this.t("duration.now");
    if (minutes < 60) return this.t("duration.minutes", { n: minutes });
    if (minutes < 48 * 60) return this.t("duration.hours", { n: Math.floor(minutes / 60) });
    return this.t("duration.days", { n: Math.floor(minutes / 1440) });
  }
}
