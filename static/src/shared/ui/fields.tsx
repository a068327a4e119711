// Form fields with their label, hint and refusal, tied together for screen readers.
import type { Failure } from "../result";
import { useLanguage } from "./hooks";
import type { MessageKey } from "../i18n";

interface FieldProps {
  name: string;
  label: string;
  type?: "text" | "email" | "password";
  autocomplete: string;
  hint?: string;
  error?: Failure | null;
}

export function Field({ name, label, type = "text", autocomplete, hint, error }: FieldProps) {
  const language = useLanguage();
  const reason = error?.fields[name];
  const described = [hint && `${name}-hint`, reason && `${name}-reason`].filter(Boolean).join(" ");
  const attributes = {
    id: `field-${name}`,
    name,
    autocomplete,
    required: true,
    "aria-invalid": Boolean(reason),
    ...(described ? { "aria-describedby": described } : {}),
  };
  return (
    <div class="field">
      <label for={`field-${name}`}>{label}</label>
      <input {...attributes} type={type as "text"} />
      {hint && (
        <p id={`${name}-hint`} class="hint">
          {hint}
        </p>
      )}
      {reason && (
        <p id={`${name}-reason`} class="reason">
          {language.field(reason.reason) ?? reason.message}
        </p>
      )}
    </div>
  );
}

/** What a form was refused for, when no single field is to blame. */
export function FormError({ error, overrides = {} }: { error: Failure | null; overrides?: Record<string, MessageKey> }) {
  const language = useLanguage();
  const override = error && overrides[error.code];
  return (
    <p class="form-error" role="alert">
      {error && (override ? language.t(override) : language.failure(error.code))}
    </p>
  );
}

export function valuesOf(form: HTMLFormElement): (name: string) => string {
  const data = new FormData(form);
  return (name) => String(data.get(name) ?? "");
}
