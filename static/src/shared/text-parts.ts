// A stored text, cut into what is shown: plain text, chips for hidden identifiers, links. Pure; builds no markup, so
// that nothing in a message can ever become markup.

export type TextPart =
  | { kind: "text"; text: string }
  | { kind: "hidden"; label: string; number: number }
  | { kind: "link"; href: string; text: string };

const PLACEHOLDER = /⟦([A-Z_]+):([1-9]\d*)⟧/g;
const URL_LIKE = /\bhttps?:\/\/[^\s<>"'`⟦⟧⟪⟫]+/gi;
// Sentence punctuation that follows an address rather than belonging to it.
const TRAILING = /[.,;:!?)\]}»”’]+$/;

/** An http(s) address that leads where it says: no other scheme, no user name in front of the host. */
function safeAddress(candidate: string): string | null {
  try {
    const url = new URL(candidate);
    if (url.protocol !== "http:" && url.protocol !== "https:") return null;
    return url.username || url.password ? null : url.href;
  } catch {
    return null;
  }
}

function pushLinked(parts: TextPart[], text: string): void {
  let from = 0;
  for (const match of text.matchAll(URL_LIKE)) {
    const shown = match[0].replace(TRAILING, "");
    const href = safeAddress(shown);
    if (!href) continue;
    if (match.index > from) parts.push({ kind: "text", text: text.slice(from, match.index) });
    parts.push({ kind: "link", href, text: shown });
    from = match.index + shown.length;
  }
  if (from < text.length) parts.push({ kind: "text", text: text.slice(from) });
}

/** Cuts a redacted text. `⟦`, `⟧` in it are always the server's: what a person types of them is escaped. */
export function parseText(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    if (match.index > from) pushLinked(parts, text.slice(from, match.index));
    parts.push({ kind: "hidden", label: match[1] ?? "", number: Number(match[2]) });
    from = match.index + match[0].length;
  }
  if (from < text.length) pushLinked(parts, text.slice(from));
  return parts;
}

/** Labels in the order of their first appearance, each once. */
export function distinctLabels(items: readonly { label: string }[]): string[] {
  return [...new Set(items.map((item) => item.label))];
}
