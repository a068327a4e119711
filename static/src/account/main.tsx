// Starts the account page.
import { render } from "preact";
import "../shared/styles/tokens.css";
import "../shared/styles/base.css";
import "./account.css";
import { chooseLocale, loadCatalogue, Translator, type Catalogue, type Locale } from "../shared/i18n";
import { applyTheme, readConfig } from "../shared/page";
import { Language } from "../shared/ui/hooks";
import { AccountClient } from "./client";
import { AccountView } from "./view";

async function loadAccountCatalogue(locale: Locale): Promise<Catalogue> {
  const module = locale === "en" ? await import("./locales/en.json") : await import("./locales/id.json");
  return module.default;
}

async function start(app: HTMLElement): Promise<void> {
  const config = readConfig();
  const locale = chooseLocale(config.locale, navigator.language);
  document.documentElement.lang = locale;
  applyTheme();
  const client = new AccountClient();
  const [words, accountWords] = await Promise.all([loadCatalogue(locale), loadAccountCatalogue(locale), client.start()]);
  render(
    <Language.Provider value={new Translator(locale, { ...words, ...accountWords })}>
      <AccountView client={client} company={config.company ?? ""} visitDays={config.visit_days ?? 30} />
    </Language.Provider>,
    app,
  );
}

const app = document.getElementById("app");
if (app) void start(app);
