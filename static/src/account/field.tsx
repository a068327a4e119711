// A form field that can stand beside others of its name, and tells what is typed. Otherwise like `shared/ui/fields`,
// whose weight every chat pays for.
import type { Failure } from "../shared/result";
import { useLanguage } from "../shared/ui/hooks";

interface FieldProps {
  name: string;
  label: string;
  type?: "text" | "email" | "password";
  autocomplete: string;
  hint?: string;
  error?: Failure | null;
  /** Tells fields of one name apart, where several forms are on a page. */
  form?: string;
  /** What stands in it at first. */
  value?: string;
  numeric?: boolean;
  onType?: (text: string) => void;
}

export function Field({ name, label, type = "text", autocomplete, hint, error, form = "field", value, numeric, onType }: FieldProps) {
  const language = useLanguage();
  const reason = error?.fields[name];
  const id = `${form}-${name}`;
  const described = [hint && `${id}-hint`, reason && `${id}-reason`].filter(Boolean).join(" ");
  const attributes = {
    id,
    name,
    autocomplete,
    required: true,
    "aria-invalid": Boolean(reason),
    ...(described ? { "aria-describedby": described } : {}),
    ...(value ? { defaultValue: value } : {}),
    ...(numeric ? { inputMode: "numeric" as const } : {}),
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input {...attributes} type={type as "text"} onInput={(event) => onType?.(event.currentTarget.value)} />
      {hint && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
      {reason && (
        <p id={`${id}-reason`} class="reason">
          {language.field(reason.reason) ?? reason.message}
        </p>
      )}
    </div>
  );
}
