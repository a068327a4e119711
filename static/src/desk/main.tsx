// Starts the staff desk in its page.
import "../shared/styles/tokens.css";
import "../shared/styles/base.css";
import "../shared/styles/door.css";
import "../shared/styles/chat.css";
import "./desk.css";
import "./parts.css";
import "../shared/styles/closed.css";
import "./narrow.css";
import { startPage } from "../shared/start";
import { DeskClient } from "./client";
import { DeskView } from "./view";

const client = new DeskClient();
void startPage(
  client,
  (locale) => (locale === "en" ? import("./locales/en.json") : import("./locales/id.json")),
  (config) => <DeskView client={client} company={config.company ?? ""} />,
);
