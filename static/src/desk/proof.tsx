// Proving again who is at the desk, within the dialog that something needs it for.
import { useState } from "preact/hooks";
import type { Failure, Result } from "../shared/result";
import { Field } from "../shared/ui/fields";
import { useLanguage } from "../shared/ui/hooks";
import type { DeskClient } from "./client";

export interface Proof {
  /** The password is asked for. */
  asked: boolean;
  /** Does the work; where it needs a sign-in of just now, asks for the proof and does it with that the next time. */
  with<T>(value: (name: string) => string, work: () => Promise<Result<T>>): Promise<Result<T>>;
}

export function useProof(client: DeskClient): Proof {
  const [asked, setAsked] = useState(false);
  return {
    asked,
    with: async (value, work) => {
      if (asked) {
        const confirmed = await client.staff.confirm(value("password"), value("totp"));
        if (!confirmed.ok) return confirmed;
        setAsked(false);
      }
      const answer = await work();
      if (!answer.ok && answer.error.code === "fresh_sign_in_required") setAsked(true);
      return answer;
    },
  };
}

export function ProofFields({ error }: { error: Failure | null }) {
  const language = useLanguage();
  return (
    <>
      <Field name="password" type="password" label={language.t("form.password")} autocomplete="current-password" error={error} />
      <div class="field">
        <label for="field-totp">{language.t("desk.totp")}</label>
        <input id="field-totp" name="totp" inputMode="numeric" autocomplete="one-time-code" />
      </div>
    </>
  );
}
