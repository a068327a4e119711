// The desk's top: where one is, whether there is a connection, how available one is, help and the way out.
import { useState } from "preact/hooks";
import { useLanguage } from "../shared/ui/hooks";
import { Icon, Mark } from "../shared/ui/icons";
import { alertState, turnAlerts } from "./alerts";
import type { DeskClient } from "./client";
import { DeskIcon } from "./icons";
import { Menu, type MenuItem } from "./menu";

const STATUSES = ["available", "busy", "away"] as const;

export function DeskHeader({ client, company, onHelp }: { client: DeskClient; company: string; onHelp: () => void }) {
  const language = useLanguage();
  const { state } = client.connection;
  const word = state === "online" ? "desk.connected" : state === "connecting" ? "desk.connecting" : "desk.disconnected";
  return (
    <header class="desk-top">
      <Mark size={28} />
      <h1>
        {language.t("desk.title")}
        {company && <span class="desk-company">{company}</span>}
      </h1>
      <p class={`connection connection-${state}`} role="status">
        {language.t(word)}
      </p>
      {client.account?.role === "privacy_officer" && (
        <button
          type="button"
          class="button button-small button-quiet desk-signals"
          title={language.t("desk.signals")}
          onClick={() => void import("./signals/dialog").then((lazy) => lazy.openSignals(client.api, language))}
        >
          <DeskIcon name="eye" size={18} />
          <span>{language.t("desk.signals")}</span>
        </button>
      )}
      <button type="button" class="icon-button" aria-label={language.t("desk.help")} title={language.t("desk.help")} onClick={onHelp}>
        <Icon name="help" size={22} />
      </button>
      <OwnMenu client={client} />
    </header>
  );
}

/** Who one is here: one's status, notices of the desktop, signing out. */
function OwnMenu({ client }: { client: DeskClient }) {
  const language = useLanguage();
  const [alerts, setAlerts] = useState(alertState);
  const status = client.office.me?.status;
  const name = client.account?.display_name ?? "";
  const items: MenuItem[] = status
    ? STATUSES.map((one) => ({ key: one, label: language.t(`desk.status_${one}`), checked: one === status }))
    : [];
  if (alerts !== "unsupported") items.push({ key: "alerts", label: language.t(`desk.alerts_${alerts}`) });
  items.push({ key: "leave", label: language.t("desk.sign_out") });
  const choose = async (key: string) => {
    if (key === "leave") return client.signOut();
    if (key === "alerts") return setAlerts(await turnAlerts(alerts !== "on"));
    const answer = await client.office.setStatus(key);
    client.say(answer, { words: "desk.status_toast", params: { status: language.t(`desk.status_${key as "away"}`) } });
  };
  return (
    <Menu
      id="own-menu"
      label={status ? language.t("desk.own_menu", { name, status: language.t(`desk.status_${status}`) }) : name}
      class={`self self-${status ?? "none"}`}
      end
      items={items}
      onChoose={(key) => void choose(key)}
    >
      <DeskIcon name="person" size={18} />
      <span class="desk-me">{name}</span>
    </Menu>
  );
}
