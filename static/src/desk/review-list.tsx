// What was read by way of exception, for privacy officers: who, what for, how long, and whether it was right.
import { useEffect, useState } from "preact/hooks";
import type { Failure } from "../shared/result";
import { FormError, valuesOf } from "../shared/ui/fields";
import { useLanguage } from "../shared/ui/hooks";
import { MessageText } from "../shared/ui/message-text";
import type { BreakGlassOut, NewReview } from "../shared/wire";
import type { DeskClient } from "./client";

const AGAIN_MS = 500;
const TRIES = 20;

export function ReviewList({ client }: { client: DeskClient }) {
  const language = useLanguage();
  const [items, setItems] = useState<BreakGlassOut[]>([]);
  const [cursor, setCursor] = useState<string | null>(null);
  const [error, setError] = useState<Failure | null>(null);
  const load = async (from: string | null, wanted: () => boolean = () => true): Promise<BreakGlassOut[]> => {
    const answer = await client.staff.allGlass(from);
    if (!wanted()) return [];
    setError(answer.ok ? null : answer.error);
    if (!answer.ok) return [];
    setItems((known) => (from ? [...known, ...answer.data.items] : answer.data.items));
    setCursor(answer.data.next_cursor);
    return answer.data.items;
  };
  // Notices of new ones come in live, and before anything is opened: the list may not have it yet.
  useEffect(() => {
    let [current, left, timer] = [true, TRIES, 0];
    const look = async () => {
      const found = await load(null, () => current);
      const told = client.glassTold;
      if (!current || !told || left-- === 0 || found.some((item) => item.id === told)) return;
      timer = window.setTimeout(() => void look(), AGAIN_MS);
    };
    void look();
    return () => {
      current = false;
      window.clearTimeout(timer);
    };
  }, [client.notices]);
  const replace = (changed: BreakGlassOut) =>
    setItems((known) => known.map((item) => (item.id === changed.id ? changed : item)));
  return (
    <div class="reviews">
      <h2>{language.t("desk.reviews")}</h2>
      <FormError error={error} />
      {items.length === 0 && !error && <p class="quiet">{language.t("desk.reviews_none")}</p>}
      <ul>
        {items.map((item) => (
          <li key={item.id} class="review">
            <ReviewItem client={client} item={item} onChange={replace} />
          </li>
        ))}
      </ul>
      {cursor && (
        <button type="button" class="button button-quiet more" onClick={() => void load(cursor)}>
          {language.t("desk.more")}
        </button>
      )}
    </div>
  );
}

interface ItemProps {
  client: DeskClient;
  item: BreakGlassOut;
  onChange: (item: BreakGlassOut) => void;
}

function ReviewItem({ client, item, onChange }: ItemProps) {
  const language = useLanguage();
  const [error, setError] = useState<Failure | null>(null);
  const own = item.who.id === client.account?.id;
  const judge = async (form: HTMLFormElement, verdict: NewReview["verdict"]) => {
    const note = valuesOf(form)("note").trim();
    const answer = await client.staff.review(item.id, { verdict, note: note || null });
    setError(answer.ok ? null : answer.error);
    if (answer.ok) onChange(answer.data.break_glass);
  };
  const purpose = language.t(`desk.purpose_${item.purpose}` as "desk.purpose_cover");
  return (
    <>
      <h3>
        {item.who.display_name} · {purpose}
      </h3>
      <p class="quiet">
        <time dateTime={item.opened_at}>{language.moment(new Date(item.opened_at))}</time>
        {" · "}
        {item.ended_at
          ? language.t("desk.review_ended", { time: language.time(new Date(item.ended_at)) })
          : language.t("desk.review_lasts", { time: language.time(new Date(item.ends_at)) })}
      </p>
      <p>
        <MessageText text={item.reason} />
      </p>
      {item.review ? (
        <p class="review-word">
          {language.t(item.review.verdict === "ok" ? "desk.review_ok_by" : "desk.review_not_ok_by", {
            name: item.review.reviewer.display_name,
          })}
          {item.review.note && (
            <>
              {": "}
              <MessageText text={item.review.note} />
            </>
          )}
        </p>
      ) : own ? (
        <p class="quiet">{language.t("desk.review_own")}</p>
      ) : (
        <form class="review-form" onSubmit={(event) => event.preventDefault()}>
          <div class="field">
            <label for={`note-${item.id}`}>{language.t("desk.review_note")}</label>
            <input id={`note-${item.id}`} name="note" maxLength={500} autocomplete="off" />
          </div>
          <FormError error={error} />
          <div class="dialog-actions">
            {(["ok", "not_ok"] as const).map((verdict) => (
              <button
                key={verdict}
                type="button"
                class="button button-small"
                onClick={(event) => event.currentTarget.form && void judge(event.currentTarget.form, verdict)}
              >
                {language.t(verdict === "ok" ? "desk.review_ok" : "desk.review_not_ok")}
              </button>
            ))}
          </div>
        </form>
      )}
    </>
  );
}
