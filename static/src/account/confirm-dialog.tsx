// "Is it still you?": asked before what can't be undone; afterwards what was begun goes on by itself.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { hasPasskeys } from "../shared/passkey";
import type { Failure, Result } from "../shared/result";
import { valuesOf } from "../shared/ui/fields";
import { useLanguage } from "../shared/ui/hooks";
import type { AccountClient } from "./client";
import { Field } from "./field";
import { Refusal } from "./panel";

export function ConfirmDialog({ client }: { client: AccountClient }) {
  const language = useLanguage();
  const dialog = useRef<HTMLDialogElement>(null);
  const [error, setError] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const [code, setCode] = useState(Boolean(client.factors?.totp_since));
  useLayoutEffect(() => {
    // What has the focus now gets it back when the dialog goes, unless something else has it by then.
    const opener = document.activeElement;
    dialog.current?.showModal();
    return () => {
      requestAnimationFrame(() => document.activeElement === document.body && opener instanceof HTMLElement && opener.focus());
    };
  }, []);
  const provider = client.isStaff ? client.methods.provider : null;

  const attempt = async (prove: () => Promise<Result<unknown>>) => {
    if (busy) return;
    setBusy(true);
    setError(null);
    const answer = await prove();
    if (answer.ok) return;
    setBusy(false);
    if (answer.error.code === "second_factor_required") setCode(true);
    else setError(answer.error);
  };
  const submit = (form: HTMLFormElement) => {
    const value = valuesOf(form);
    return attempt(() => client.prove({ password: value("password"), ...(code ? { totp: value("totp") } : {}) }));
  };
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby="confirm-title"
      onCancel={(event) => {
        event.preventDefault();
        client.endAsking(false);
      }}
      onClose={() => client.asking && client.endAsking(false)}
    >
      <h2 id="confirm-title">{language.t("account.confirm_title")}</h2>
      <p class="quiet">{language.t("account.confirm_lead")}</p>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void submit(event.currentTarget);
        }}
      >
        <Field form="confirm" name="password" type="password" label={language.t("form.password")} autocomplete="current-password" error={error} />
        {code && (
          <Field
            form="confirm"
            name="totp"
            label={language.t("account.code")}
            hint={language.t("account.code_hint")}
            autocomplete="one-time-code"
            error={error}
          />
        )}
        <Refusal error={error} overrides={{ not_authenticated: code ? "account.wrong_proof_code" : "account.wrong_proof" }} />
        <div class="actions">
          <button type="submit" class="button button-main" aria-disabled={busy}>
            {language.t("account.confirm_go_on")}
          </button>
          <button type="button" class="button" onClick={() => client.endAsking(false)}>
            {language.t("account.cancel")}
          </button>
        </div>
      </form>
      {hasPasskeys() && Boolean(client.factors?.passkeys.length) && (
        <button type="button" class="button" aria-disabled={busy} onClick={() => void attempt(() => client.proveByPasskey())}>
          {language.t("account.by_passkey")}
        </button>
      )}
      {provider && (
        <p class="quiet">
          <a href={`${provider.url}?again=1`} target="_blank" rel="noopener">
            {language.t("account.confirm_provider", { name: provider.name })}
          </a>{" "}
          <button type="button" class="link" onClick={() => client.endAsking(true)}>
            {language.t("account.confirm_provider_done")}
          </button>
        </p>
      )}
    </dialog>
  );
}
