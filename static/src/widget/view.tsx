// The frame of the widget: header with menu, and whichever screen is on.
import { useEffect, useRef, useState } from "preact/hooks";
import { lazy } from "../shared/lazy";
import type { SupportHoursReply } from "../shared/wire";
import { useLanguage, useSubscription } from "../shared/ui/hooks";
import { Icon, Mark } from "../shared/ui/icons";
import { ChatScreen } from "./chat-screen";
import type { WidgetClient } from "./client";
import { ConsentScreen } from "./consent-screen";
import type { ParentPage } from "./parent";
import { accountWords, laterWords } from "./words";

const AccountScreen = lazy(() => import("./later").then((module) => module.AccountScreen), accountWords);
const HistoryScreen = lazy(() => import("./later").then((module) => module.HistoryScreen), laterWords);

export type Screen = "main" | "account" | "history";

interface ViewProps {
  client: WidgetClient;
  parent: ParentPage;
  company: string;
  policyUrl: string;
}

export function WidgetView({ client, parent, company, policyUrl }: ViewProps) {
  useSubscription(client);
  useSubscription(client.room);
  const language = useLanguage();
  const [shown, setShown] = useState(!parent.embedded);
  const [screen, setScreen] = useState<Screen>("main");
  const main = useRef<HTMLElement>(null);

  useEffect(() => {
    parent.onShown((next) => {
      if (next) client.room?.open();
      setShown(next);
    });
    parent.ready();
    const escape = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented) parent.close();
    };
    const leave = (event: BeforeUnloadEvent) => {
      if (client.rooms.losesWords) event.preventDefault();
    };
    window.addEventListener("keydown", escape);
    window.addEventListener("beforeunload", leave);
    return () => {
      window.removeEventListener("keydown", escape);
      window.removeEventListener("beforeunload", leave);
    };
  }, []);

  // Focus goes where the next thing happens: the message box, or on a phone (where that opens a keyboard) the screen. Who went
  // back to the page around while the chat was loading keeps it there, and finds the place when they come.
  useEffect(() => {
    if (!shown || client.phase === "loading") return;
    const enter = () => {
      const box = main.current?.querySelector<HTMLElement>("textarea");
      if (box && screen === "main" && matchMedia("(pointer: fine)").matches) box.focus();
      else main.current?.focus();
    };
    if (document.hasFocus()) return enter();
    window.addEventListener("focus", enter, { once: true });
    return () => window.removeEventListener("focus", enter);
  }, [shown, client.phase, screen]);

  // A letter led to a conversation of somebody who is not signed in here.
  const { asksWho } = client;
  useEffect(() => {
    if (asksWho) setScreen("account");
  }, [asksWho]);

  const unread = client.rooms.unread;
  const asked = client.isAsked;
  useEffect(() => {
    if (shown) client.looked();
    parent.unread(shown ? 0 : unread, asked && !shown);
  }, [shown, unread, asked]);
  useEffect(() => {
    if (client.hasWritten) parent.wrote();
  }, [client.hasWritten]);

  return (
    <div class="widget-app">
      {client.phase === "chat" && screen === "main" && (
        <a class="skip" href="#message" onClick={() => document.getElementById("message")?.focus()}>
          {language.t("app.skip_to_composer")}
        </a>
      )}
      <Header client={client} parent={parent} company={company} screen={screen} onScreen={setScreen} />
      <main ref={main} class="screen" tabIndex={-1}>
        {screen === "account" && <AccountScreen client={client} onDone={() => setScreen("main")} />}
        {screen === "history" && <HistoryScreen client={client} onDone={() => setScreen("main")} />}
        {screen === "main" && client.phase === "loading" && <p class="quiet centred">{language.t("app.loading")}</p>}
        {screen === "main" && client.phase === "stuck" && <Stuck client={client} />}
        {screen === "main" && client.phase === "consent" && (
          <ConsentScreen client={client} policyUrl={policyUrl} onSignIn={() => setScreen("account")} />
        )}
        {screen === "main" && client.phase === "chat" && client.room && (
          <ChatScreen client={client} room={client.room} shown={shown} />
        )}
      </main>
    </div>
  );
}

function Stuck({ client }: { client: WidgetClient }) {
  const language = useLanguage();
  return (
    <div class="centred">
      <p role="alert">{language.failure(client.error?.code ?? "internal")}</p>
      {client.waiting > 0 && <p>{language.t("widget.waiting", { n: client.waiting })}</p>}
      <button type="button" class="button" onClick={() => void client.start()}>
        {language.t("message.retry")}
      </button>
    </div>
  );
}

interface HeaderProps {
  client: WidgetClient;
  parent: ParentPage;
  company: string;
  screen: Screen;
  onScreen: (screen: Screen) => void;
}

function Header({ client, parent, company, screen, onScreen }: HeaderProps) {
  const language = useLanguage();
  const { room } = client;
  const staffHere = (room?.online.size ?? 0) > 0;
  return (
    <header class="top">
      {screen === "main" ? (
        <Mark size={32} />
      ) : (
        <button type="button" class="icon-button" aria-label={language.t("widget.back")} onClick={() => onScreen("main")}>
          <Icon name="back" />
        </button>
      )}
      <div class="top-words">
        <h1>{company || language.t("widget.title")}</h1>
        <p class={staffHere ? "top-note top-online" : "top-note"}>
          {staffHere ? language.t("presence.staff") : <Answering hours={client.hours} />}
        </p>
      </div>
      {client.phase === "chat" && <Menu client={client} onScreen={onScreen} />}
      {parent.embedded && (
        <button type="button" class="icon-button" aria-label={language.t("widget.close")} onClick={() => parent.close()}>
          <Icon name="close" />
        </button>
      )}
    </header>
  );
}

/** When an answer may be expected, by the support's hours and how it has answered lately. */
function Answering({ hours }: { hours: SupportHoursReply | null }) {
  const language = useLanguage();
  if (hours && !hours.open && hours.opens_at) {
    const at = new Date(hours.opens_at);
    return <>{language.t("hours.closed", { day: language.day(at, new Date()), time: language.time(at) })}</>;
  }
  const minutes = hours?.open ? hours.expected_answer_minutes : null;
  if (minutes === null) return <>{language.t("presence.answer")}</>;
  return <>{language.t("hours.expected", { time: language.duration(minutes * 60_000) })}</>;
}

function Menu({ client, onScreen }: { client: WidgetClient; onScreen: (screen: Screen) => void }) {
  const language = useLanguage();
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return;
    const outside = (event: Event) => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("focusin", outside);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("focusin", outside);
    };
  }, [open]);
  const named = client.account?.role === "customer";
  const entry = (label: string, action: () => void) => (
    <li>
      <button
        type="button"
        onClick={() => {
          setOpen(false);
          button.current?.focus();
          action();
        }}
      >
        {label}
      </button>
    </li>
  );
  return (
    <div
      ref={box}
      class="menu"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        event.preventDefault();
        setOpen(false);
        button.current?.focus();
      }}
    >
      <button
        ref={button}
        type="button"
        class="icon-button"
        aria-label={language.t("widget.menu")}
        aria-expanded={open}
        aria-controls="widget-menu"
        onClick={() => setOpen(!open)}
      >
        <Icon name="more" />
      </button>
      <ul id="widget-menu" hidden={!open}>
        {named && <li class="menu-note">{language.t("widget.signed_in_as", { name: client.account?.display_name ?? "" })}</li>}
        {entry(language.t("widget.history"), () => onScreen("history"))}
        {named
          ? entry(language.t("widget.sign_out"), () => void client.signOut())
          : entry(language.t("widget.sign_in_or_register"), () => onScreen("account"))}
        {entry(language.t("widget.withdraw"), () => void client.withdraw())}
      </ul>
    </div>
  );
}
