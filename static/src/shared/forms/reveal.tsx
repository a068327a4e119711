// Opening a sealed field: for a reason that its person will read, and only for some seconds.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Failure, Result } from "../result";
import type { PaperLine } from "../wire";
import type { Desk } from "./card";

/** What is asked to be shown: a field by its key, or the whole document. */
type Wanted = { key: string } | "document";

interface Shown {
  wanted: Wanted;
  title: string;
  lines: PaperLine[];
  seconds: number;
}

const isSame = (one: Wanted | null, other: Wanted) =>
  one !== null && (one === other || (one !== "document" && other !== "document" && one.key === other.key));

export function Opening({ desk }: { desk: Desk }) {
  const { form, words } = desk;
  const [asked, setAsked] = useState<Wanted | null>(null);
  const [shown, setShown] = useState<Shown | null>(null);
  const open = (wanted: Wanted) => {
    setShown(null);
    setAsked(wanted);
  };
  const below = (wanted: Wanted) => (
    <>
      {isSame(asked, wanted) && <Asking desk={desk} wanted={wanted} onShown={(now) => (setAsked(null), setShown(now))} onCancel={() => setAsked(null)} />}
      {shown && isSame(shown.wanted, wanted) && <Value desk={desk} shown={shown} onOver={() => setShown(null)} />}
    </>
  );
  return (
    <>
      <ul class="sealed-form-rows">
        {form.fields.map((field) => (
          <li key={field.key}>
            <div class="sealed-form-row">
              <span>
                <strong>{words.of(field.label)}</strong>{" "}
                <span class="quiet">
                  {field.keep_until ? words.t("form.sealed_value", { at: words.day(field.keep_until) }) : words.t("form.no_value")}
                </span>
              </span>
              {field.keep_until && (
                <button
                  type="button"
                  class="button button-small"
                  aria-label={words.t("form.reveal_title", { field: words.of(field.label) })}
                  onClick={() => open({ key: field.key })}
                >
                  {words.t("form.reveal")}
                </button>
              )}
            </div>
            {below({ key: field.key })}
          </li>
        ))}
      </ul>
      {form.readable_until && <p class="hint">{words.t("form.until_on", { at: words.day(form.readable_until) })}</p>}
      {form.document && (
        <p class="sealed-form-actions">
          <button type="button" class="button button-small" onClick={() => open("document")}>
            {words.t("form.document")}
          </button>
        </p>
      )}
      {below("document")}
    </>
  );
}

interface AskingProps {
  desk: Desk;
  wanted: Wanted;
  onShown: (shown: Shown) => void;
  onCancel: () => void;
}

function Asking({ desk: { calls, form, words }, wanted, onShown, onCancel }: AskingProps) {
  const field = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Failure | null>(null);
  useEffect(() => {
    // All of it, with its buttons: the browser alone brings no more than the field into view.
    field.current?.form?.scrollIntoView({ block: "nearest" });
    field.current?.focus({ preventScroll: true });
  }, []);
  const id = `form-${form.id}-reason`;
  const refused = error && (error.fields["reason"]?.message ?? words.language.failure(error.code));

  const ask = async (reason: string): Promise<Result<Shown>> => {
    if (wanted === "document") {
      const made = await calls.document(form.id, reason);
      if (!made.ok) return made;
      return { ok: true, data: { wanted, title: made.data.title, lines: made.data.lines, seconds: made.data.shown_seconds } };
    }
    const made = await calls.reveal(form.id, { field: wanted.key, purpose: form.purpose, reason });
    if (!made.ok) return made;
    const { label, value, shown_seconds } = made.data;
    return { ok: true, data: { wanted, title: "", lines: [{ label, value }], seconds: shown_seconds } };
  };
  const send = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const answer = await ask(field.current?.value ?? "");
    setBusy(false);
    if (answer.ok) onShown(answer.data);
    else setError(answer.error);
  };
  return (
    <form class="sealed-form-ask" onSubmit={(event) => void send(event)} noValidate>
      <label for={id}>{words.t("form.reason")}</label>
      <input ref={field} id={id} maxLength={200} autocomplete="off" aria-invalid={Boolean(refused)} />
      <p class="form-error" role="alert">
        {refused}
      </p>
      <p class="sealed-form-actions">
        <button type="submit" class="button button-small button-main" disabled={busy}>
          {words.t("form.show")}
        </button>
        <button type="button" class="button button-small button-quiet" onClick={onCancel}>
          {words.t("form.cancel")}
        </button>
      </p>
    </form>
  );
}

/** The value, until its seconds are over. Gone also when the page is left: what nobody looks at stands nowhere. */
function Value({ desk: { words }, shown, onOver }: { desk: Desk; shown: Shown; onOver: () => void }) {
  const [left, setLeft] = useState(shown.seconds);
  useEffect(() => {
    const ends = Date.now() + shown.seconds * 1000;
    const timer = setInterval(() => {
      const seconds = Math.ceil((ends - Date.now()) / 1000);
      if (seconds <= 0) onOver();
      else setLeft(seconds);
    }, 250);
    const leave = () => document.visibilityState === "hidden" && !matchMedia("print").matches && onOver();
    document.addEventListener("visibilitychange", leave);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", leave);
    };
  }, [shown]);
  return (
    <div class={shown.title ? "sealed-form-value sealed-form-paper" : "sealed-form-value"}>
      {shown.title && <p class="sealed-form-title">{shown.title}</p>}
      <div role="status">
        <dl>
          {shown.lines.map((line) => (
            <div key={line.label}>
              <dt>{line.label}</dt>
              <dd>{line.value}</dd>
            </div>
          ))}
        </dl>
      </div>
      <p class="sealed-form-actions">
        <span class="hint" role="timer" aria-live="off">
          {words.t("form.hides_in", { n: left })}
        </span>
        {shown.title && (
          <button type="button" class="button button-small" onClick={() => print()}>
            {words.t("form.print")}
          </button>
        )}
        <button type="button" class="button button-small button-quiet" onClick={onOver}>
          {words.t("form.hide")}
        </button>
      </p>
    </div>
  );
}
