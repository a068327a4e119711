// Starts the account page.
import "../shared/styles/tokens.css";
import "../shared/styles/base.css";
import "../shared/styles/door.css";
import "./account.css";
import { startPage } from "../shared/start";
import { AccountClient } from "./client";
import { AccountView } from "./view";

const client = new AccountClient();
void startPage(
  client,
  (locale) => (locale === "en" ? import("./locales/en.json") : import("./locales/id.json")),
  (config) => <AccountView client={client} company={config.company ?? ""} visitDays={config.visit_days ?? 30} />,
);
