// What the menu in the chat's head offers; fetched when it is first opened.
import { useLanguage } from "../shared/ui/hooks";
import type { WidgetClient } from "./client";

interface MenuListProps {
  client: WidgetClient;
  onScreen: (screen: "history" | "account") => void;
  /** Something was chosen: the menu closes before it is done. */
  onChosen: () => void;
}

export function MenuList({ client, onScreen, onChosen }: MenuListProps) {
  const language = useLanguage();
  const named = client.account?.role === "customer";
  const entry = (label: string, action: () => void) => (
    <li>
      <button
        type="button"
        onClick={() => {
          onChosen();
          action();
        }}
      >
        {label}
      </button>
    </li>
  );
  return (
    <ul id="widget-menu">
      {named && <li class="menu-note">{language.t("widget.signed_in_as", { name: client.account?.display_name ?? "" })}</li>}
      {entry(language.t("widget.history"), () => onScreen("history"))}
      {named
        ? entry(language.t("widget.sign_out"), () => void client.signOut())
        : entry(language.t("widget.sign_in_or_register"), () => onScreen("account"))}
      {entry(language.t("widget.withdraw"), () => void client.withdraw())}
    </ul>
  );
}
