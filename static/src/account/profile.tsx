// Who one is here: name, address, password.
import { useState } from "preact/hooks";
import type { Failure } from "../shared/result";
import { valuesOf } from "../shared/ui/fields";
import { useLanguage } from "../shared/ui/hooks";
import type { Account } from "../shared/wire";
import type { AccountClient } from "./client";
import { Community } from "./community";
import { Field } from "./field";
import { Done, Panel, Refusal } from "./panel";
import { calendar, passwordHint } from "./words";

export function Profile({ client, account }: { client: AccountClient; account: Account }) {
  const language = useLanguage();
  return (
    <>
      <Panel title={language.t("account.who")} lead={language.t("account.who_lead")}>
        <dl class="facts">
          <div>
            <dt>{language.t("form.name")}</dt>
            <dd>{account.display_name}</dd>
          </div>
          <div>
            <dt>{language.t("form.email")}</dt>
            <dd>{account.email ?? "—"}</dd>
          </div>
          <div>
            <dt>{language.t("account.role")}</dt>
            <dd>{language.t(`account.role.${account.role}`)}</dd>
          </div>
          <div>
            <dt>{language.t("account.since")}</dt>
            <dd>{calendar(new Date(account.created_at), language)}</dd>
          </div>
        </dl>
      </Panel>
      <Community client={client} />
      <EmailPanel client={client} />
      <PasswordPanel client={client} email={account.email ?? ""} />
      <Panel title={language.t("account.rights_title")} lead={language.t("account.rights_lead")}>
        <div class="actions">
          <a class="button" href="/privasi">
            {language.t("account.rights_open")}
          </a>
          {account.role === "customer" && <a href="/privasi/hapus">{language.t("account.erase_open")}</a>}
        </div>
      </Panel>
    </>
  );
}

function EmailPanel({ client }: { client: AccountClient }) {
  const language = useLanguage();
  const [error, setError] = useState<Failure | null>(null);
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (form: HTMLFormElement) => {
    if (busy) return;
    const email = valuesOf(form)("email");
    setBusy(true);
    setError(null);
    setSaid("");
    const answer = await client.run(() => client.api.changeEmail(email));
    setBusy(false);
    if (!answer.ok) return setError(answer.error);
    form.reset();
    setSaid(language.t(answer.data.waits_for_link ? "account.email_waits" : "account.email_changed", { email }));
    if (!answer.data.waits_for_link) await client.reload();
  };
  return (
    <Panel title={language.t("account.email_title")} lead={language.t("account.email_lead")}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void submit(event.currentTarget);
        }}
      >
        <Field form="new" name="email" type="email" label={language.t("account.email_new")} autocomplete="email" error={error} />
        <Refusal error={error} />
        <Done words={said} />
        <div class="actions">
          <button type="submit" class="button" aria-disabled={busy}>
            {language.t("account.email_change")}
          </button>
        </div>
      </form>
    </Panel>
  );
}

function PasswordPanel({ client, email }: { client: AccountClient; email: string }) {
  const language = useLanguage();
  const [error, setError] = useState<Failure | null>(null);
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState(false);
  const [typed, setTyped] = useState("");
  const [shown, setShown] = useState(false);
  const submit = async (form: HTMLFormElement) => {
    if (busy) return;
    const password = valuesOf(form)("password");
    setBusy(true);
    setError(null);
    setSaid("");
    const answer = await client.run(() => client.api.changePassword(password));
    setBusy(false);
    if (!answer.ok) return setError(answer.error);
    form.reset();
    setTyped("");
    setShown(false);
    setSaid(language.t("account.password_changed", { n: answer.data.ended }));
  };
  return (
    <Panel title={language.t("account.password_title")} lead={language.t("account.password_lead")}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void submit(event.currentTarget);
        }}
      >
        {/* For password managers: whose password this is. */}
        <input class="sr-only" type="text" name="username" autocomplete="username" value={email} readOnly tabIndex={-1} aria-hidden="true" />
        <Field
          form="new"
          name="password"
          type={shown ? "text" : "password"}
          label={language.t("account.password_new")}
          hint={passwordHint(typed, language)}
          autocomplete="new-password"
          error={error}
          onType={setTyped}
        />
        <label class="check">
          <input type="checkbox" checked={shown} onChange={(event) => setShown(event.currentTarget.checked)} />
          {language.t("account.password_show")}
        </label>
        <Refusal error={error} />
        <Done words={said} />
        <div class="actions">
          <button type="submit" class="button" aria-disabled={busy}>
            {language.t("account.password_change")}
          </button>
        </div>
      </form>
    </Panel>
  );
}
