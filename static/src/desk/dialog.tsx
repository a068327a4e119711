// A modal dialog with a form: focus goes in and comes back, Escape closes, a refusal is read aloud.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Failure, Result } from "../shared/result";
import { FormError, valuesOf } from "../shared/ui/fields";
import { useLanguage } from "../shared/ui/hooks";

interface FormDialogProps {
  id: string;
  title: string;
  action: string;
  children: (error: Failure | null) => ComponentChildren;
  onSubmit: (value: (name: string) => string) => Promise<Result<unknown>>;
  onClose: () => void;
}

export function FormDialog({ id, title, action, children, onSubmit, onClose }: FormDialogProps) {
  const language = useLanguage();
  const dialog = useRef<HTMLDialogElement>(null);
  const [error, setError] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const submit = async (form: HTMLFormElement) => {
    if (busy) return;
    setBusy(true);
    const answer = await onSubmit(valuesOf(form));
    setBusy(false);
    setError(answer.ok ? null : answer.error);
    if (answer.ok) dialog.current?.close();
  };
  return (
    <dialog ref={dialog} class="help" aria-labelledby={`${id}-title`} onClose={onClose}>
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
          <button type="submit" class="button button-main" aria-disabled={busy}>
            {action}
          </button>
          <button type="button" class="button button-quiet" onClick={() => dialog.current?.close()}>
            {language.t("desk.cancel")}
          </button>
        </div>
      </form>
    </dialog>
  );
}
