// Signing in or registering inside the widget, for those who want to find their conversations again elsewhere.
import { useState } from "preact/hooks";
import type { Failure } from "../shared/result";
import { Field, FormError, valuesOf } from "../shared/ui/fields";
import { useLanguage } from "../shared/ui/hooks";
import { signIn } from "./becoming";
import type { WidgetClient } from "./client";

export function AccountScreen({ client, onDone }: { client: WidgetClient; onDone: () => void }) {
  const language = useLanguage();
  const [registering, setRegistering] = useState(false);
  const [error, setError] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const [asksCode, setAsksCode] = useState(false);
  const submit = async (form: HTMLFormElement) => {
    if (busy) return;
    const value = valuesOf(form);
    setBusy(true);
    const [email, password] = [value("email"), value("password")];
    const account = { email, password, display_name: value("display_name"), locale: language.locale };
    const made = registering && (await client.api.http.call("POST", "/accounts", account));
    const answer = made && !made.ok ? made : await signIn(client, email, password, value("totp"));
    setBusy(false);
    if (answer.ok) onDone();
    else {
      setError(answer.error);
      if (answer.error.code === "second_factor_required") setAsksCode(true);
    }
  };
  return (
    <form
      class="account"
      onSubmit={(event) => {
        event.preventDefault();
        void submit(event.currentTarget);
      }}
    >
      {client.asksWho && <p>{language.t("widget.who")}</p>}
      <h2>{language.t(registering ? "widget.register" : "widget.sign_in")}</h2>
      {registering && (
        <Field
          name="display_name"
          label={language.t("form.name")}
          hint={language.t("form.name_hint")}
          autocomplete="nickname"
          error={error}
        />
      )}
      <Field name="email" type="email" label={language.t("form.email")} autocomplete="username" error={error} />
      <Field
        name="password"
        type="password"
        label={language.t("form.password")}
        autocomplete={registering ? "new-password" : "current-password"}
        error={error}
        {...(registering ? { hint: language.t("form.password_hint") } : {})}
      />
      {asksCode && !registering && (
        <Field name="totp" label={language.t("form.code")} autocomplete="one-time-code" error={error} />
      )}
      <FormError error={error} overrides={{ not_authenticated: "error.sign_in", conflict: "error.email_taken" }} />
      <button type="submit" class="button button-main" aria-disabled={busy}>
        {language.t(registering ? "widget.register" : "widget.sign_in")}
      </button>
      <button
        type="button"
        class="link"
        onClick={() => {
          setRegistering(!registering);
          setError(null);
        }}
      >
        {language.t(registering ? "form.have_account" : "form.no_account")}
      </button>
    </form>
  );
}
