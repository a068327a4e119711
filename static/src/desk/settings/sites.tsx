// Sites that embed the chat and may say who is in front of their pages: registered, given keys, silenced, deleted. A secret
// is shown once, in the dialog that made it, and kept nowhere in the page.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Failure, Result } from "../../shared/result";
import { useLanguage } from "../../shared/ui/hooks";
import type { SiteKeyOut, SiteOut } from "../../shared/wire";
import type { DeskClient } from "../client";
import { FormDialog, LineField, TextField } from "../dialog";
import { ProofFields, useProof } from "../proof";

/** What is about to be done, and to which site. */
type Doing =
  | { what: "register" }
  | { what: "add_key" | "silence" | "wake" | "remove"; site: SiteOut }
  | { what: "revoke"; site: SiteOut; key: SiteKeyOut };

export function SiteSettings({ client }: { client: DeskClient }) {
  const language = useLanguage();
  const [sites, setSites] = useState<readonly SiteOut[] | null>(null);
  const [error, setError] = useState<Failure | null>(null);
  const [doing, setDoing] = useState<Doing | null>(null);
  const opener = useRef<Element | null>(null);
  const begin = (next: Doing) => {
    opener.current = document.activeElement;
    setDoing(next);
  };
  const load = async () => {
    const answer = await client.sites.sites();
    if (answer.ok) setSites(answer.data.items);
    setError(answer.ok ? null : answer.error);
  };
  useEffect(() => void load(), []);
  return (
    <section aria-label={language.t("desk.settings_sites")}>
      <p class="hint">{language.t("desk.sites_note")}</p>
      {error && <p role="alert">{language.failure(error.code)}</p>}
      {!sites && !error && <p class="quiet">{language.t("app.loading")}</p>}
      {sites?.length === 0 && <p class="quiet">{language.t("desk.sites_none")}</p>}
      <ul class="things">
        {(sites ?? []).map((site) => (
          <SiteRow key={site.id} site={site} onDo={begin} />
        ))}
      </ul>
      <button type="button" class="button" onClick={() => begin({ what: "register" })}>
        {language.t("desk.site_register")}
      </button>
      {doing && (
        <SiteDialog
          client={client}
          doing={doing}
          onDone={load}
          onClose={() => {
            setDoing(null);
            // Two dialogs may have followed each other: the first had what the second would go back to.
            if (opener.current instanceof HTMLElement) opener.current.focus();
          }}
        />
      )}
    </section>
  );
}

function SiteRow({ site, onDo }: { site: SiteOut; onDo: (doing: Doing) => void }) {
  const language = useLanguage();
  const action = (what: "add_key" | "silence" | "wake" | "remove") => (
    <button type="button" class={`button button-small${what === "remove" ? " button-quiet" : ""}`} onClick={() => onDo({ what, site })}>
      {language.t(`desk.site_${what}`)}
      <span class="sr-only"> {site.label}</span>
    </button>
  );
  return (
    <li class="thing site">
      <div class="thing-words">
        <strong>{site.label}</strong>
        {!site.enabled && <p class="site-silent">{language.t("desk.site_silent")}</p>}
        <dl class="site-facts">
          <div>
            <dt>iss</dt>
            <dd>
              <code>{site.id}</code>
            </dd>
          </div>
          <div>
            <dt>aud</dt>
            <dd>
              <code>{site.audience}</code>
            </dd>
          </div>
        </dl>
        {site.keys.length === 0 && <p class="thing-text">{language.t("desk.site_no_keys")}</p>}
        <ul class="site-keys">
          {site.keys.map((key) => (
            <li key={key.kid}>
              <span>
                <code>{key.kid}</code> · {language.t(key.kind === "secret" ? "desk.site_secret" : "desk.site_public", { kind: key.kind })} ·{" "}
                {language.moment(new Date(key.made_at))}
              </span>
              <button type="button" class="button button-small button-quiet" onClick={() => onDo({ what: "revoke", site, key })}>
                {language.t("desk.site_revoke")}
                <span class="sr-only"> {key.kid}</span>
              </button>
            </li>
          ))}
        </ul>
      </div>
      <div class="site-actions">
        {action("add_key")}
        {action(site.enabled ? "silence" : "wake")}
        {action("remove")}
      </div>
    </li>
  );
}

interface SiteDialogProps {
  client: DeskClient;
  doing: Doing;
  onDone: () => Promise<void>;
  onClose: () => void;
}

function SiteDialog({ client, doing, onDone, onClose }: SiteDialogProps) {
  const language = useLanguage();
  const proof = useProof(client);
  const [made, setMade] = useState<{ kid: string; secret: string } | null>(null);
  const params = { name: "site" in doing ? doing.site.label : "", kid: doing.what === "revoke" ? doing.key.kid : "" };

  const act = async (value: (name: string) => string): Promise<Result<unknown>> => {
    switch (doing.what) {
      case "register":
        return client.sites.register(value("label").trim().toLowerCase());
      case "add_key": {
        const answer = await client.sites.addKey(doing.site.id, value("public_key").trim());
        if (answer.ok && answer.data.secret) setMade({ kid: answer.data.kid, secret: answer.data.secret });
        return answer;
      }
      case "silence":
      case "wake":
        return client.sites.enable(doing.site.id, doing.what === "wake");
      case "revoke":
        return client.sites.revoke(doing.site.id, doing.key.kid);
      default:
        return client.sites.remove(doing.site.id);
    }
  };
  const submit = async (value: (name: string) => string) => {
    const answer = await proof.with(value, () => act(value));
    if (!answer.ok) return answer;
    await onDone();
    client.say(answer, { words: "desk.saved_toast" });
    return answer;
  };
  if (made) return <SecretDialog made={made} onClose={onClose} />;
  return (
    <FormDialog
      key={doing.what}
      id="site"
      title={language.t(`desk.site_${doing.what}`)}
      action={language.t(`desk.site_${doing.what}`)}
      onClose={onClose}
      onSubmit={submit}
    >
      {(error) => (
        <>
          {doing.what === "register" ? (
            <LineField name="label" label={language.t("desk.site_label")} hint={language.t("desk.site_label_hint")} max={63} pattern="[a-zA-Z][a-zA-Z0-9.\-]*" error={error} />
          ) : (
            <p>{language.t(`desk.site_${doing.what}_sure`, params)}</p>
          )}
          {doing.what === "add_key" && (
            <TextField name="public_key" label={language.t("desk.site_public_key")} hint={language.t("desk.site_public_key_hint")} rows={5} max={4_000} error={error} />
          )}
          {proof.asked && <ProofFields error={error} />}
        </>
      )}
    </FormDialog>
  );
}

/** The secret, this once. */
function SecretDialog({ made, onClose }: { made: { kid: string; secret: string }; onClose: () => void }) {
  const language = useLanguage();
  const [copied, setCopied] = useState(false);
  return (
    <FormDialog
      id="site-secret"
      title={language.t("desk.site_made")}
      action={language.t("desk.site_copied_it")}
      final
      onClose={onClose}
      onSubmit={async () => ({ ok: true, data: null })}
    >
      {() => (
        <>
          <p>{language.t("desk.site_once")}</p>
          <dl class="site-facts">
            <div>
              <dt>kid</dt>
              <dd>
                <code>{made.kid}</code>
              </dd>
            </div>
            <div>
              <dt>{language.t("desk.site_secret_word")}</dt>
              <dd>
                <code class="site-secret">{made.secret}</code>
              </dd>
            </div>
          </dl>
          <button
            type="button"
            class="button"
            onClick={() => {
              void navigator.clipboard?.writeText(made.secret).then(() => setCopied(true));
            }}
          >
            {language.t("desk.site_copy")}
          </button>
          <p role="status">{copied && language.t("desk.site_copied")}</p>
        </>
      )}
    </FormDialog>
  );
}
