// The embed loader: <script src="https://HOST/widget.js" defer data-locale="id" data-color="#0a7"></script>.
// Puts a button and a frame into a foreign page, inside a shadow root so that neither style reaches the other, and offers
// the page `window.amanah`. Holds no data: the conversation lives in the frame, on Amanah's own origin.
import { isColour, wordsOn } from "../shared/colour";
import { Greeting, rulesOf, type GreetingRules } from "./greeting";
import { STYLE } from "./style";
import { lookOf } from "./theme";

const WORDS = {
  id: { open: "Buka obrolan dukungan", close: "Tutup obrolan dukungan", title: "Obrolan dukungan", unread: "belum dibaca", asked: "ada pertanyaan untuk Anda", dismiss: "Tutup sapaan" },
  en: { open: "Open support chat", close: "Close support chat", title: "Support chat", unread: "unread", asked: "a question waits for you", dismiss: "Close the greeting" },
};
// Where the chat fills the page: phones, upright and on their side, and a page enlarged to twice its size.
const SMALL = "(max-width:480px),(max-height:480px)";
const EVENTS = ["ready", "open", "close", "unread", "identified"] as const;
type EventName = (typeof EVENTS)[number];
type Listener = (detail: unknown) => void;
/** A signed token, or what fetches one when it is needed. */
type Word = string | null | undefined;
type Identity = string | (() => Word | Promise<Word>);

function start(script: HTMLScriptElement): void {
  const place = window as { amanah?: { open?: unknown } };
  // A tag manager and the page itself may both bring the loader: one chat is enough.
  if (typeof place.amanah?.open === "function") return;
  const home = new URL(script.src);
  const { color, locale, theme } = script.dataset;
  const language = (locale ?? document.documentElement.lang).slice(0, 2) === "en" ? "en" : "id";
  const words = WORDS[language];

  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  // A constructed sheet is allowed under a policy that forbids inline styles.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];

  const frame = document.createElement("div");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "launch";
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", "M12 3c5.5 0 9 3.5 9 8s-3.5 8-9 8c-1 0-2-.1-2.8-.4L4.5 21v-4.5C3.5 15 3 13 3 11c0-4.5 3.5-8 9-8z");
  icon.append(path);
  const badge = document.createElement("b");
  badge.hidden = true;
  button.append(icon, badge);
  frame.append(button);
  root.append(frame);
  // Beside the body: sites that exchange it without loading the page anew take nothing of the chat along.
  document.documentElement.append(host);

  let view: HTMLIFrameElement | null = null;
  let ready = false;
  let open = false;
  let unread = 0;
  let asked = false;
  /** What the page said of its scrolling, while it is kept from it. */
  let scrolling: string | null = null;
  let opener: Element | null = null;
  let scheme = theme;
  let identity: Identity | null = null;
  const listeners: Record<EventName, Set<Listener>> = {
    ready: new Set(), open: new Set(), close: new Set(), unread: new Set(), identified: new Set(),
  }; // prettier-ignore
  const emit = (name: EventName, detail?: unknown) => listeners[name].forEach((listener) => listener(detail));

  const label = () => {
    const news = [open ? words.close : words.open];
    if (unread > 0) news.push(`${unread} ${words.unread}`);
    if (asked) news.push(words.asked);
    button.setAttribute("aria-label", news.join(", "));
    button.setAttribute("aria-expanded", String(open));
    badge.hidden = unread === 0 && !asked;
    badge.textContent = unread > 99 ? "99+" : unread > 0 ? String(unread) : asked ? "?" : "";
  };
  const tell = (type: string, more: object = {}) => view?.contentWindow?.postMessage({ type, ...more }, home.origin);
  const dress = () => {
    const look = lookOf(scheme);
    if (isColour(color)) look.vars["brand"] ??= color;
    const brand = look.vars["brand"];
    const colour = isColour(brand) ? brand : "#0d5c4d";
    host.style.setProperty("--c", colour);
    host.style.setProperty("--w", wordsOn(colour));
    if (ready) tell("amanah:theme", look);
  };
  const vouch = async () => {
    if (!identity || !ready) return;
    try {
      const token = typeof identity === "string" ? identity : await identity();
      // A token opens one session: what is given as it is, is used once.
      if (typeof identity === "string") identity = null;
      tell("amanah:identify", { token: token ?? "" });
    } catch {
      emit("identified", { ok: false });
    }
  };
  const load = () => {
    if (view) return;
    view = document.createElement("iframe");
    view.title = words.title;
    view.hidden = true;
    view.allow = "geolocation; clipboard-write";
    const query = new URLSearchParams({ embed: "1", locale: language, origin: location.origin });
    if (isColour(color)) query.set("color", color);
    view.src = `${home.origin}/widget?${query}`;
    frame.append(view);
  };
  const small = () => open && matchMedia(SMALL).matches;
  /** A keyboard on the screen covers the lower end of what fills the page; the chat ends above it. */
  const fit = () => {
    const seen = window.visualViewport;
    const narrowed = seen && small() && seen.scale < 1.1;
    if (view) view.style.cssText = narrowed ? `height:${seen.height}px;top:${seen.offsetTop}px` : "";
  };
  for (const moved of ["resize", "scroll"]) window.visualViewport?.addEventListener(moved, fit);
  /** Focus goes to where the chat was opened from. */
  const giveBack = () => {
    if (opener instanceof HTMLElement && opener.isConnected && opener !== document.body && opener !== host) opener.focus();
    else button.focus();
  };
  // The frame runs beside the page: opened and closed at once, it takes the focus for itself when it is hidden already.
  addEventListener("blur", () => setTimeout(() => void (!open && view && root.activeElement === view && giveBack())));
  const show = (next: boolean) => {
    if (open === next) return;
    open = next;
    greeting.hide();
    load();
    if (view) view.hidden = !open;
    frame.className = open ? "open" : "";
    fit();
    // Where the chat fills the page, what is below must not scroll along.
    const page = document.documentElement.style;
    if (small()) {
      scrolling = page.overflow;
      page.overflow = "hidden";
    } else if (scrolling !== null) {
      page.overflow = scrolling;
      scrolling = null;
    }
    if (ready) tell(open ? "amanah:opened" : "amanah:closed");
    if (open) {
      opener = document.activeElement;
      view?.focus();
    } else giveBack();
    label();
    emit(open ? "open" : "close");
  };
  const greeting = new Greeting(frame, words.dismiss, () => show(true));

  button.addEventListener("click", () => show(!open));
  // A site may open the chat from a button of its own: dispatchEvent(new Event("amanah:open", { cancelable: true })).
  addEventListener("amanah:open", (event) => {
    event.preventDefault();
    show(true);
  });
  addEventListener("keydown", (event) => {
    // Not what the page has understood as meant for itself.
    if (event.key === "Escape" && open && !event.defaultPrevented) show(false);
  });
  addEventListener("message", (event) => {
    if (event.origin !== home.origin || event.source !== view?.contentWindow) return;
    const data = event.data as { type?: unknown; count?: unknown; asked?: unknown; ok?: unknown };
    if (data.type === "amanah:ready") {
      ready = true;
      dress();
      tell(open ? "amanah:opened" : "amanah:closed");
      // What was given to an empty frame, its document knows nothing of.
      if (root.activeElement === view) view?.contentWindow?.focus();
      void vouch();
      emit("ready");
    } else if (data.type === "amanah:close") show(false);
    else if (data.type === "amanah:wrote") remember("1");
    else if (data.type === "amanah:identified") emit("identified", { ok: data.ok === true });
    else if (data.type === "amanah:unread" && typeof data.count === "number") {
      unread = Math.max(0, Math.floor(data.count));
      asked = data.asked === true;
      label();
      emit("unread", { count: unread, asked });
    }
  });
  dress();
  label();
  const rules = rulesOf(script.dataset);
  if (rules) greeting.plan(rules);

  const api = {
    open: () => show(true),
    close: () => show(false),
    /** Who is in front of the page, by its own server's word; a function is asked at every visit, and may say nobody. */
    identify(who: Identity) {
      identity = who;
      if (ready) void vouch();
    },
    /** The person has signed out of the page: the chat forgets them. */
    forget() {
      identity = null;
      remember(null);
      if (ready) tell("amanah:forget");
    },
    /** `light`, `dark` or `auto`; reads the page's `--amanah-*` variables again. */
    setTheme(next: string) {
      scheme = next;
      dress();
    },
    greet: (given: Partial<GreetingRules> & { text: string }) => greeting.plan({ after: 0, pages: [], ...given }),
    on(name: EventName, listener: Listener) {
      listeners[name]?.add(listener);
      return () => listeners[name]?.delete(listener);
    },
  };
  place.amanah = api;
  dispatchEvent(new Event("amanah:loaded"));

  // Who has written here before may have an answer waiting: the frame is loaded when the page is idle.
  try {
    if (localStorage.getItem("amanah.used")) (window.requestIdleCallback ?? setTimeout)(load);
  } catch {
    // Without storage the frame is simply loaded on the first opening.
  }
}

function remember(value: string | null): void {
  try {
    if (value) localStorage.setItem("amanah.used", value);
    else localStorage.removeItem("amanah.used");
  } catch {
    // As above.
  }
}

const script = document.currentScript;
if (script instanceof HTMLScriptElement) {
  if (document.body) start(script);
  else addEventListener("DOMContentLoaded", () => start(script));
}
