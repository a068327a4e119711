// Tells whether a page's word is for whom the session is already, so that a page may say at every visit who is there, and
// only another person costs a new session. Nothing is trusted here: the server checks each word that opens a session.

/** A digest of session, site and person, which nobody can compare who lacks the session; "" where it can't be told. */
export async function whoseWord(session: string | null, token: string): Promise<string> {
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
