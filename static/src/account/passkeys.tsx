// Passkeys: list, add, say what one lives on, remove.
import { useState } from "preact/hooks";
import { hasPasskeys, makePasskey } from "../shared/passkey";
import { failure, type Failure, type Result } from "../shared/result";
import { Row } from "../shared/ui/heir";
import { useLanguage } from "../shared/ui/hooks";
import type { DeviceKind, FactorsReply, PasskeyOut } from "../shared/wire";
import type { AccountClient } from "./client";
import { Done, Panel, Refusal, Sure } from "./panel";
import { calendar } from "./words";

const KINDS: readonly DeviceKind[] = ["phone", "computer", "tablet", "security_key", "other"];

function KindChoice({ id, kind, label, onChoose }: { id: string; kind: DeviceKind; label: string; onChoose: (kind: DeviceKind) => void }) {
  const language = useLanguage();
  return (
    <span class="choice">
      <label for={id}>{label}</label>
      <select id={id} value={kind} onChange={(event) => onChoose(event.currentTarget.value as DeviceKind)}>
        {KINDS.map((item) => (
          <option key={item} value={item}>
            {language.t(`account.kind.${item}`)}
          </option>
        ))}
      </select>
    </span>
  );
}

export function PasskeyPanel({ client, factors }: { client: AccountClient; factors: FactorsReply }) {
  const language = useLanguage();
  const [kind, setKind] = useState<DeviceKind>(() => (matchMedia("(pointer: coarse)").matches ? "phone" : "computer"));
  const [error, setError] = useState<Failure | null>(null);
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState(false);
  const can = factors.passkeys_offered && hasPasskeys();

  const act = async (action: () => Promise<Result<unknown>>, done: string) => {
    if (busy) return;
    setBusy(true);
    setError(null);
    setSaid("");
    const answer = await action();
    setBusy(false);
    if (!answer.ok) return setError(answer.error);
    setSaid(done);
    await (client.phase === "owing" ? client.reload() : client.loadFactors());
  };
  const add = async (): Promise<Result<unknown>> => {
    const begun = await client.run(() => client.api.beginPasskey());
    if (!begun.ok) return begun;
    const made = await makePasskey(begun.data.public_key);
    return made ? client.run(() => client.api.addPasskey(kind, made)) : failure("passkey");
  };
  return (
    <Panel title={language.t("account.passkeys_title")} lead={language.t("account.passkeys_lead")}>
      {factors.passkeys.length === 0 && <p class="empty">{language.t("account.passkeys_none")}</p>}
      <ul class="rows">
        {factors.passkeys.map((passkey) => (
          <PasskeyRow
            key={passkey.id}
            passkey={passkey}
            onKind={(chosen) => void act(() => client.run(() => client.api.setPasskeyKind(passkey.id, chosen)), language.t("account.saved"))}
            onRemove={() => act(() => client.run(() => client.api.removePasskey(passkey.id)), language.t("account.passkey_removed"))}
          />
        ))}
      </ul>
      <Refusal error={error} />
      <Done words={said} />
      {can ? (
        <div class="actions">
          <KindChoice id="new-passkey-kind" kind={kind} label={language.t("account.passkey_on")} onChoose={setKind} />
          <button type="button" class="button" aria-disabled={busy} onClick={() => void act(add, language.t("account.passkey_added"))}>
            {language.t("account.passkey_add")}
          </button>
        </div>
      ) : (
        <p class="hint">{language.t(factors.passkeys_offered ? "account.passkeys_unable" : "account.passkeys_off")}</p>
      )}
    </Panel>
  );
}

function PasskeyRow({ passkey, onKind, onRemove }: { passkey: PasskeyOut; onKind: (kind: DeviceKind) => void; onRemove: () => Promise<void> }) {
  const language = useLanguage();
  const added = calendar(new Date(passkey.created_at), language);
  const kind = language.t(`account.kind.${passkey.kind}`);
  return (
    <Row class="row">
      <div class="row-words">
        <strong>{kind}</strong>
        <span class="quiet">
          {language.t("account.passkey_dates", {
            added,
            used: passkey.used_at ? calendar(new Date(passkey.used_at), language) : language.t("account.never"),
          })}
          {passkey.synced && ` · ${language.t("account.passkey_synced")}`}
        </span>
      </div>
      <div class="actions">
        <KindChoice id={`kind-${passkey.id}`} kind={passkey.kind} label={language.t("account.passkey_on")} onChoose={onKind} />
        <Sure
          label={language.t("account.remove")}
          name={language.t("account.passkey_remove", { kind, added })}
          question={language.t("account.passkey_remove_sure")}
          yes={language.t("account.passkey_remove_yes")}
          onYes={onRemove}
        />
      </div>
    </Row>
  );
}
