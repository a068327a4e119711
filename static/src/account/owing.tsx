// A session that owes a second factor: show the one there is, or set one up. Nothing else is open to it.
import { useEffect, useState } from "preact/hooks";
import { hasPasskeys } from "../shared/passkey";
import type { Failure, Result } from "../shared/result";
import { valuesOf } from "../shared/ui/fields";
import { useLanguage } from "../shared/ui/hooks";
import { Mark } from "../shared/ui/icons";
import type { AccountClient } from "./client";
import { ConfirmDialog } from "./confirm-dialog";
import { Field } from "./field";
import { Refusal } from "./panel";
import { Security } from "./security";

export function Owing({ client, company }: { client: AccountClient; company: string }) {
  const language = useLanguage();
  useEffect(() => {
    document.title = language.t("account.owing_title");
  }, []);
  const hasOne = Boolean(client.factors?.totp_since || client.factors?.passkeys.length);
  return (
    <main class={hasOne ? "door" : "account-main owing"}>
      <div class="door-card">
        <p class="door-brand">
          <Mark size={36} />
          <span>{company || language.t("app.name")}</span>
        </p>
        <h1>{language.t("account.owing_title")}</h1>
        <p class="quiet">{language.t(hasOne ? "account.owing_show" : "account.owing_set_up")}</p>
        {hasOne && <Show client={client} />}
        <button type="button" class="link" onClick={() => void client.signOut()}>
          {language.t("account.sign_out")}
        </button>
      </div>
      {!hasOne && <Security client={client} />}
      {client.asking && <ConfirmDialog client={client} />}
    </main>
  );
}

function Show({ client }: { client: AccountClient }) {
  const language = useLanguage();
  const [error, setError] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const attempt = async (prove: () => Promise<Result<unknown>>) => {
    if (busy) return;
    setBusy(true);
    setError(null);
    const answer = await prove();
    setBusy(false);
    if (!answer.ok) setError(answer.error);
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        const value = valuesOf(event.currentTarget);
        void attempt(() => client.prove({ totp: value("totp") }));
      }}
    >
      {client.factors?.totp_since && (
        <>
          <Field name="totp" label={language.t("account.code")} hint={language.t("account.code_hint")} autocomplete="one-time-code" error={error} />
          <button type="submit" class="button button-main" aria-disabled={busy}>
            {language.t("account.confirm_go_on")}
          </button>
        </>
      )}
      <Refusal error={error} overrides={{ not_authenticated: "account.wrong_code" }} />
      {hasPasskeys() && Boolean(client.factors?.passkeys.length) && (
        <button type="button" class="button" aria-disabled={busy} onClick={() => void attempt(() => client.proveByPasskey())}>
          {language.t("account.by_passkey")}
        </button>
      )}
    </form>
  );
}
