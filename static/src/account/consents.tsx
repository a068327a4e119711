// What one's data may be used for, in the words that receipts quote: one switch each, off unless the person has said yes, as easy to take back as to give.
import { useState } from "preact/hooks";
import type { Failure } from "../shared/result";
import { useLanguage } from "../shared/ui/hooks";
import type { Consent } from "../shared/wire";
import type { AccountClient } from "./client";
import { Done, Listing, Panel, Refusal, useLoaded } from "./panel";

export function Consents({ client }: { client: AccountClient }) {
  const language = useLanguage();
  const loaded = useLoaded(client, () => client.api.consents());
  const [error, setError] = useState<Failure | null>(null);
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState("");
  const choose = async (consent: Consent, granted: boolean) => {
    if (busy) return;
    setBusy(consent.purpose);
    setError(null);
    setSaid("");
    const answer = await client.run(() => client.api.setConsent(consent.purpose, granted));
    setBusy("");
    if (!answer.ok) return setError(answer.error);
    loaded.put(answer.data);
    setSaid(language.t(granted ? "account.use_given" : "account.use_withdrawn"));
  };
  return (
    <Panel title={language.t("account.uses_title")} lead={language.t("account.uses_lead")}>
      <Refusal error={error} />
      <Done words={said} />
      <Listing list={{ data: loaded.data?.consents ?? null, error: loaded.error, reload: loaded.reload }} empty={language.t("account.uses_none")}>
        {(consents) => (
          <ul class="rows">
            {consents.map((consent) => (
              <ConsentRow
                key={consent.purpose}
                consent={consent}
                busy={busy === consent.purpose}
                onChoose={(granted) => void choose(consent, granted)}
              />
            ))}
          </ul>
        )}
      </Listing>
    </Panel>
  );
}

function ConsentRow({ consent, busy, onChoose }: { consent: Consent; busy: boolean; onChoose: (granted: boolean) => void }) {
  const language = useLanguage();
  const id = `use-${consent.purpose}`;
  return (
    <li class="row row-switch">
      <div class="row-words">
        <label for={id}>
          <strong>{consent.title}</strong>
        </label>
        <span id={`${id}-text`} class="quiet">
          {consent.text.join(" ")}
        </span>
        <span class="quiet">
          {consent.at === null
            ? language.t(consent.basis === "request" ? "account.use_asked" : "account.use_never")
            : language.t(consent.granted ? "account.use_since" : "account.use_until", { date: language.moment(new Date(consent.at)) })}
        </span>
      </div>
      <input
        id={id}
        class="switch"
        type="checkbox"
        role="switch"
        checked={consent.granted}
        aria-busy={busy}
        aria-describedby={`${id}-text`}
        onClick={(event) => {
          // The server's answer moves the switch, so that it never shows what is not so.
          event.preventDefault();
          onChoose(!consent.granted);
        }}
      />
    </li>
  );
}
