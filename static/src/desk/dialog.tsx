// A modal dialog with a form: focus goes in and comes back, Escape closes, a refusal is read aloud.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Failure, Result } from "../shared/result";
import { FormError, valuesOf } from "../shared/ui/fields";
import { heirsOf } from "../shared/ui/heir";
import { useLanguage } from "../shared/ui/hooks";

interface FormDialogProps {
  id: string;
  title: string;
  /** Null: there is nothing to do, but to read why. */
  action: string | null;
  children: (error: Failure | null) => ComponentChildren;
  /** Where there is nothing to leave undone. */
  final?: boolean;
  onSubmit: (value: (name: string) => string) => Promise<Result<unknown>>;
  onClose: () => void;
}

export function FormDialog({ id, title, action, children, final = false, onSubmit, onClose }: FormDialogProps) {
  const language = useLanguage();
  const dialog = useRef<HTMLDialogElement>(null);
  const [error, setError] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const heirs = useRef<Element[]>([]);
  useEffect(() => {
    const opener = document.activeElement;
    // The row that it stands in may be what goes.
    if (opener) heirs.current = [opener, ...heirsOf(opener)];
    dialog.current?.showModal();
  }, []);
  const close = () => {
    // Where its opener has gone, a closed dialog keeps the focus until it goes itself.
    const { activeElement } = document;
    const isLost = activeElement === document.body || dialog.current?.contains(activeElement);
    const heir = isLost && heirs.current.find((one) => one.isConnected);
    if (heir instanceof HTMLElement) heir.focus();
    onClose();
  };
  const submit = async (form: HTMLFormElement) => {
    if (busy) return;
    setBusy(true);
    const answer = await onSubmit(valuesOf(form));
    setBusy(false);
    setError(answer.ok ? null : answer.error);
    if (answer.ok) dialog.current?.close();
  };
  return (
    <dialog ref={dialog} class="help" aria-labelledby={`${id}-title`} onClose={close}>
      <form
        class="dialog-form"
        onSubmit={(event) => {
          event.preventDefault();
          void submit(event.currentTarget);
        }}
      >
        <h2 id={`${id}-title`}>{title}</h2>
        {children(error)}
        <FormError error={error} />
        <div class="dialog-actions">
          {action && (
            <button type="submit" class="button button-main" aria-disabled={busy}>
              {action}
            </button>
          )}
          {!final && (
            <button type="button" class="button button-quiet" onClick={() => dialog.current?.close()}>
              {language.t("desk.cancel")}
            </button>
          )}
        </div>
      </form>
    </dialog>
  );
}

interface FieldProps {
  name: string;
  label: string;
  hint?: string;
  value?: string;
  error: Failure | null;
}

/** What ties a control to its hint and refusal, and everything around it. */
function useField({ name, label, hint, value = "", error }: FieldProps) {
  const language = useLanguage();
  const refused = error?.fields[name];
  const described = [hint && `${name}-hint`, refused && `${name}-reason`].filter(Boolean).join(" ");
  const control = {
    id: `field-${name}`,
    name,
    defaultValue: value,
    spellcheck: false,
    "aria-invalid": Boolean(refused),
    ...(described ? { "aria-describedby": described } : {}),
  };
  const around = (within: ComponentChildren) => (
    <div class="field">
      <label for={`field-${name}`}>{label}</label>
      {within}
      {hint && (
        <p id={`${name}-hint`} class="hint">
          {hint}
        </p>
      )}
      {refused && (
        <p id={`${name}-reason`} class="reason">
          {language.field(refused.reason) ?? refused.message}
        </p>
      )}
    </div>
  );
  return { control, around };
}

interface TextFieldProps extends FieldProps {
  rows?: number;
  required?: boolean;
  max?: number;
}

/** Several lines. */
export function TextField({ rows = 3, required = false, max = 2_000, ...field }: TextFieldProps) {
  const { control, around } = useField(field);
  return around(<textarea {...control} rows={rows} maxLength={max} required={required} />);
}

interface LineFieldProps extends FieldProps {
  max: number;
  pattern?: string;
  optional?: boolean;
}

/** One line. */
export function LineField({ max, pattern, optional = false, ...field }: LineFieldProps) {
  const { control, around } = useField(field);
  return around(<input {...control} maxLength={max} required={!optional} autocomplete="off" {...(pattern ? { pattern } : {})} />);
}
