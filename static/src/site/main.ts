// Small enhancements of the public pages, which work without: the theme, and remembering the language.
import "../shared/styles/tokens.css";
import "../shared/styles/base.css";
import "./site.css";
import { applyTheme, chosenTheme, remember, type Theme } from "../shared/page";

const NEXT: Record<Theme, Theme> = { auto: "dark", dark: "light", light: "auto" };

/** `<button data-theme-switch hidden data-auto="…" data-dark="…" data-light="…">`: each click chooses the next theme. */
function themeSwitch(button: HTMLButtonElement): void {
  const show = () => {
    button.textContent = button.dataset[chosenTheme()] ?? "";
  };
  button.addEventListener("click", () => {
    const theme = NEXT[chosenTheme()];
    remember("amanah.theme", theme === "auto" ? null : theme);
    applyTheme(theme);
    show();
  });
  button.hidden = false;
  show();
}

applyTheme();
for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-theme-switch]")) themeSwitch(button);

// Links to the other language (`<a hreflang="en" data-language>`) are plain links; the desk follows the last choice.
for (const link of document.querySelectorAll<HTMLAnchorElement>("a[data-language]")) {
  link.addEventListener("click", () => remember("amanah.locale", link.hreflang));
}

// `<button data-open-chat hidden>`: opens the chat of the embed loader on the same page.
for (const button of document.querySelectorAll<HTMLElement>("[data-open-chat]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.dispatchEvent(new Event("amanah:open")));
}
