// The door of the desk: password, with a code where one is asked for; passkey; the company's own provider.
import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import { hasPasskeys, showPasskey } from "../shared/passkey";
import type { Failure, Result } from "../shared/result";
import { failure } from "../shared/result";
import { Field, FormError, valuesOf } from "../shared/ui/fields";
import { useLanguage } from "../shared/ui/hooks";
import { Mark } from "../shared/ui/icons";
import type { MethodsReply } from "../shared/wire";
import type { DeskClient } from "./client";

export function SignIn({ client, company }: { client: DeskClient; company: string }) {
  const language = useLanguage();
  const [error, setError] = useState<Failure | null>(refusalInAddress);
  const [busy, setBusy] = useState(false);
  const [asksCode, setAsksCode] = useState(false);
  const [methods, setMethods] = useState<MethodsReply | null>(null);
  useEffect(() => {
    document.title = language.t("desk.title");
    void client.factors.methods().then((answer) => setMethods(answer.ok ? answer.data : null));
  }, []);
  useLayoutEffect(() => {
    if (asksCode) document.getElementById("field-totp")?.focus();
  }, [asksCode]);
  const attempt = async (work: () => Promise<Result<unknown> | null>) => {
    if (busy) return;
    setBusy(true);
    setError(null);
    const answer = await work();
    if (answer?.ok) return;
    setBusy(false);
    setError(answer && answer.error);
    if (answer?.error.code === "second_factor_required") setAsksCode(true);
  };
  const withPasskey = () =>
    attempt(async () => {
      const begun = await client.factors.beginPasskeySignIn();
      if (!begun.ok) return begun;
      const credential = await showPasskey(begun.data.public_key);
      return credential && client.signInWithPasskey(credential);
    });
  return (
    <main class="door">
      <form
        class="door-card"
        onSubmit={(event) => {
          event.preventDefault();
          const value = valuesOf(event.currentTarget);
          void attempt(() => client.signIn(value("email"), value("password"), value("totp")));
        }}
      >
        <p class="door-brand">
          <Mark size={36} />
          <span>{company || language.t("app.name")}</span>
        </p>
        <h1>{language.t("desk.sign_in")}</h1>
        <p class="quiet">{language.t("desk.sign_in_note")}</p>
        <Field name="email" type="email" label={language.t("form.email")} autocomplete="username" error={error} />
        <Field name="password" type="password" label={language.t("form.password")} autocomplete="current-password" error={error} />
        {asksCode && <Field name="totp" label={language.t("form.code")} autocomplete="one-time-code" error={error} />}
        <FormError error={error} overrides={{ not_authenticated: asksCode ? "desk.refused" : "error.sign_in" }} />
        <button type="submit" class="button button-main" aria-disabled={busy}>
          {language.t("widget.sign_in")}
        </button>
        {methods?.passkey && hasPasskeys() && (
          <button type="button" class="button" aria-disabled={busy} onClick={() => void withPasskey()}>
            {language.t("desk.passkey")}
          </button>
        )}
        {methods?.provider && (
          <a class="button" href={methods.provider.url}>
            {language.t("desk.provider", { name: methods.provider.name })}
          </a>
        )}
      </form>
    </main>
  );
}

/** Why the way back from the provider ended here; said once. */
function refusalInAddress(): Failure | null {
  const address = new URL(location.href);
  const reason = address.searchParams.get("sign_in");
  if (!reason) return null;
  address.searchParams.delete("sign_in");
  history.replaceState(null, "", address);
  const known = reason === "unavailable" || reason === "rate_limited" ? reason : "provider_refused";
  return failure(known).error;
}
