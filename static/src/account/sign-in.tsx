// The door: signing in, with a second factor or a passkey; registering; asking for a new password.
import type { VNode } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { MessageKey } from "../shared/i18n";
import { hasPasskeys } from "../shared/passkey";
import type { Failure, Result } from "../shared/result";
import { valuesOf } from "../shared/ui/fields";
import { useLanguage } from "../shared/ui/hooks";
import { Mark } from "../shared/ui/icons";
import type { AccountClient } from "./client";
import { Field } from "./field";
import { Done, Refusal } from "./panel";
import { passwordHint } from "./words";

type Mode = "sign_in" | "code" | "register" | "forgotten" | "letter";

const TITLES: Record<Mode, MessageKey> = {
  sign_in: "account.sign_in",
  code: "account.code_title",
  register: "account.register",
  forgotten: "account.forgotten",
  letter: "account.letter_title",
};
const OVERRIDES: Record<Mode, Record<string, MessageKey>> = {
  sign_in: { not_authenticated: "error.sign_in" },
  code: { not_authenticated: "account.wrong_code_or_password" },
  register: { conflict: "error.email_taken", not_authenticated: "error.sign_in" },
  forgotten: {},
  letter: {},
};

export function SignIn({ client, company, wayTo }: { client: AccountClient; company: string; wayTo: VNode }) {
  const language = useLanguage();
  const [mode, setMode] = useState<Mode>("sign_in");
  const [error, setError] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState("");
  const [password, setPassword] = useState("");
  const typed = useRef({ email: "", password: "" });
  const form = useRef<HTMLFormElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const moved = useRef(false);
  // At once, not after the next frame: by then the person may be in a field.
  useLayoutEffect(() => {
    document.title = language.t(TITLES[mode]);
    if (moved.current) heading.current?.focus();
    moved.current = true;
  }, [mode]);

  const go = (next: Mode) => {
    // An address that was typed is not typed again.
    const field = form.current?.elements.namedItem("email");
    if (field instanceof HTMLInputElement) typed.current = { ...typed.current, email: field.value };
    setError(null);
    setSaid("");
    setPassword("");
    setMode(next);
  };
  const attempt = async (act: () => Promise<Result<unknown>>): Promise<boolean> => {
    if (busy) return false;
    setBusy(true);
    setError(null);
    setSaid("");
    const answer = await act();
    setBusy(false);
    if (!answer.ok) {
      if (answer.error.code === "second_factor_required") go("code");
      else setError(answer.error);
    }
    return answer.ok;
  };
  const submit = async (form: HTMLFormElement) => {
    const value = valuesOf(form);
    if (mode !== "code" && mode !== "letter") typed.current = { email: value("email"), password: value("password") };
    const { email } = typed.current;
    if (mode === "sign_in") await attempt(() => client.signIn(typed.current));
    else if (mode === "code") await attempt(() => client.signIn({ ...typed.current, totp: value("totp") }));
    else if (mode === "register") {
      const body = { ...typed.current, display_name: value("display_name"), locale: language.locale };
      await attempt(async () => {
        const answer = await client.register(body);
        if (answer.ok && answer.data) go("letter");
        return answer;
      });
    } else if (mode === "forgotten") {
      if (await attempt(() => client.api.askReset(email))) setSaid(language.t("account.sent"));
    } else if (await attempt(() => client.api.askVerification(email))) setSaid(language.t("account.sent"));
  };
  const { provider } = client.methods;
  const hasEmail = mode === "sign_in" || mode === "register" || mode === "forgotten";
  return (
    <main class="door">
      <form
        key={mode}
        ref={form}
        class="door-card"
        onSubmit={(event) => {
          event.preventDefault();
          void submit(event.currentTarget);
        }}
      >
        <p class="door-brand">
          <Mark size={36} />
          <a href="/">{company || language.t("app.name")}</a>
          {wayTo}
        </p>
        {client.ended && mode === "sign_in" && (
          <p class="note" role="status">
            {language.t("account.ended")}
          </p>
        )}
        <h1 ref={heading} tabIndex={-1}>
          {language.t(TITLES[mode])}
        </h1>
        {mode === "sign_in" && <p class="quiet">{language.t("account.sign_in_lead")}</p>}
        {mode === "code" && <p class="quiet">{language.t("account.code_lead")}</p>}
        {mode === "forgotten" && <p class="quiet">{language.t("account.forgotten_lead")}</p>}
        {mode === "letter" && <p class="quiet">{language.t("account.letter_lead", { email: typed.current.email })}</p>}
        {mode === "register" && (
          <Field name="display_name" label={language.t("form.name")} hint={language.t("form.name_hint")} autocomplete="nickname" error={error} />
        )}
        {hasEmail && (
          <Field name="email" type="email" label={language.t("form.email")} autocomplete="username" value={typed.current.email} error={error} />
        )}
        {mode === "sign_in" && (
          <Field name="password" type="password" label={language.t("form.password")} autocomplete="current-password" error={error} />
        )}
        {mode === "register" && (
          <Field
            name="password"
            type="password"
            label={language.t("form.password")}
            hint={passwordHint(password, language)}
            autocomplete="new-password"
            error={error}
            onType={setPassword}
          />
        )}
        {mode === "code" && (
          <Field name="totp" label={language.t("account.code")} hint={language.t("account.code_hint")} autocomplete="one-time-code" error={error} />
        )}
        <Refusal error={error} overrides={OVERRIDES[mode]} />
        <Done words={said} />
        <button type="submit" class="button button-main" aria-disabled={busy}>
          {language.t(mode === "forgotten" ? "account.forgotten_send" : mode === "letter" ? "account.letter_again" : TITLES[mode === "code" ? "sign_in" : mode])}
        </button>
        {mode === "sign_in" && client.methods.passkey && hasPasskeys() && (
          <button type="button" class="button" aria-disabled={busy} onClick={() => void attempt(() => client.signInByPasskey())}>
            {language.t("account.sign_in_passkey")}
          </button>
        )}
        {mode === "sign_in" && provider && (
          <a class="button" href={provider.url}>
            {language.t("account.sign_in_provider", { name: provider.name })}
          </a>
        )}
        <p class="door-ways">
          {mode === "sign_in" ? (
            <>
              <button type="button" class="link" onClick={() => go("register")}>
                {language.t("form.no_account")}
              </button>
              <button type="button" class="link" onClick={() => go("forgotten")}>
                {language.t("account.forgotten_way")}
              </button>
            </>
          ) : (
            <button type="button" class="link" onClick={() => go("sign_in")}>
              {language.t(mode === "register" ? "form.have_account" : "account.back_to_sign_in")}
            </button>
          )}
        </p>
      </form>
    </main>
  );
}
