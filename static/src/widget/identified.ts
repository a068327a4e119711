// Takes a page's word on who is there; fetched when a page gives one. A page may say so at every visit, and only another
// person costs a new session. Nothing is trusted here: the server checks each word that opens a session.
import { become } from "./becoming";
import type { WidgetClient } from "./client";
import { loadIdentified, saveIdentified } from "./token";

/** A digest of session, site and person, which nobody can compare who lacks the session; "" where it can't be told. */
async function whoseWord(session: string | null, token: string): Promise<string> {
  try {
    const part = token.split(".")[1] ?? "";
    const said = JSON.parse(atob(part.replaceAll("-", "+").replaceAll("_", "/"))) as { iss?: unknown; sub?: unknown };
    const whose = new TextEncoder().encode(JSON.stringify([session, said.iss, said.sub]));
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", whose));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  } catch {
    return "";
  }
}

/**
 * Who was here as somebody else is not any more. An empty word says that nobody is signed in there: what was somebody's by
 * the page's word is forgotten, what a visitor began stays. Says whether the chat is theirs now.
 */
export async function identify(client: WidgetClient, token: string): Promise<boolean> {
  const known = client.bearer === null ? null : loadIdentified();
  if (!token) {
    if (known !== null) await client.signOut();
    return false;
  }
  if (known && known === (await whoseWord(client.bearer, token))) return true;
  const answer = await client.api.identify(token);
  if (!answer.ok) return false;
  await become(client, answer.data);
  saveIdentified(await whoseWord(client.bearer, token));
  return true;
}
