// The desk as a whole: sign-in, or header, list and conversation; addresses and keys.
import { useEffect, useRef, useState } from "preact/hooks";
import { useLanguage, useSubscription } from "../shared/ui/hooks";
import { Icon, Mark } from "../shared/ui/icons";
import { idInAddress, pathOf } from "./address";
import type { DeskClient } from "./client";
import { ConversationList } from "./conversation-list";
import { ConversationPane } from "./conversation-pane";
import { HelpDialog } from "./help-dialog";
import { FILTERS, isStaff, listed, neighbour, type Filter } from "./queue";
import { shortcutOf, type Shortcut } from "./shortcuts";
import { SecondFactor } from "./second-factor";
import { SignIn } from "./sign-in";

export function DeskView({ client, company }: { client: DeskClient; company: string }) {
  useSubscription(client);
  const language = useLanguage();
  useEffect(() => {
    const leave = (event: BeforeUnloadEvent) => {
      if (client.losesWords) event.preventDefault();
    };
    window.addEventListener("beforeunload", leave);
    return () => window.removeEventListener("beforeunload", leave);
  }, []);

  if (client.phase === "loading") return <p class="quiet centred">{language.t("app.loading")}</p>;
  if (client.phase === "stuck") {
    return (
      <main class="centred">
        <h1>{language.t("desk.title")}</h1>
        <p role="alert">{language.failure(client.error?.code ?? "internal")}</p>
        <button type="button" class="button" onClick={() => void client.start()}>
          {language.t("message.retry")}
        </button>
      </main>
    );
  }
  if (client.phase === "owing") return <SecondFactor client={client} />;
  if (client.phase === "signed_out" || !client.account) return <SignIn client={client} company={company} />;
  if (!isStaff(client.account)) {
    return (
      <main class="centred">
        <h1>{language.t("desk.title")}</h1>
        <p role="alert">{language.t("desk.not_staff")}</p>
        <button type="button" class="button" onClick={() => void client.signOut()}>
          {language.t("desk.sign_out")}
        </button>
      </main>
    );
  }
  return <Desk client={client} company={company} />;
}

function Desk({ client, company }: { client: DeskClient; company: string }) {
  const language = useLanguage();
  const [filter, setFilter] = useState<Filter>("all");
  const [help, setHelp] = useState(false);
  const me = client.account?.id ?? "";
  const shown = listed(client.conversations.values(), filter, me);

  const go = (id: string | null, focus?: string) => {
    if (location.pathname !== pathOf(id)) history.pushState(null, "", pathOf(id));
    client.view(id);
    // Of what may not be read there is no reply to go to.
    if (focus) requestAnimationFrame(() => (document.querySelector<HTMLElement>(focus) ?? document.getElementById("conversation"))?.focus());
  };
  useEffect(() => {
    const fromAddress = () => client.view(idInAddress());
    fromAddress();
    window.addEventListener("popstate", fromAddress);
    return () => window.removeEventListener("popstate", fromAddress);
  }, []);
  useEffect(() => {
    if (filter === "closed") void client.loadMore("closed");
  }, [filter]);

  const unread = [...client.conversations.values()].reduce((sum, item) => sum + ((item.unread ?? 0) > 0 ? 1 : 0), 0);
  useEffect(() => {
    document.title = (unread > 0 ? `(${unread}) ` : "") + language.t("desk.title");
  }, [unread]);

  const act = useRef((_: Shortcut): boolean => false);
  act.current = (shortcut) => {
    const id = client.openId;
    const open = id ? client.conversations.get(id) : undefined;
    const mine = open !== undefined && open.assignee?.id === client.account?.id;
    if (shortcut === "next" || shortcut === "previous") {
      const focused = document.activeElement?.closest<HTMLElement>("[data-conversation]")?.dataset["conversation"];
      const next = neighbour(shown.map((item) => item.id), focused ?? id, shortcut === "next" ? 1 : -1);
      document.querySelector<HTMLElement>(`[data-conversation="${next}"]`)?.focus();
      return next !== null;
    }
    if (shortcut === "help") setHelp(true);
    else if (shortcut === "escape") {
      if (!id) return false;
      go(null, `[data-conversation="${id}"]`);
    } else if (shortcut.startsWith("filter")) setFilter(FILTERS[Number(shortcut.at(-1)) - 1] ?? "all");
    else if (!id || !open) return false;
    else if (shortcut === "reply") document.getElementById("reply")?.focus();
    else if (shortcut === "assign" && open.assignee === null) void client.change(id, "assign");
    else if (shortcut === "close" && mine) void client.change(id, open.status === "open" ? "close" : "reopen");
    return true;
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (document.querySelector("dialog[open]")) return;
      const shortcut = shortcutOf(event);
      if (shortcut && act.current(shortcut)) event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);

  return (
    <div class={client.openId ? "desk-app desk-open" : "desk-app"}>
      <a class="skip" href="#conversations" onClick={() => document.getElementById("conversations")?.focus()}>
        {language.t("desk.skip_to_list")}
      </a>
      <a class="skip" href="#conversation" onClick={() => document.getElementById("conversation")?.focus()}>
        {language.t("desk.skip_to_conversation")}
      </a>
      <DeskHeader client={client} company={company} onHelp={() => setHelp(true)} />
      <main class="desk-main">
        <ConversationList
          client={client}
          shown={shown}
          filter={filter}
          onFilter={setFilter}
          onOpen={(id) => go(id, matchMedia("(pointer: fine)").matches ? "#reply" : "#conversation")}
        />
        <ConversationPane client={client} onBack={() => go(null, `[data-conversation="${client.openId}"]`)} />
      </main>
      <Notice client={client} />
      {help && <HelpDialog onClose={() => setHelp(false)} />}
    </div>
  );
}

function DeskHeader({ client, company, onHelp }: { client: DeskClient; company: string; onHelp: () => void }) {
  const language = useLanguage();
  const { state } = client.connection;
  const word = state === "online" ? "desk.connected" : state === "connecting" ? "desk.connecting" : "desk.disconnected";
  return (
    <header class="desk-top">
      <Mark size={30} />
      <h1>
        {language.t("desk.title")}
        {company && <span class="desk-company">{company}</span>}
      </h1>
      <p class={`connection connection-${state}`} role="status">
        {language.t(word)}
      </p>
      <p class="desk-me">{client.account?.display_name}</p>
      {client.account?.role === "privacy_officer" && (
        <button
          type="button"
          class="button button-small button-quiet"
          onClick={() => void import("./signals/dialog").then((lazy) => lazy.openSignals(client.api, language))}
        >
          {language.t("desk.signals")}
        </button>
      )}
      <button type="button" class="icon-button" aria-label={language.t("desk.help")} onClick={onHelp}>
        <Icon name="help" size={22} />
      </button>
      <button type="button" class="button button-small button-quiet" onClick={() => void client.signOut()}>
        {language.t("desk.sign_out")}
      </button>
    </header>
  );
}

const NOTICE_MS = 8_000;

/** What was done or refused just now; closing can be undone from here. */
function Notice({ client }: { client: DeskClient }) {
  const language = useLanguage();
  const { notice, error } = client;
  useEffect(() => {
    if (!notice) return;
    const timer = setTimeout(() => client.dismissNotice(), NOTICE_MS);
    return () => clearTimeout(timer);
  }, [notice]);
  const words = {
    assign: "desk.assigned_toast",
    release: "desk.released_toast",
    close: "desk.closed_toast",
    reopen: "desk.reopened_toast",
    given: "desk.given_toast",
    brought_in: "desk.brought_in_toast",
    let_go: "desk.let_go_toast",
  } as const;
  return (
    <div class="notices" role="status">
      {(notice || error) && (
        <div class={error ? "notice notice-error" : "notice"}>
          <span>{error ? language.failure(error.code) : notice && language.t(words[notice.change])}</span>
          {notice?.change === "close" && (
            <button type="button" class="button button-small" onClick={() => void client.change(notice.id, "reopen")}>
              {language.t("desk.reopen")}
            </button>
          )}
          <button
            type="button"
            class="icon-button"
            aria-label={language.t("desk.dismiss")}
            onClick={() => client.dismissNotice()}
          >
            <Icon name="close" size={18} />
          </button>
        </div>
      )}
    </div>
  );
}
