// What is being written stays in this browser until it is sent, thrown away, or a week old. Signing out clears all.
import { recall, remember } from "../../shared/page";

const PREFIX = "amanah.writing:";
const LASTS_MS = 7 * 86_400_000;

export type Fields = Record<string, string>;

interface Kept {
  at: number;
  fields: Fields;
}

export function recallDraft(place: string, now = Date.now()): Fields | null {
  try {
    const kept = JSON.parse(recall(PREFIX + place) ?? "null") as Kept | null;
    if (!kept || now - kept.at > LASTS_MS) return null;
    return kept.fields;
  } catch {
    return null;
  }
}

/** An empty text is no draft. */
export function keepDraft(place: string, fields: Fields, now = Date.now()): void {
  const empty = Object.values(fields).every((value) => value.trim() === "");
  remember(PREFIX + place, empty ? null : JSON.stringify({ at: now, fields } satisfies Kept));
}

export function dropDraft(place: string): void {
  remember(PREFIX + place, null);
}

export function dropAllDrafts(): void {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  } catch {
    // Storage is forbidden here: there are none.
  }
}
