// A list of what an office keeps (labels, ready answers, macros): each can be changed, some removed, others added.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Result } from "../../shared/result";
import { useLanguage } from "../../shared/ui/hooks";
import { FormDialog } from "../dialog";

interface ThingsProps<T> {
  things: readonly T[];
  /** What tells them apart. */
  keyOf: (thing: T) => string;
  /** What buttons call it for those who can't see beside what they stand. */
  nameOf: (thing: T) => string;
  /** Its name and what more there is to say of it. */
  words: (thing: T) => ComponentChildren;
  /** What the button says that adds one. */
  add: string;
  /** Absent where none can be removed. All colleagues have them, so it is asked first. */
  onRemove?: (thing: T) => Promise<Result<unknown>>;
  /** What else becomes of it when one goes, if anything. */
  warning?: (thing: T) => string | null;
  /** What opens to change a thing, or to make one where it is null. */
  dialog: (thing: T | null, onClose: () => void) => ComponentChildren;
}

export function Things<T>({ things, keyOf, nameOf, words, add, onRemove, warning, dialog }: ThingsProps<T>) {
  const language = useLanguage();
  const [open, setOpen] = useState<T | "new" | null>(null);
  const [leaving, setLeaving] = useState<T | null>(null);
  return (
    <>
      <ul class="things">
        {things.map((thing) => (
          <li key={keyOf(thing)} class="thing">
            <div class="thing-words">{words(thing)}</div>
            <button type="button" class="button button-small" onClick={() => setOpen(thing)}>
              {language.t("desk.change")}
              <span class="sr-only"> {nameOf(thing)}</span>
            </button>
            {onRemove && (
              <button type="button" class="button button-small button-quiet" onClick={() => setLeaving(thing)}>
                {language.t("desk.remove")}
                <span class="sr-only"> {nameOf(thing)}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
      <button type="button" class="button" onClick={() => setOpen("new")}>
        {add}
      </button>
      {open !== null && dialog(open === "new" ? null : open, () => setOpen(null))}
      {onRemove && leaving !== null && (
        <FormDialog
          id="thing"
          title={language.t("desk.remove_title", { name: nameOf(leaving) })}
          action={language.t("desk.remove")}
          onClose={() => setLeaving(null)}
          onSubmit={() => onRemove(leaving)}
        >
          {() => (
            <>
              <p>{language.t("desk.remove_sure")}</p>
              {warning?.(leaving) && <p class="thing-warning">{warning(leaving)}</p>}
            </>
          )}
        </FormDialog>
      )}
    </>
  );
}
