// The words of sealed forms, loaded with them, and the style that they bring along. Nobody who sees no form pays for it.
import { dated } from "../dated";
import { Translator, type Catalogue, type Locale, type MessageKey } from "../i18n";
import type words from "./locales/id.json";
import css from "./forms.css?inline";
import type { FormFieldOut, WordsOut } from "../wire";

export type FormKey = keyof typeof words;

/** Says what forms say, and reads what the server gives in both languages. */
export class FormWords {
  constructor(
    private readonly words: Translator,
    readonly language: Translator,
  ) {}

  t(key: FormKey, params: Record<string, string | number> = {}): string {
    return this.words.t(key as MessageKey, params);
  }

  of(words: WordsOut): string {
    return words[this.language.locale];
  }

  /** A moment on a day, as people write it. */
  day(at: string): string {
    return new Intl.DateTimeFormat(dated(this.language.locale), { day: "numeric", month: "long", year: "numeric" }).format(new Date(at));
  }

  rupiah(sum: number): string {
    return new Intl.NumberFormat(this.language.locale, { style: "currency", currency: "IDR", maximumFractionDigits: 0 }).format(sum);
  }

  purpose(purpose: string): string {
    return this.words.t(`form.purpose.${purpose}` as MessageKey);
  }

  /** Names of fields, by key. */
  fields(keys: readonly string[], all: readonly FormFieldOut[]): string {
    return keys.map((key) => all.find((field) => field.key === key)).map((field, index) => (field ? this.of(field.label) : keys[index])).join(", ");
  }
}

const catalogues = new Map<Locale, Promise<Catalogue>>();

function catalogueOf(locale: Locale): Promise<Catalogue> {
  const known = catalogues.get(locale);
  if (known) return known;
  const loading = (locale === "en" ? import("./locales/en.json") : import("./locales/id.json")).then((module) => module.default);
  loading.catch(() => catalogues.delete(locale));
  catalogues.set(locale, loading);
  return loading;
}

export async function loadFormWords(language: Translator): Promise<FormWords> {
  const words = new Translator(language.locale, await catalogueOf(language.locale));
  style();
  return new FormWords(words, language);
}

let styled = false;

/** A sheet made by script is no inline style: the page's policy allows it. */
function style(): void {
  if (styled) return;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  styled = true;
}
