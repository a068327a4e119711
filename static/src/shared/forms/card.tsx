// A sealed form in a conversation: for its person to fill in, correct and take back, for staff to see and to open field by field.
import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import type { Failure, Result } from "../result";
import type { Room } from "../room";
import type { FormOut, FormReply } from "../wire";
import { useLanguage } from "../ui/hooks";
import { Icon } from "../ui/icons";
import { FormCalls } from "./calls";
import { Filling } from "./fill";
import { Locating } from "./locate";
import { Opening } from "./reveal";
import { loadFormWords, type FormWords } from "./words";

/** What the parts of the card share. */
export interface Desk {
  calls: FormCalls;
  words: FormWords;
  form: FormOut;
  /** The form as the server answered it, in place of the one that is shown; or what went wrong. */
  take: (answer: Result<FormReply>) => Failure | null;
}

export function FormCard({ room, id }: { room: Room; id: string }) {
  const language = useLanguage();
  const calls = useMemo(() => new FormCalls(room.sources.api.http), [room]);
  const [words, setWords] = useState<FormWords | null>(null);
  const [form, setForm] = useState<FormOut | null>(null);
  const [error, setError] = useState<Failure | null>(null);

  const take = useCallback((answer: Result<FormReply>): Failure | null => {
    if (!answer.ok) return answer.error;
    setForm(answer.data.form);
    setError(null);
    return null;
  }, []);
  const load = useCallback(() => {
    void calls.get(id).then((answer) => setError(take(answer)));
  }, [calls, id, take]);

  useEffect(() => {
    loadFormWords(language).then(setWords, () => setError({ code: "network", fields: {}, requestId: "", retryAfter: null }));
    load();
    // Filled in, opened or taken back elsewhere: the news say which form, and nothing of it.
    return room.sources.connection.onEvent?.((_, data) => {
      if ("form_id" in data && data.form_id === id) load();
    });
  }, [language, load, room, id]);

  if (!words || !form) {
    return (
      <div class="sealed-form">
        {error && (
          <p class="form-error" role="alert">
            {language.failure(error.code)}{" "}
            <button type="button" class="link" onClick={load}>
              {language.t("message.retry")}
            </button>
          </p>
        )}
      </div>
    );
  }
  const desk: Desk = { calls, words, form, take };
  return (
    <div class={`sealed-form sealed-form-${form.state}`} role="group" aria-labelledby={`form-${id}-title`}>
      <p class="sealed-form-kind">
        <Icon name="lock" size={16} /> {words.t("form.sealed")}
      </p>
      <p class="sealed-form-title" id={`form-${id}-title`}>{words.of(form.title)}</p>
      {form.note && <p class="sealed-form-note">{form.note}</p>}
      <State desk={desk} />
      {form.mine ? <Own desk={desk} /> : <Staff desk={desk} />}
      {(form.filled_at || form.looks.length > 0) && !form.wants_location && <Looks desk={desk} />}
    </div>
  );
}

function State({ desk: { form, words } }: { desk: Desk }) {
  if (form.result) {
    return (
      <div role="status">
        <p class="sealed-form-state">
          {words.t("form.result", { km: form.result.distance_km, cost: words.rupiah(form.result.cost) })}
        </p>
        {form.mine && <p class="hint">{words.t("form.forgotten")}</p>}
      </div>
    );
  }
  const said = {
    sent: form.mine ? null : words.t("form.waiting", { at: words.day(form.fill_until) }),
    filled: words.t("form.filled"),
    withdrawn: words.t("form.withdrawn"),
    lapsed: words.t("form.lapsed"),
    expired: words.t("form.expired"),
  }[form.state];
  return said ? (
    <p class="sealed-form-state" role="status">
      {said}
    </p>
  ) : null;
}

/** What for, who, until when: said before anything is asked. */
export function Terms({ desk: { form, words } }: { desk: Desk }) {
  const longest = Math.max(0, ...form.fields.map((field) => field.keep_days));
  return (
    <dl class="sealed-form-terms">
      <dt>{words.t("form.for")}</dt>
      <dd>{words.of(form.about)}</dd>
      {!form.wants_location && (
        <>
          <dt>{words.t("form.who")}</dt>
          <dd>{words.t("form.who_text")}</dd>
          <dt>{words.t("form.until")}</dt>
          <dd>
            {form.readable_until
              ? words.t("form.until_on", { at: words.day(form.readable_until) })
              : words.t("form.until_after", { n: form.grant_days })}{" "}
            {words.t("form.kept", { n: longest })}
          </dd>
        </>
      )}
    </dl>
  );
}

function Own({ desk }: { desk: Desk }) {
  const { form, words } = desk;
  const [correcting, setCorrecting] = useState(false);
  if (form.state === "sent") {
    return (
      <>
        <Terms desk={desk} />
        {form.wants_location ? <Locating desk={desk} /> : <Filling desk={desk} first onDone={() => undefined} />}
      </>
    );
  }
  if (form.state !== "filled") return null;
  return (
    <>
      {!form.wants_location && <Terms desk={desk} />}
      {correcting ? (
        <Filling desk={desk} first={false} onDone={() => setCorrecting(false)} />
      ) : (
        <p class="sealed-form-actions">
          {!form.wants_location && (
            <button type="button" class="button button-small" onClick={() => setCorrecting(true)}>
              {words.t("form.correct")}
            </button>
          )}
          <Withdrawing desk={desk} />
        </p>
      )}
    </>
  );
}

function Withdrawing({ desk: { calls, form, words, take } }: { desk: Desk }) {
  const [sure, setSure] = useState(false);
  const [error, setError] = useState<Failure | null>(null);
  if (!sure) {
    return (
      <button type="button" class="button button-small button-quiet" onClick={() => setSure(true)}>
        {words.t("form.withdraw")}
      </button>
    );
  }
  return (
    <span class="sealed-form-sure" role="alert">
      {error ? words.language.failure(error.code) : words.t("form.withdraw_sure")}{" "}
      <button type="button" class="button button-small" onClick={() => void calls.withdraw(form.id).then((answer) => setError(take(answer)))}>
        {words.t("form.withdraw_yes")}
      </button>{" "}
      <button type="button" class="button button-small button-quiet" onClick={() => setSure(false)}>
        {words.t("form.cancel")}
      </button>
    </span>
  );
}

function Staff({ desk }: { desk: Desk }) {
  return desk.form.state === "filled" && !desk.form.wants_location ? <Opening desk={desk} /> : null;
}

function Looks({ desk: { form, words } }: { desk: Desk }) {
  return (
    <details class="sealed-form-looks">
      <summary>
        {words.t("form.looks")} ({form.looks.length})
      </summary>
      {form.looks.length === 0 && <p class="hint">{words.t("form.no_looks")}</p>}
      <ul>
        {form.looks.map((look) => (
          <li key={look.at + look.who}>
            {words.t("form.look", {
              who: look.display_name,
              fields: words.fields(look.fields, form.fields),
              purpose: words.purpose(look.purpose),
              reason: look.reason,
            })}{" "}
            <time class="quiet" dateTime={look.at}>
              {words.language.moment(new Date(look.at))}
            </time>
          </li>
        ))}
      </ul>
    </details>
  );
}
