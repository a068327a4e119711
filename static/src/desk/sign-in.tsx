// The door of the desk.
import { useEffect, useState } from "preact/hooks";
import type { Failure } from "../shared/result";
import { Field, FormError, valuesOf } from "../shared/ui/fields";
import { useLanguage } from "../shared/ui/hooks";
import { Mark } from "../shared/ui/icons";
import type { DeskClient } from "./client";

export function SignIn({ client, company }: { client: DeskClient; company: string }) {
  const language = useLanguage();
  const [error, setError] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    document.title = language.t("desk.title");
  }, []);
  const submit = async (form: HTMLFormElement) => {
    if (busy) return;
    const value = valuesOf(form);
    setBusy(true);
    setError(null);
    const answer = await client.signIn(value("email"), value("password"));
    if (answer.ok) return;
    setBusy(false);
    setError(answer.error);
  };
  return (
    <main class="door">
      <form
        class="door-card"
        onSubmit={(event) => {
          event.preventDefault();
          void submit(event.currentTarget);
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
        <FormError error={error} overrides={{ not_authenticated: "error.sign_in" }} />
        <button type="submit" class="button button-main" aria-disabled={busy}>
          {language.t("widget.sign_in")}
        </button>
      </form>
    </main>
  );
}
