// The account page as a whole: the door, or header, list of sections and the one that is open.
import type { VNode } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Locale } from "../shared/i18n";
import { ConnectionBanner } from "../shared/ui/connection-banner";
import { useLanguage, useSubscription } from "../shared/ui/hooks";
import { Mark } from "../shared/ui/icons";
import type { Account } from "../shared/wire";
import { Access } from "./access";
import type { AccountClient } from "./client";
import { ConfirmDialog } from "./confirm-dialog";
import { Consents } from "./consents";
import { Devices } from "./devices";
import { Notices } from "./notices";
import { Owing } from "./owing";
import { Refusal } from "./panel";
import { Profile } from "./profile";
import { DEFAULT_SECTION, sectionIn, SECTIONS, type Section } from "./sections";
import { Security } from "./security";
import { SignIn } from "./sign-in";

const PATHS: Record<Locale, string> = { id: "/akun", en: "/account" };
const NAMES: Record<Locale, string> = { id: "Bahasa Indonesia", en: "English" };

interface ViewProps {
  client: AccountClient;
  company: string;
  visitDays: number;
}

/** The same place in the other language. */
function OtherLanguage({ section }: { section: Section }) {
  const other: Locale = useLanguage().locale === "id" ? "en" : "id";
  return (
    <a class="way-language" href={`${PATHS[other]}?lang=${other}#${section}`} hreflang={other} lang={other}>
      {NAMES[other]}
    </a>
  );
}

/** Followed in the same turn as what was drawn: another section may be asked for before the next frame. */
function useSection(): Section {
  const [section, setSection] = useState(() => sectionIn(location.hash));
  useLayoutEffect(() => {
    const follow = () => setSection(sectionIn(location.hash));
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, []);
  return section;
}

export function AccountView({ client, company, visitDays }: ViewProps) {
  useSubscription(client);
  const language = useLanguage();
  if (client.phase === "loading") return <p class="quiet centred">{language.t("app.loading")}</p>;
  if (client.phase === "stuck") {
    return (
      <main class="centred">
        <h1>{language.t("account.title")}</h1>
        <Refusal error={client.error} />
        <button type="button" class="button" onClick={() => void client.start()}>
          {language.t("message.retry")}
        </button>
      </main>
    );
  }
  const wayTo = <OtherLanguage section={DEFAULT_SECTION} />;
  if (client.phase === "owing") return <Owing client={client} company={company} />;
  if (client.phase === "signed_out" || !client.account) return <SignIn client={client} company={company} wayTo={wayTo} />;
  return <Sections client={client} account={client.account} company={company} visitDays={visitDays} />;
}

function Sections({ client, account, company, visitDays }: ViewProps & { account: Account }) {
  const language = useLanguage();
  const section = useSection();
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = useRef(section);
  // At once, not after the next frame: by then the person may be in a field of the section.
  useLayoutEffect(() => {
    document.title = `${language.t(`account.section.${section}`)} · ${language.t("account.title")}`;
    if (shown.current !== section) {
      heading.current?.focus();
      window.scrollTo(0, 0);
    }
    shown.current = section;
  }, [section]);
  const views: Record<Section, () => VNode> = {
    profile: () => <Profile client={client} account={account} />,
    security: () => <Security client={client} />,
    devices: () => <Devices client={client} visitDays={visitDays} />,
    notices: () => <Notices client={client} />,
    access: () => <Access client={client} />,
    consents: () => <Consents client={client} />,
  };
  return (
    <div class="account-app">
      <a
        class="skip"
        href="#content"
        onClick={(event) => {
          // The fragment names the section, so it stays.
          event.preventDefault();
          heading.current?.focus();
        }}
      >
        {language.t("account.skip")}
      </a>
      <header class="account-top">
        <Mark size={30} />
        <h1>
          {language.t("account.title")}
          {company && <span class="account-company">{company}</span>}
        </h1>
        <OtherLanguage section={section} />
        <a class="way-language" href="/forum">
          {language.t("account.forum")}
        </a>
        {client.isStaff && (
          <a class="way-language" href="/desk">
            {language.t("account.desk")}
          </a>
        )}
        <button type="button" class="button button-small button-quiet" onClick={() => void client.signOut()}>
          {language.t("account.sign_out")}
        </button>
      </header>
      <ConnectionBanner state={client.connection.state} waiting={0} onReconnect={() => client.connection.reconnect()} />
      <div class="account-body">
        <nav class="sections" aria-label={language.t("account.sections")}>
          {SECTIONS.map((name) => (
            <a key={name} href={`#${name}`} {...(name === section ? { "aria-current": "page" as const } : {})}>
              {language.t(`account.section.${name}`)}
            </a>
          ))}
        </nav>
        <main id="content" class="account-main">
          <h2 ref={heading} tabIndex={-1}>
            {language.t(`account.section.${section}`)}
          </h2>
          <Refusal error={client.error} />
          {views[section]()}
        </main>
      </div>
      {client.asking && <ConfirmDialog client={client} />}
    </div>
  );
}
