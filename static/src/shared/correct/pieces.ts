// The words of a redacted text that can be hidden, and a choice among them. Pure; places are in UTF-16 units.
import { codePointLength } from "../offsets";
import type { Label } from "../wire";

export interface Place {
  start: number;
  end: number;
}
export type Piece =
  | ({ kind: "word"; text: string } & Place)
  | ({ kind: "space"; text: string } & Place)
  | ({ kind: "hidden"; placeholder: string; label: string; number: number } & Place);

const PIECE = /⟦([A-Z_]+):([1-9]\d*)⟧|\s+|(?:(?!⟦[A-Z_]+:[1-9]\d*⟧)\S)+/g;
/** Code points that can be hidden at once; the server's limit. */
export const MOST_HIDDEN = 200;

export function piecesOf(text: string): Piece[] {
  return [...text.matchAll(PIECE)].map((match) => {
    const place = { start: match.index, end: match.index + match[0].length };
    if (match[1]) return { kind: "hidden", placeholder: match[0], label: match[1], number: Number(match[2]), ...place };
    return { kind: /^\s/.test(match[0]) ? "space" : "word", text: match[0], ...place };
  });
}

/** Whether a choice can be hidden: something in it, nothing hidden already, not too much. */
export function isFit(text: string, choice: Place | null): choice is Place {
  if (!choice || choice.start >= choice.end) return false;
  const piece = text.slice(choice.start, choice.end);
  const touched = piecesOf(text).some((item) => item.kind === "hidden" && item.start < choice.end && choice.start < item.end);
  return !touched && /[\p{L}\p{N}]/u.test(piece) && codePointLength(piece) <= MOST_HIDDEN;
}

/** What is chosen once a word has been pressed: from the first to the last that was, unless something hidden is between. */
export function afterPress(text: string, choice: Place | null, word: Place): Place | null {
  const alone = { start: word.start, end: word.end };
  if (!choice) return alone;
  const inside = choice.start < word.end && word.start < choice.end;
  if (inside) return word.start <= choice.start && choice.end <= word.end ? null : alone;
  const all = { start: Math.min(choice.start, word.start), end: Math.max(choice.end, word.end) };
  return isFit(text, all) ? all : alone;
}

export function isChosen(choice: Place | null, word: Place): boolean {
  return choice !== null && choice.start < word.end && word.start < choice.end;
}

/** The same place in code points, as the server counts. */
export function inCodePoints(text: string, place: Place): Place {
  const start = codePointLength(text.slice(0, place.start));
  return { start, end: start + codePointLength(text.slice(place.start, place.end)) };
}

/** A first guess at what it is, by its look; the reader corrects it. */
export function likelyLabel(piece: string): Label {
  if (/\S@\S+\.\S/.test(piece)) return "EMAIL";
  if (piece.trim().startsWith("@")) return "USERNAME";
  const digits = piece.replace(/\D/g, "").length;
  if (digits === 16) return "NIK";
  if (digits >= 8) return "PHONE";
  return digits > 0 ? "ADDRESS" : "PERSON";
}

/** Where a selection inside the message's body lies in its text; null when it lies elsewhere or is empty. */
export function placeOfSelection(text: string, body: Element | null, selection: Selection | null): Place | null {
  const range = selection?.rangeCount && !selection.isCollapsed ? selection.getRangeAt(0) : null;
  if (!body || !range || !body.contains(range.startContainer) || !body.contains(range.endContainer)) return null;
  const hidden = piecesOf(text).filter((piece) => piece.kind === "hidden");
  let position = 0;
  const before = (node: Node, offset: number): number | null => {
    position = 0;
    let chips = 0;
    for (const [index, child] of [...body.childNodes].entries()) {
      if (node === body && index === offset) return position;
      const chip = child instanceof Element && child.classList.contains("chip") ? hidden[chips++] : undefined;
      if (child.contains(node)) return chip ? position : position + offset;
      position += chip ? chip.end - chip.start : (child.textContent ?? "").length;
    }
    return node === body ? position : null;
  };
  const start = before(range.startContainer, range.startOffset);
  const end = before(range.endContainer, range.endOffset);
  return start === null || end === null || start >= end ? null : { start, end };
}
