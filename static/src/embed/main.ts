// The embed loader: <script src="https://HOST/widget.js" defer data-locale="id" data-color="#0a7"></script>.
// Puts a button and a frame into a foreign page, inside a shadow root so that neither style reaches the other. Holds no
// data: the conversation lives in the frame, on Amanah's own origin.
import { isColour, wordsOn } from "../shared/colour";

const WORDS = {
  id: { open: "Buka obrolan dukungan", close: "Tutup obrolan dukungan", title: "Obrolan dukungan", unread: "belum dibaca" },
  en: { open: "Open support chat", close: "Close support chat", title: "Support chat", unread: "unread" },
};

const STYLE = `
:host{all:initial}
button{position:fixed;right:16px;bottom:16px;width:60px;height:60px;border:0;border-radius:30px 30px 6px 30px;cursor:pointer;
background:var(--c);color:var(--w);box-shadow:0 4px 18px rgba(0,0,0,.28);z-index:2147483000;display:grid;place-items:center;transition:transform .15s}
button:hover{transform:translateY(-2px)}
button:focus-visible{outline:3px solid var(--w);outline-offset:-6px;box-shadow:0 0 0 3px var(--c),0 4px 18px rgba(0,0,0,.28)}
svg{width:30px;height:30px;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
b{position:absolute;top:-4px;right:-4px;min-width:22px;height:22px;border-radius:11px;background:#b3261e;color:#fff;
font:700 13px/22px system-ui,sans-serif;text-align:center;padding:0 5px;box-sizing:border-box}
iframe{position:fixed;right:16px;bottom:88px;width:384px;height:min(620px,calc(100dvh - 112px));border:0;border-radius:16px;
background:transparent;color-scheme:normal;box-shadow:0 12px 48px rgba(0,0,0,.3);z-index:2147483001}
[hidden]{display:none}
@media (max-width:480px){iframe{inset:0;width:100%;height:100%;height:100dvh;border-radius:0}.open button{display:none}}
@media (prefers-reduced-motion:reduce){button{transition:none}button:hover{transform:none}}
@media print{button,iframe{display:none}}`;

function start(script: HTMLScriptElement): void {
  const home = new URL(script.src);
  const { color, locale } = script.dataset;
  const language = (locale ?? document.documentElement.lang).slice(0, 2) === "en" ? "en" : "id";
  const words = WORDS[language];
  const colour = isColour(color) ? color : "#0d5c4d";

  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  // A constructed sheet is allowed under a policy that forbids inline styles.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
  host.style.setProperty("--c", colour);
  host.style.setProperty("--w", wordsOn(colour));

  const frame = document.createElement("div");
  const button = document.createElement("button");
  button.type = "button";
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
  document.body.append(host);

  let view: HTMLIFrameElement | null = null;
  let ready = false;
  let open = false;
  let unread = 0;
  let scrolling = "";

  const label = () => {
    const count = unread > 0 ? `, ${unread} ${words.unread}` : "";
    button.setAttribute("aria-label", (open ? words.close : words.open) + count);
    button.setAttribute("aria-expanded", String(open));
    badge.hidden = unread === 0;
    badge.textContent = unread > 99 ? "99+" : String(unread);
  };
  const tell = (type: string) => view?.contentWindow?.postMessage({ type }, home.origin);
  const load = () => {
    if (view) return;
    view = document.createElement("iframe");
    view.title = words.title;
    view.hidden = true;
    const query = new URLSearchParams({ embed: "1", locale: language, origin: location.origin });
    if (isColour(color)) query.set("color", color);
    view.src = `${home.origin}/widget?${query}`;
    frame.append(view);
  };
  const show = (next: boolean) => {
    open = next;
    load();
    if (view) view.hidden = !open;
    frame.className = open ? "open" : "";
    // On a phone the chat fills the page: what is below must not scroll along.
    const page = document.documentElement.style;
    if (open && matchMedia("(max-width:480px)").matches) {
      scrolling = page.overflow;
      page.overflow = "hidden";
    } else if (!open) page.overflow = scrolling;
    if (ready) tell(open ? "amanah:opened" : "amanah:closed");
    if (open) view?.focus();
    else button.focus();
    label();
    try {
      localStorage.setItem("amanah.used", "1");
    } catch {
      // Without storage the frame is simply loaded on the first opening.
    }
  };

  button.addEventListener("click", () => show(!open));
  // A site may open the chat from a button of its own: dispatchEvent(new Event("amanah:open", { cancelable: true })).
  addEventListener("amanah:open", (event) => {
    event.preventDefault();
    show(true);
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && open) show(false);
  });
  addEventListener("message", (event) => {
    if (event.origin !== home.origin || event.source !== view?.contentWindow) return;
    const data = event.data as { type?: unknown; count?: unknown };
    if (data.type === "amanah:ready") {
      ready = true;
      tell(open ? "amanah:opened" : "amanah:closed");
    } else if (data.type === "amanah:close") show(false);
    else if (data.type === "amanah:unread" && typeof data.count === "number") {
      unread = Math.max(0, Math.floor(data.count));
      label();
    }
  });
  label();

  // Who has chatted here before may have an answer waiting: the frame is loaded when the page is idle.
  try {
    if (localStorage.getItem("amanah.used")) (window.requestIdleCallback ?? setTimeout)(load);
  } catch {
    // As above.
  }
}

const script = document.currentScript;
if (script instanceof HTMLScriptElement) {
  if (document.body) start(script);
  else addEventListener("DOMContentLoaded", () => start(script));
}
