// Starts the customer's chat in its page: language, colours, the client, the views.
import { render } from "preact";
import "../shared/styles/tokens.css";
import "../shared/styles/base.css";
import "../shared/styles/chat.css";
import "./widget.css";
import { chooseLocale, loadCatalogue, Translator } from "../shared/i18n";
import { applyTheme, readConfig } from "../shared/page";
import { Language } from "../shared/ui/hooks";
import { WidgetClient } from "./client";
import { dress } from "./look";
import { parentPage } from "./parent";
import { WidgetView } from "./view";

async function start(app: HTMLElement): Promise<void> {
  const query = new URLSearchParams(location.search);
  const config = readConfig();
  const locale = chooseLocale(query.get("locale"), config.locale, navigator.language);
  document.documentElement.lang = locale;
  applyTheme();
  dress({ vars: { brand: query.get("color") } });
  const client = new WidgetClient(locale, query.get("conversation"));
  const [catalogue] = await Promise.all([loadCatalogue(locale), client.start()]);
  const language = new Translator(locale, catalogue);
  document.title = language.t("widget.title");
  const parent = parentPage(query);
  document.body.classList.toggle("embedded", parent.embedded);
  parent.onAsked({
    identify: (token) => void import("./later").then(({ identify }) => identify(client, token)).then(parent.identified),
    forget: () => void client.signOut(),
    dress,
  });
  render(
    <Language.Provider value={language}>
      <WidgetView client={client} parent={parent} company={config.company ?? ""} policyUrl={config.policy_url ?? ""} />
    </Language.Provider>,
    app,
  );
}

const app = document.getElementById("app");
if (app) void start(app);
