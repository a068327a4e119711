// Reading by way of exception: the form that asks for it, and the banner that stands above what is read that way.
import type { Failure } from "../shared/result";
import { useLanguage, useNow } from "../shared/ui/hooks";
import type { BreakGlassOut, NewBreakGlass } from "../shared/wire";
import type { DeskClient } from "./client";
import { FormDialog } from "./dialog";
import { ProofFields, useProof } from "./proof";

export const PURPOSES = ["cover", "complaint", "security", "legal", "quality", "technical"] as const;
const MINUTES = [5, 15, 30, 60];

export function GlassDialog({ client, id, onClose }: { client: DeskClient; id: string; onClose: () => void }) {
  const language = useLanguage();
  const proof = useProof(client);
  const open = (value: (name: string) => string) =>
    proof.with(value, () =>
      client.breakGlass(id, {
        reason: value("reason"),
        purpose: value("purpose") as NewBreakGlass["purpose"],
        minutes: Number(value("minutes")),
      }),
    );

  return (
    <FormDialog
      id="glass"
      title={language.t("desk.break_glass")}
      action={language.t("desk.glass_open")}
      onClose={onClose}
      onSubmit={open}
    >
      {(error) => (
        <>
          <p>{language.t("desk.glass_note")}</p>
          <div class="field">
            <label for="field-purpose">{language.t("desk.glass_purpose")}</label>
            <select id="field-purpose" name="purpose" required>
              {PURPOSES.map((purpose) => (
                <option key={purpose} value={purpose}>
                  {language.t(`desk.purpose_${purpose}`)}
                </option>
              ))}
            </select>
          </div>
          <Reason error={error} />
          <div class="field">
            <label for="field-minutes">{language.t("desk.glass_minutes")}</label>
            <select id="field-minutes" name="minutes" required>
              {MINUTES.map((minutes) => (
                <option key={minutes} value={minutes}>
                  {language.t("duration.minutes", { n: minutes })}
                </option>
              ))}
            </select>
          </div>
          {proof.asked && <ProofFields error={error} />}
        </>
      )}
    </FormDialog>
  );
}

function Reason({ error }: { error: Failure | null }) {
  const language = useLanguage();
  const refused = error?.fields["reason"];
  return (
    <div class="field">
      <label for="field-reason">{language.t("desk.glass_reason")}</label>
      <textarea
        id="field-reason"
        name="reason"
        rows={3}
        maxLength={500}
        required
        aria-invalid={Boolean(refused)}
        aria-describedby={refused ? "reason-reason" : "reason-hint"}
      />
      <p id="reason-hint" class="hint">
        {language.t("desk.glass_reason_hint")}
      </p>
      {refused && (
        <p id="reason-reason" class="reason">
          {language.field(refused.reason) ?? refused.message}
        </p>
      )}
    </div>
  );
}

const TICK_MS = 1_000;

/** How long the exception still lasts. Said aloud once; the running time is for the eyes only. */
export function GlassBanner({ client, glass }: { client: DeskClient; glass: BreakGlassOut }) {
  const language = useLanguage();
  const now = useNow(TICK_MS);
  const left = Math.max(0, Date.parse(glass.ends_at) - now);
  const clock = `${Math.floor(left / 60_000)}:${String(Math.floor(left / 1_000) % 60).padStart(2, "0")}`;
  return (
    <div class="glass" role="status">
      <span>
        {language.t("desk.glass_banner", {
          purpose: language.t(`desk.purpose_${glass.purpose}` as "desk.purpose_cover"),
          time: language.time(new Date(glass.ends_at)),
        })}
      </span>
      <span class="glass-clock" aria-hidden="true">
        {clock}
      </span>
      <button type="button" class="button button-small" onClick={() => void client.endGlass(glass.id)}>
        {language.t("desk.glass_end")}
      </button>
    </div>
  );
}
