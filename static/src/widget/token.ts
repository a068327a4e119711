// Where the visitor's token is kept between two pages: the storage of Amanah's own origin. Browsers that refuse storage to
// frames of another site still allow a partitioned cookie (CHIPS): seen on that one site only, sent with nothing but the
// frame's own page. Where neither works, the conversation lasts as long as the page.

import { recall, remember } from "../shared/page";

const KEY = "amanah.token";
const COOKIE = "amanah_visitor";
const MAX_AGE_S = 30 * 24 * 3600;

function setCookie(value: string, maxAge: number): void {
  document.cookie = `${COOKIE}=${value}; Path=/widget; Max-Age=${maxAge}; SameSite=None; Secure; Partitioned`;
}

export function loadToken(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return new RegExp(`(?:^|; )${COOKIE}=([\\w.~-]+)`).exec(document.cookie)?.[1] ?? null;
  }
}

export function saveToken(token: string | null): void {
  try {
    if (token === null) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, token);
  } catch {
    setCookie(token ?? "", token === null ? 0 : MAX_AGE_S);
  }
}

const IDENTIFIED = "amanah.identified";

/** Whether the session came by the word of the page around the frame. Where nothing is kept, the page is asked anew. */
export function loadIdentified(): boolean {
  return recall(IDENTIFIED) !== null;
}

export function saveIdentified(identified: boolean): void {
  remember(IDENTIFIED, identified ? "1" : null);
}
