// The embeddable form: <script src="https://HOST/feedback.js" defer data-locale="id" data-color="#0a7"></script>.
// A button and a window on a foreign page, inside a shadow root so that neither style reaches the other. The page may
// have a button of its own (`data-button="none"`, and any element with `data-amanah-feedback="complaint"` opens it).
import { isColour, wordsOn } from "../shared/colour";
import { drawing, element } from "./build";
import { Form } from "./form";
import { STYLE } from "./style";
import { type Kind, KINDS, WORDS } from "./words";

const MEGAPHONE = "M4 10v4h3l7 4V6l-7 4zM17 9c1 .8 1.500 1.800 1.500 3s-.5 2.200-1.500 3";

const kindOf = (name: string | undefined): Kind | undefined => KINDS.find((kind) => kind === name);

function start(script: HTMLScriptElement): void {
  const home = new URL(script.src).origin;
  const { color, locale, kind, button, theme } = script.dataset;
  const language = (locale ?? document.documentElement.lang).slice(0, 2) === "en" ? "en" : "id";
  const colour = isColour(color) ? color : "#0d5c4d";

  const host = element("div", { lang: language });
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
  host.style.setProperty("--c", colour);
  host.style.setProperty("--w", wordsOn(colour));

  const dark = matchMedia("(prefers-color-scheme:dark)");
  const paint = () => {
    host.dataset["theme"] = theme === "dark" || (theme !== "light" && dark.matches) ? "dark" : "light";
  };
  dark.addEventListener("change", paint);
  paint();

  const form = new Form(home, language, kindOf(kind) ?? "suggestion");
  // What the page says of all its elements reaches the host, and would be inherited from there.
  const all = element("div", { class: "all" }, form.dialog);
  root.append(all);
  if (button !== "none") {
    const tab = element("button", { class: "tab", type: "button", "aria-haspopup": "dialog" }, drawing(MEGAPHONE), WORDS[language].open);
    tab.addEventListener("click", () => form.open());
    // A landmark of its own: whoever goes through a page by these finds it.
    all.prepend(element("section", { "aria-label": WORDS[language].title }, tab));
  }
  document.body.append(host);
  document.addEventListener("click", (event) => {
    const own = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-amanah-feedback]") : null;
    if (!own) return;
    event.preventDefault();
    form.open(kindOf(own.dataset["amanahFeedback"]));
  });
}

const script = document.currentScript;
if (script instanceof HTMLScriptElement) {
  if (document.body) start(script);
  else addEventListener("DOMContentLoaded", () => start(script));
}
