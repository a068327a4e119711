// One choice, not made beforehand: what the person agrees to, in the version that the form was sent with.
import type { Desk } from "./card";

interface ConsentProps {
  desk: Desk;
  agreed: boolean;
  missing: boolean;
  onAgree: (agreed: boolean) => void;
}

export function Consent({ desk: { form, words }, agreed, missing, onAgree }: ConsentProps) {
  const id = `form-${form.id}-consent`;
  return (
    <div class="sealed-form-consent">
      <input
        id={id}
        type="checkbox"
        checked={agreed}
        aria-invalid={missing}
        {...(missing ? { "aria-describedby": `${id}-reason` } : {})}
        onChange={(event) => onAgree(event.currentTarget.checked)}
      />
      <label for={id}>{words.of(form.consent)}</label>
      {missing && (
        <p id={`${id}-reason`} class="reason" role="alert">
          {words.t("form.agree_first")}
        </p>
      )}
    </div>
  );
}
