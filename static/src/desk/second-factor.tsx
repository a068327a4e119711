// What stands between a right password and the desk: show the second factor that is owed, or set up the first one.
import { useEffect, useState } from "preact/hooks";
import { hasPasskeys, showPasskey } from "../shared/passkey";
import type { Failure, Result } from "../shared/result";
import { Field, FormError, valuesOf } from "../shared/ui/fields";
import { useLanguage } from "../shared/ui/hooks";
import type { FactorsReply, TotpReply } from "../shared/wire";
import type { DeskClient } from "./client";

export function SecondFactor({ client }: { client: DeskClient }) {
  const language = useLanguage();
  const [factors, setFactors] = useState<FactorsReply | null>(null);
  const [enrolment, setEnrolment] = useState<TotpReply | null>(null);
  const [recovery, setRecovery] = useState<string[] | null>(null);
  const [error, setError] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);

  const attempt = async <T,>(work: () => Promise<Result<T> | null>, then: (data: T) => void) => {
    if (busy) return;
    setBusy(true);
    setError(null);
    const answer = await work();
    setBusy(false);
    if (answer?.ok) then(answer.data);
    else setError(answer && answer.error);
  };
  useEffect(() => {
    document.title = language.t("desk.title");
    void attempt(
      () => client.factors.factors(),
      (found) => {
        setFactors(found);
        if (!found.totp_since && !found.passkeys.length) void client.factors.beginTotp().then((begun) => {
          if (begun.ok) setEnrolment(begun.data);
          else setError(begun.error);
        });
      },
    );
  }, []);
  const withPasskey = async () => {
    const begun = await client.factors.beginConfirming();
    if (!begun.ok) return begun;
    const passkey = await showPasskey(begun.data.public_key);
    return passkey && client.factors.confirm({ passkey });
  };
  const enter = () => void client.start();

  if (recovery) {
    return (
      <Door title={language.t("desk.recovery")} onLeave={() => void client.signOut()}>
        <p>{language.t("desk.recovery_note")}</p>
        <ul class="recovery-codes">
          {recovery.map((code) => (
            <li key={code}>
              <code>{code}</code>
            </li>
          ))}
        </ul>
        <button type="button" class="button button-main" onClick={enter}>
          {language.t("desk.recovery_kept")}
        </button>
      </Door>
    );
  }
  const submit = (form: HTMLFormElement) => {
    const code = valuesOf(form)("code");
    if (enrolment) void attempt(() => client.factors.completeTotp(code), (done) => setRecovery(done.recovery_codes));
    else void attempt(() => client.factors.confirm({ totp: code }), enter);
  };
  return (
    <Door title={language.t(enrolment ? "desk.enrol" : "desk.second_factor")} onLeave={() => void client.signOut()}>
      {enrolment && (
        <>
          <p>{language.t("desk.enrol_note")}</p>
          <img
            class="enrol-picture"
            src={`data:image/svg+xml,${encodeURIComponent(enrolment.qr)}`}
            alt={language.t("desk.enrol_picture")}
          />
          <p>
            {language.t("desk.enrol_secret")} <code>{enrolment.secret.replace(/(.{4})/g, "$1 ").trim()}</code>
          </p>
        </>
      )}
      {(enrolment || factors?.totp_since) && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            submit(event.currentTarget);
          }}
        >
          <Field name="code" label={language.t("form.code")} autocomplete="one-time-code" error={error} />
          <button type="submit" class="button button-main" aria-disabled={busy}>
            {language.t("desk.go_on")}
          </button>
        </form>
      )}
      {Boolean(factors?.passkeys.length) && hasPasskeys() && (
        <button type="button" class="button" aria-disabled={busy} onClick={() => void attempt(withPasskey, enter)}>
          {language.t("desk.passkey")}
        </button>
      )}
      <FormError error={error?.fields["code"] ? null : error} overrides={{ not_authenticated: "desk.refused" }} />
    </Door>
  );
}

function Door({ title, onLeave, children }: { title: string; onLeave: () => void; children: preact.ComponentChildren }) {
  const language = useLanguage();
  return (
    <main class="door">
      <div class="door-card">
        <h1>{title}</h1>
        {children}
        <button type="button" class="link" onClick={onLeave}>
          {language.t("desk.sign_out")}
        </button>
      </div>
    </main>
  );
}
