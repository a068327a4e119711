// Starts an application that has a page and words of its own: language, theme, its client, its view.
import { render, type ComponentChildren } from "preact";
import { chooseLocale, loadCatalogue, Translator, type Catalogue, type Locale } from "./i18n";
import { doorWords } from "./lazy";
import { applyTheme, readConfig, type PageConfig } from "./page";
import { Language } from "./ui/hooks";

export async function startPage(
  client: { start(): Promise<unknown> },
  ownWords: (locale: Locale) => Promise<{ default: Catalogue }>,
  view: (config: PageConfig) => ComponentChildren,
): Promise<void> {
  const app = document.getElementById("app");
  if (!app) return;
  const config = readConfig();
  const locale = chooseLocale(config.locale, navigator.language);
  document.documentElement.lang = locale;
  applyTheme();
  const [words, door, own] = await Promise.all([loadCatalogue(locale), doorWords(locale), ownWords(locale), client.start()]);
  render(<Language.Provider value={new Translator(locale, { ...words, ...door.default, ...own.default })}>{view(config)}</Language.Provider>, app);
}
