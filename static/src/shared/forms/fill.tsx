// Filling a sealed form in, or correcting it. What is typed lives in the fields alone and goes with them.
import { useRef, useState } from "preact/hooks";
import type { Failure } from "../result";
import type { FieldType, FormFieldOut } from "../wire";
import type { Desk } from "./card";
import { Consent } from "./consent";
import type { FormWords } from "./words";

/** How browsers help to type it; what names somebody to the state or the bank they are not to remember. */
const TYPING: Partial<Record<FieldType, { type?: string; inputMode?: string; autocomplete?: string }>> = {
  name: { autocomplete: "name" },
  phone: { type: "tel", autocomplete: "tel" },
  email: { type: "email", autocomplete: "email" },
  street: { autocomplete: "street-address" },
  postcode: { inputMode: "numeric", autocomplete: "postal-code" },
  nik: { inputMode: "numeric" },
  npwp: { inputMode: "numeric" },
  bank_account: { inputMode: "numeric" },
  birth_date: { type: "date" },
  date: { type: "date" },
  number: { inputMode: "decimal" },
};

export function Filling({ desk, first, onDone }: { desk: Desk; first: boolean; onDone: () => void }) {
  const { calls, form, words, take } = desk;
  const element = useRef<HTMLFormElement>(null);
  const [agreed, setAgreed] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Failure | null>(null);
  const [unagreed, setUnagreed] = useState(false);

  const send = async (event: Event) => {
    event.preventDefault();
    if (busy || !element.current) return;
    setUnagreed(first && !agreed);
    if (first && !agreed) return;
    const data = new FormData(element.current);
    const typed = form.fields.map((field) => ({ field: field.key, value: String(data.get(field.key) ?? "") }));
    setBusy(true);
    const answer = await calls.fill(form.id, {
      values: first ? typed : typed.filter((item) => item.value.trim() !== ""),
      ...(first ? { consent: form.version } : {}),
    });
    setBusy(false);
    const refused = take(answer);
    setError(refused);
    if (!refused) onDone();
    else element.current.querySelector<HTMLElement>(`[name="${CSS.escape(Object.keys(refused.fields)[0] ?? "")}"]`)?.focus();
  };

  return (
    <form ref={element} class="sealed-form-fields" onSubmit={(event) => void send(event)} noValidate autocomplete="on">
      {!first && <p class="hint">{words.t("form.correct_hint")}</p>}
      {form.fields.map((field) => (
        <Entry key={field.key} id={form.id} field={field} words={words} first={first} error={error} />
      ))}
      {first && <Consent desk={desk} agreed={agreed} missing={unagreed} onAgree={setAgreed} />}
      <p class="form-error" role="alert">
        {error && !Object.keys(error.fields).some((name) => form.fields.some((field) => field.key === name))
          ? words.language.failure(error.code)
          : null}
      </p>
      <p class="sealed-form-actions">
        <button type="submit" class="button button-main" disabled={busy}>
          {words.t(first ? "form.fill" : "form.correct_send")}
        </button>
        {!first && (
          <button type="button" class="button button-quiet" onClick={onDone}>
            {words.t("form.cancel")}
          </button>
        )}
      </p>
    </form>
  );
}

interface EntryProps {
  id: string;
  field: FormFieldOut;
  words: FormWords;
  first: boolean;
  error: Failure | null;
}

function Entry({ id, field, words, first, error }: EntryProps) {
  const own = `form-${id}-${field.key}`;
  const reason = error?.fields[field.key];
  const needed = field.required && first;
  const attributes = {
    id: own,
    name: field.key,
    "aria-required": needed,
    "aria-invalid": Boolean(reason),
    ...(reason ? { "aria-describedby": `${own}-reason` } : {}),
  };
  const typing = TYPING[field.type] ?? {};
  return (
    <div class="field">
      <label for={own}>
        {words.of(field.label)}
        {!needed && first && <span class="hint"> ({words.t("form.optional")})</span>}
      </label>
      {field.type === "choice" ? (
        <select {...attributes}>
          <option value="">{words.t("form.choose")}</option>
          {field.choices.map((choice) => (
            <option key={choice.key} value={choice.key}>
              {words.of(choice.label)}
            </option>
          ))}
        </select>
      ) : field.type === "text" ? (
        <textarea {...attributes} rows={2} maxLength={500} />
      ) : (
        <input
          {...attributes}
          type={(typing.type ?? "text") as "text"}
          inputMode={(typing.inputMode ?? "text") as "text"}
          autocomplete={typing.autocomplete ?? "off"}
          maxLength={500}
        />
      )}
      {reason && (
        <p id={`${own}-reason`} class="reason">
          {reason.message}
        </p>
      )}
    </div>
  );
}
