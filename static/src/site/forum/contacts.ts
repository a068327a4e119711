// A writer's own contact while they write: what they signed for, and how to sign another. The server decides; this says
// beforehand what it will do.
import type { Span } from "../../shared/wire";
import { say } from "./words";

const LABELS: readonly string[] = ["PHONE", "EMAIL"];

export interface Sorted {
  /** Will be hidden. */
  hidden: Span[];
  /** Will be shown, as they were typed. */
  shown: string[];
  /** Whether one could be shown that is not signed yet. */
  unsigned: boolean;
}

/** What says that contacts may be published: in the category that is chosen, or the only one. */
function hintIn(form: HTMLFormElement): HTMLElement | null {
  const category = form.elements.namedItem("category");
  const hints = [...form.querySelectorAll<HTMLElement>("[data-contacts]")];
  if (!(category instanceof HTMLSelectElement)) return hints[0] ?? null;
  return hints.find((hint) => hint.dataset["category"] === category.value) ?? null;
}

/** The same number or address however it is written: +62 812 and 0812, capitals and small letters. */
export function normal(label: string, value: string): string {
  if (label === "EMAIL") return value.trim().toLowerCase();
  const digits = value.replace(/\D/g, "").replace(/^00/, "");
  return digits.replace(/^62(?=\d{7})/, "").replace(/^0/, "");
}

/** Tells what will be hidden from what its writer has signed. Spans count code points. */
export function sorted(form: HTMLFormElement | null, text: string, spans: readonly Span[]): Sorted {
  const hint = form ? hintIn(form) : null;
  if (!hint) return { hidden: [...spans], shown: [], unsigned: false };
  const signed = JSON.parse(hint.dataset["contacts"] ?? "[]") as string[];
  const points = [...text];
  const found: Sorted = { hidden: [], shown: [], unsigned: false };
  for (const span of spans) {
    const value = points.slice(span.start, span.end).join("");
    const contact = LABELS.includes(span.label);
    if (contact && signed.some((one) => normal(span.label, one) === normal(span.label, value))) found.shown.push(value);
    else {
      found.hidden.push(span);
      found.unsigned ||= contact;
    }
  }
  return found;
}

/** The way to the page on which a contact is signed. What was written stays in this browser. */
export function wayToSign(form: HTMLFormElement | null): HTMLAnchorElement | null {
  const address = form ? addressOf(form) : "";
  if (!form || !address) return null;
  // Where no draft is kept, what was typed stays in this tab.
  const target = form.dataset["place"] ? "" : "_blank";
  return Object.assign(document.createElement("a"), { href: address, target, rel: "noopener", textContent: say("contact_sign") });
}

/** Where the chosen category's contacts are signed; empty where that is to be chosen there. */
export function addressOf(form: HTMLFormElement): string {
  return hintIn(form)?.dataset["sign"] ?? "";
}

/** A post's words without the contacts that its writer published in it: who quotes them publishes nothing. */
export function quotable(prose: Element): string {
  const copy = prose.cloneNode(true) as Element;
  for (const contact of copy.querySelectorAll<HTMLElement>(".contact")) contact.textContent = `[${contact.dataset["hidden"] ?? ""}]`;
  return copy.textContent ?? "";
}
