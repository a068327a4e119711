// Starts the staff desk in its page.
import { render } from "preact";
import "../shared/styles/tokens.css";
import "../shared/styles/base.css";
import "../shared/styles/chat.css";
import "./desk.css";
import { chooseLocale, loadCatalogue, Translator, type Catalogue, type Locale } from "../shared/i18n";
import { applyTheme, readConfig } from "../shared/page";
import { Language } from "../shared/ui/hooks";
import { DeskClient } from "./client";
import { DeskView } from "./view";

async function loadDeskCatalogue(locale: Locale): Promise<Catalogue> {
  const module = locale === "en" ? await import("./locales/en.json") : await import("./locales/id.json");
  return module.default;
}

async function start(app: HTMLElement): Promise<void> {
  const config = readConfig();
  const locale = chooseLocale(config.locale, navigator.language);
  document.documentElement.lang = locale;
  applyTheme();
  const client = new DeskClient();
  const [words, deskWords] = await Promise.all([loadCatalogue(locale), loadDeskCatalogue(locale), client.start()]);
  render(
    <Language.Provider value={new Translator(locale, { ...words, ...deskWords })}>
      <DeskView client={client} company={config.company ?? ""} />
    </Language.Provider>,
    app,
  );
}

const app = document.getElementById("app");
if (app) void start(app);
