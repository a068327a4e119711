// Drafts that the server keeps, redacted, so that they are there on another device too. Never a reason to fail.
import { Http } from "../../shared/http";
import type { Fields } from "./drafts";

interface DraftList {
  items: { place: string; title: string; text: string }[];
}

const http = new Http();
/** What is on its way there: forgotten before it arrives, it would stay. */
let keeping: Promise<unknown> = Promise.resolve();

export function keepOnServer(place: string, title: string, text: string): void {
  if (title.trim() || text.trim()) keeping = keeping.then(() => http.call("PUT", "/me/drafts", { place, title, text }));
}

export async function recallFromServer(place: string): Promise<Fields | null> {
  const answer = await http.call<DraftList>("GET", "/me/drafts");
  const found = answer.ok ? answer.data.items.find((draft) => draft.place === place) : undefined;
  return found ? { title: found.title, text: found.text } : null;
}

export async function forgetOnServer(place: string): Promise<void> {
  await keeping;
  await http.call("DELETE", `/me/drafts?place=${encodeURIComponent(place)}`);
}
