// Where the visitor's token is kept between two pages: the storage of Amanah's own origin. Browsers that refuse storage to
// frames of another site still allow a partitioned cookie (CHIPS): seen on that one site only, sent with nothing but the
// frame's own page. Where neither works, the conversation lasts as long as the page.

const MAX_AGE_S = 30 * 24 * 3600;

/** Names in the storage, and of cookies. */
const TOKEN = ["amanah.token", "amanah_visitor"] as const;
const WHOSE = ["amanah.identified", "amanah_whose"] as const;
type Kept = typeof TOKEN | typeof WHOSE;

function load([key, cookie]: Kept): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return new RegExp(`(?:^|; )${cookie}=([\\w.~-]+)`).exec(document.cookie)?.[1] ?? null;
  }
}

function save([key, cookie]: Kept, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    const age = value === null ? 0 : MAX_AGE_S;
    document.cookie = `${cookie}=${value ?? ""}; Path=/widget; Max-Age=${age}; SameSite=None; Secure; Partitioned`;
  }
}

export const loadToken = () => load(TOKEN);
export const saveToken = (token: string | null) => save(TOKEN, token);

/** For whom the session is by the word of the page around the frame (`identified.ts`); null where the page said nothing. */
export const loadIdentified = () => load(WHOSE);
export const saveIdentified = (whose: string | null) => save(WHOSE, whose);
