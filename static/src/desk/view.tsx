// The desk as a whole: sign-in, or header, views, list and conversation; addresses and keys.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { useLanguage, useSubscription } from "../shared/ui/hooks";
import { Icon } from "../shared/ui/icons";
import type { CaseView } from "../shared/wire";
import { idInAddress, pageInAddress, pathOf, pathOfPage, type PageName } from "./address";
import { useSteadyList } from "./aiming";
import { alertAway } from "./alerts";
import type { DeskClient } from "./client";
import { ConversationList } from "./conversation-list";
import { ConversationPane } from "./conversation-pane";
import type { Mode } from "./desk-composer";
import { DeskHeader } from "./header";
import { HelpDialog } from "./help-dialog";
import { LazyPage } from "./lazy-page";
import { inPlace, isStaff, neighbour } from "./queue";
import { ChangeViewDialog, SaveViewDialog } from "./save-view";
import { shortcutOf, type Shortcut } from "./shortcuts";
import { SecondFactor } from "./second-factor";
import { Sidebar } from "./sidebar";
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

function focusSoon(selector: string, otherwise = "conversation"): void {
  requestAnimationFrame(() => (document.querySelector<HTMLElement>(selector) ?? document.getElementById(otherwise))?.focus());
}

/** What is looked at, kept in the address: a page of the desk, or a conversation, or neither. */
function usePlace(client: DeskClient) {
  const [page, setPage] = useState<PageName | null>(pageInAddress);
  const go = (id: string | null, focus?: string) => {
    if (location.pathname !== pathOf(id)) history.pushState(null, "", pathOf(id));
    setPage(null);
    client.view(id);
    // Of what may not be read there is no reply to go to.
    if (focus) focusSoon(focus);
  };
  const turnTo = (name: PageName) => {
    history.pushState(null, "", pathOfPage(name));
    setPage(name);
    client.view(null);
  };
  useEffect(() => {
    const fromAddress = () => {
      setPage(pageInAddress());
      client.view(idInAddress());
    };
    fromAddress();
    window.addEventListener("popstate", fromAddress);
    return () => window.removeEventListener("popstate", fromAddress);
  }, []);
  return { page, go, turnTo };
}

/** The tab says how much is unread; the desktop, if the agent wants it, that something came: never what. */
function useSigns(client: DeskClient, go: (id: string) => void): void {
  const language = useLanguage();
  const unread = [...client.conversations.values()].reduce((sum, item) => sum + ((item.unread ?? 0) > 0 ? 1 : 0), 0);
  useEffect(() => {
    document.title = (unread > 0 ? `(${unread}) ` : "") + language.t("desk.title");
  }, [unread]);
  useEffect(() => {
    client.onNews = (kind, id) => {
      alertAway(language.t(`desk.alert_${kind}`), () => go(id));
    };
    return () => {
      client.onNews = () => undefined;
    };
  }, []);
}

const MENUS: Partial<Record<Shortcut, string>> = {
  labels: "case-labels",
  priority: "case-priority",
  snooze: "case-snooze",
  macros: "case-macros",
  transfer: "case-assign",
};

function Desk({ client, company }: { client: DeskClient; company: string }) {
  const language = useLanguage();
  const [help, setHelp] = useState(false);
  const [saving, setSaving] = useState<CaseView | "new" | null>(null);
  const [mode, setMode] = useState<Mode>("reply");
  const { page, go, turnTo } = usePlace(client);
  useSigns(client, go);
  const { entries: shown, waiting, aiming } = useSteadyList(client);
  const ids = shown.map((entry) => entry.conversation.id);
  // Where in the list one was: what is answered or closed leaves a view, and the next row stands in its place.
  const place = useRef<number | null>(null);
  if (client.openId && ids.includes(client.openId)) place.current = ids.indexOf(client.openId);
  const back = () => {
    const id = client.openId && !ids.includes(client.openId) && place.current !== null ? inPlace(ids, place.current) : client.openId;
    go(null, id && ids.includes(id) ? `[data-conversation="${id}"]` : "#conversations");
  };
  const open = (id: string, focus = matchMedia("(pointer: fine)").matches ? "#reply" : "#conversation") => {
    setMode("reply");
    go(id, focus);
  };
  const chooseView = (view: string) => {
    if (page !== null) go(null);
    place.current = null;
    void client.choose({ view });
  };

  const act = useRef((_: Shortcut): boolean => false);
  act.current = (shortcut) => {
    const id = client.openId;
    const talk = id ? client.conversations.get(id) : undefined;
    const focused = document.activeElement?.closest(".row")?.querySelector<HTMLElement>("[data-conversation]")?.dataset["conversation"];
    if (shortcut === "help") setHelp(true);
    else if (shortcut === "search") turnTo("search");
    else if (shortcut.startsWith("view")) {
      const view = client.inbox.keys[Number(shortcut.slice(4)) - 1];
      if (view === undefined) return false;
      chooseView(view);
    } else if (shortcut === "escape") {
      if (page !== null) return go(null, ".view[aria-pressed=true]"), true;
      if (!id) return false;
      back();
    } else if (page !== null) return false;
    else if (shortcut === "next" || shortcut === "previous") {
      const next = neighbour(ids, focused ?? id, shortcut === "next" ? 1 : -1, place.current);
      if (next !== null) place.current = ids.indexOf(next);
      document.querySelector<HTMLElement>(`[data-conversation="${next}"]`)?.focus();
      return next !== null;
    } else if (shortcut === "tick_all") {
      if (client.inbox.plain) return false;
      const every = shown.every((entry) => client.inbox.selected.has(entry.conversation.id));
      for (const entry of shown) if (every || !client.inbox.selected.has(entry.conversation.id)) client.toggle(entry.conversation.id);
    } else if (shortcut === "tick") {
      if (!focused || client.inbox.plain) return false;
      client.toggle(focused);
    } else if (shortcut === "open") {
      if (!focused) return false;
      open(focused);
    } else return actOnOpen(shortcut, id, talk);
    return true;
  };
  const actOnOpen = (shortcut: Shortcut, id: string | null, talk: ReturnType<typeof client.conversations.get>): boolean => {
    if (!id || !talk) return false;
    const menu = MENUS[shortcut];
    if (menu) document.getElementById(menu)?.click();
    else if (shortcut === "reply" || shortcut === "note") {
      if (shortcut === "note" && (client.inbox.plain || !client.room)) return false;
      setMode(shortcut);
      focusSoon(`#${shortcut}`);
    } else if (shortcut === "assign" && talk.assignee === null) void client.change(id, "assign");
    else if (shortcut === "close" && talk.assignee?.id === client.me) {
      void client.change(id, talk.status === "open" ? "close" : "reopen");
    }
    return true;
  };
  // With the first drawing: a key that comes before the next frame is meant, too.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (document.querySelector("dialog[open]")) return;
      const shortcut = shortcutOf(event);
      if (shortcut && act.current(shortcut)) event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);

  return (
    <div class={`desk-app${client.openId ? " desk-open" : ""}${page ? " desk-page" : ""}`}>
      {!page && (
        <a class="skip" href="#conversations" onClick={() => document.getElementById("conversations")?.focus()}>
          {language.t("desk.skip_to_list")}
        </a>
      )}
      <a class="skip" href="#conversation" onClick={() => document.getElementById("conversation")?.focus()}>
        {language.t(page ? "desk.skip_to_page" : "desk.skip_to_conversation")}
      </a>
      <DeskHeader client={client} company={company} onHelp={() => setHelp(true)} />
      <main class="desk-main">
        <Sidebar client={client} page={page} onView={chooseView} onPage={turnTo} onSaveView={() => setSaving("new")} onChangeView={setSaving} />
        {page ? (
          <LazyPage name={page} client={client} onOpen={open} />
        ) : (
          <>
            <ConversationList client={client} shown={shown} waiting={waiting} aiming={aiming} onOpen={open} />
            <ConversationPane
              client={client}
              mode={mode}
              onMode={(next) => {
                setMode(next);
                focusSoon(`#${next}`);
              }}
              onBack={back}
            />
          </>
        )}
      </main>
      <NoticeBar client={client} />
      {help && <HelpDialog onClose={() => setHelp(false)} />}
      {saving === "new" && <SaveViewDialog client={client} onClose={() => setSaving(null)} />}
      {saving !== null && saving !== "new" && <ChangeViewDialog client={client} view={saving} onClose={() => setSaving(null)} />}
    </div>
  );
}

const NOTICE_MS = 8_000;

/** What was done or refused just now; what can be undone can be undone from here. */
function NoticeBar({ client }: { client: DeskClient }) {
  const language = useLanguage();
  const { notice, error } = client;
  useEffect(() => {
    if (!notice) return;
    const timer = setTimeout(() => client.dismissNotice(), NOTICE_MS);
    return () => clearTimeout(timer);
  }, [notice]);
  return (
    <div class="notices" role="status">
      {(notice || error) && (
        <div class={error ? "notice notice-error" : "notice"}>
          <span>{error ? language.failure(error.code) : notice && language.t(notice.words, notice.params)}</span>
          {error?.fields["account"]?.reason === "training_due" && <a href="/pelatihan">{language.t("desk.training")}</a>}
          {!error && notice?.undo && (
            <button
              type="button"
              class="button button-small"
              onClick={() => {
                client.dismissNotice();
                notice.undo?.run();
              }}
            >
              {language.t(notice.undo.words)}
            </button>
          )}
          <button type="button" class="icon-button" aria-label={language.t("desk.dismiss")} onClick={() => client.dismissNotice()}>
            <Icon name="close" size={18} />
          </button>
        </div>
      )}
    </div>
  );
}
