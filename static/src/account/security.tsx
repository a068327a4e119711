// Second factors: the authenticator app with its recovery codes, and passkeys.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Failure } from "../shared/result";
import { valuesOf } from "../shared/ui/fields";
import { useLanguage } from "../shared/ui/hooks";
import type { FactorsReply, TotpReply } from "../shared/wire";
import type { AccountClient } from "./client";
import { Field } from "./field";
import { Done, Panel, Refusal, Sure } from "./panel";
import { PasskeyPanel } from "./passkeys";
import { calendar, codesFile, grouped } from "./words";

const FEW_CODES = 3;

export function Security({ client }: { client: AccountClient }) {
  const language = useLanguage();
  const { factors } = client;
  const [codes, setCodes] = useState<string[] | null>(null);
  useEffect(() => void client.loadFactors(), [client.turn]);
  if (!factors) {
    return (
      <div class="trouble">
        <p class="quiet">{language.t("account.factors_missing")}</p>
        <button type="button" class="button button-small" onClick={() => void client.loadFactors()}>
          {language.t("message.retry")}
        </button>
      </div>
    );
  }
  if (codes) return <RecoveryCodes client={client} codes={codes} onKept={() => setCodes(null)} />;
  return (
    <>
      {factors.required && <p class="note">{language.t("account.factor_required")}</p>}
      {factors.totp_since ? (
        <AppPanel client={client} factors={factors} since={factors.totp_since} onCodes={setCodes} />
      ) : (
        <EnrolPanel client={client} onCodes={setCodes} />
      )}
      <PasskeyPanel client={client} factors={factors} />
    </>
  );
}

/** Setting an app up: a secret is shown, its first code makes it count. */
function EnrolPanel({ client, onCodes }: { client: AccountClient; onCodes: (codes: string[]) => void }) {
  const language = useLanguage();
  const [begun, setBegun] = useState<TotpReply | null>(null);
  const [error, setError] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const picture = useRef<HTMLImageElement>(null);
  useEffect(() => picture.current?.scrollIntoView({ block: "nearest" }), [begun]);
  const begin = async () => {
    if (busy) return;
    setBusy(true);
    setError(null);
    const answer = await client.run(() => client.api.beginTotp());
    setBusy(false);
    if (answer.ok) setBegun(answer.data);
    else setError(answer.error);
  };
  const complete = async (form: HTMLFormElement) => {
    if (busy) return;
    const code = valuesOf(form)("code").replace(/\s/g, "");
    setBusy(true);
    setError(null);
    const answer = await client.run(() => client.api.completeTotp(code));
    setBusy(false);
    if (answer.ok) onCodes(answer.data.recovery_codes);
    else setError(answer.error);
  };
  if (!begun) {
    return (
      <Panel title={language.t("account.app_title")} lead={language.t("account.app_lead")}>
        <Refusal error={error} />
        <div class="actions">
          <button type="button" class="button button-main" aria-disabled={busy} onClick={() => void begin()}>
            {language.t("account.app_set_up")}
          </button>
        </div>
      </Panel>
    );
  }
  return (
    <Panel title={language.t("account.app_title")} lead={language.t("account.app_scan")}>
      <div class="enrol">
        <img
          ref={picture}
          class="qr"
          width={200}
          height={200}
          alt={language.t("account.app_qr")}
          src={`data:image/svg+xml,${encodeURIComponent(begun.qr)}`}
        />
        <div class="stack">
          <p>
            <span class="quiet">{language.t("account.app_secret")}</span>
            <br />
            <code class="secret">{grouped(begun.secret)}</code>
          </p>
          <p>
            <a href={begun.uri}>{language.t("account.app_open")}</a>
          </p>
          <form
            class="stack"
            onSubmit={(event) => {
              event.preventDefault();
              void complete(event.currentTarget);
            }}
          >
            <Field
              form="enrol"
              name="code"
              label={language.t("account.app_code")}
              autocomplete="one-time-code"
              numeric
              error={error}
            />
            <Refusal error={error?.fields["code"] ? null : error} />
            <div class="actions">
              <button type="submit" class="button button-main" aria-disabled={busy}>
                {language.t("account.app_confirm")}
              </button>
              <button type="button" class="button" onClick={() => setBegun(null)}>
                {language.t("account.cancel")}
              </button>
            </div>
          </form>
        </div>
      </div>
    </Panel>
  );
}

function AppPanel(props: { client: AccountClient; factors: FactorsReply; since: string; onCodes: (codes: string[]) => void }) {
  const { client, factors, since, onCodes } = props;
  const language = useLanguage();
  const [error, setError] = useState<Failure | null>(null);
  const renew = async () => {
    setError(null);
    const answer = await client.run(() => client.api.renewRecovery());
    if (answer.ok) onCodes(answer.data.recovery_codes);
    else setError(answer.error);
  };
  const remove = async () => {
    setError(null);
    const answer = await client.run(() => client.api.removeTotp());
    if (answer.ok) await client.loadFactors();
    else setError(answer.error);
  };
  return (
    <Panel title={language.t("account.app_title")} lead={language.t("account.app_since", { date: calendar(new Date(since), language) })}>
      <p class={factors.recovery_left <= FEW_CODES ? "note" : ""}>{language.t("account.codes_left", { n: factors.recovery_left })}</p>
      <Refusal error={error} />
      <div class="actions">
        <Sure
          label={language.t("account.codes_renew")}
          question={language.t("account.codes_renew_sure")}
          yes={language.t("account.codes_renew_yes")}
          onYes={renew}
        />
        <Sure
          label={language.t("account.app_remove")}
          question={language.t("account.app_remove_sure")}
          yes={language.t("account.app_remove_yes")}
          onYes={remove}
        />
      </div>
    </Panel>
  );
}

/** Recovery codes, shown this once; the page goes on when the person says that they are kept. */
function RecoveryCodes({ client, codes, onKept }: { client: AccountClient; codes: string[]; onKept: () => void }) {
  const language = useLanguage();
  const [said, setSaid] = useState("");
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus(), []);
  const text = codesFile(codes, language.t("account.codes_file"));
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid(language.t("account.copied"));
    } catch {
      setSaid(language.t("account.copy_refused"));
    }
  };
  const download = () => {
    const address = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    const link = document.createElement("a");
    link.href = address;
    link.download = "amanah-recovery-codes.txt";
    link.click();
    URL.revokeObjectURL(address);
  };
  const kept = async () => {
    onKept();
    // A session that owed a second factor has shown one by now.
    await (client.phase === "owing" ? client.reload() : client.loadFactors());
  };
  return (
    <section class="panel">
      <h3 ref={heading} tabIndex={-1}>
        {language.t("account.codes_title")}
      </h3>
      <p>{language.t("account.codes_lead")}</p>
      <ul class="codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <Done words={said} />
      <div class="actions">
        {"clipboard" in navigator && (
          <button type="button" class="button" onClick={() => void copy()}>
            {language.t("account.copy")}
          </button>
        )}
        <button type="button" class="button" onClick={download}>
          {language.t("account.download")}
        </button>
        <button type="button" class="button button-main" onClick={() => void kept()}>
          {language.t("account.codes_kept")}
        </button>
      </div>
    </section>
  );
}
