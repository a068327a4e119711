// Small enhancements of the public pages, which work without: chips in the example, the theme, the chat's button.
import "../shared/styles/tokens.css";
import "../shared/styles/base.css";
import "./site.css";
import { chooseLocale, loadCatalogue, Translator } from "../shared/i18n";
import { applyTheme, chosenTheme, remember, type Theme } from "../shared/page";
import { parseText } from "../shared/text-parts";

const NEXT: Record<Theme, Theme> = { auto: "dark", dark: "light", light: "auto" };

/** Placeholders in `[data-redacted]` become the same chips that a conversation shows. */
function showChips(element: HTMLElement, language: Translator): void {
  const parts = parseText(element.textContent ?? "").map((part) => {
    if (part.kind !== "hidden") return part.text;
    const chip = document.createElement("span");
    chip.className = "chip";
    chip.textContent = language.t("chip.name", { label: language.label(part.label), number: part.number });
    const rest = document.createElement("span");
    rest.className = "sr-only";
    rest.textContent = ` ${language.t("chip.hidden")}`;
    chip.append(rest);
    return chip;
  });
  element.replaceChildren(...parts);
}

/** A button at the end of the page's navigation: each click takes the next theme. */
function addThemeSwitch(nav: Element, language: Translator): void {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "theme-switch";
  const show = () => {
    button.textContent = language.t(`site.theme_${chosenTheme()}`);
  };
  button.addEventListener("click", () => {
    const theme = NEXT[chosenTheme()];
    remember("amanah.theme", theme === "auto" ? null : theme);
    applyTheme(theme);
    show();
  });
  show();
  nav.append(button);
}

applyTheme();
const locale = chooseLocale(document.documentElement.lang);
void loadCatalogue(locale).then((catalogue) => {
  const language = new Translator(locale, catalogue);
  for (const element of document.querySelectorAll<HTMLElement>("[data-redacted]")) showChips(element, language);
  const nav = document.querySelector("header nav");
  if (nav) addThemeSwitch(nav, language);
});

// A plain link to the chat opens the embedded one instead, where the loader is at work.
for (const link of document.querySelectorAll<HTMLAnchorElement>("a[data-open-chat]")) {
  link.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    // The loader says that it has taken the call by cancelling the event.
    if (!window.dispatchEvent(new Event("amanah:open", { cancelable: true }))) event.preventDefault();
  });
}
