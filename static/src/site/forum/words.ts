// What the script says, in the page's language: the server wrote it into the page, so nothing more is fetched.
export type Params = Record<string, string | number>;

let words: Readonly<Record<string, string>> = {};

export function readWords(): void {
  try {
    words = JSON.parse(document.querySelector<HTMLMetaElement>('meta[name="amanah-words"]')?.content ?? "{}") as Record<string, string>;
  } catch {
    words = {};
  }
}

export const locale = (): string => document.documentElement.lang || "id";

/** A text by its key; with `n` in the parameters, the plural form of the language. */
export function say(key: string, params: Params = {}): string {
  const n = params["n"];
  const form = typeof n === "number" ? words[`js.${key}_${new Intl.PluralRules(locale()).select(n)}`] : undefined;
  const text = form ?? words[`js.${key}`] ?? words[`js.${key}_other`] ?? "";
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}

/** The name of a kind of identifier. */
export const labelName = (label: string): string => words[`hidden.${label}`] ?? label;

/** A line of redacted text as people read it: `nomor telepon 1`. */
export const readable = (text: string): string => text.replace(/⟦([A-Z_]+):(\d+)⟧/g, (_, label: string, n: string) => `${labelName(label)} ${n}`);
