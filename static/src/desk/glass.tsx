// Reading by way of exception: the form that asks for it, and the banner that stands above what is read that way.
import { useState } from "preact/hooks";
import type { Failure, Result } from "../shared/result";
import { Field } from "../shared/ui/fields";
import { useLanguage, useNow } from "../shared/ui/hooks";
import type { BreakGlassOut, NewBreakGlass } from "../shared/wire";
import type { DeskClient } from "./client";
import { FormDialog } from "./dialog";

export const PURPOSES = ["cover", "complaint", "security", "legal", "quality", "technical"] as const;
const MINUTES = [5, 15, 30, 60];

export function GlassDialog({ client, id, onClose }: { client: DeskClient; id: string; onClose: () => void }) {
  const language = useLanguage();
  const [asksWho, setAsksWho] = useState(false);

  const open = async (value: (name: string) => string): Promise<Result<unknown>> => {
    if (asksWho) {
      const confirmed = await client.staff.confirm(value("password"), value("totp"));
      if (!confirmed.ok) return confirmed;
      setAsksWho(false);
    }
    const answer = await client.breakGlass(id, {
      reason: value("reason"),
      purpose: value("purpose") as NewBreakGlass["purpose"],
      minutes: Number(value("minutes")),
    });
    if (!answer.ok && answer.error.code === "fresh_sign_in_required") setAsksWho(true);
    return answer;
  };

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
          {asksWho && (
            <>
              <Field name="password" type="password" label={language.t("form.password")} autocomplete="current-password" error={error} />
              <div class="field">
                <label for="field-totp">{language.t("desk.totp")}</label>
                <input id="field-totp" name="totp" inputMode="numeric" autocomplete="one-time-code" />
              </div>
            </>
          )}
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
