// Looking for something in what one may read. What identifies a person is hidden in the words that are looked for, too,
// and the page says so.
import "./pages.css";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Failure } from "../shared/result";
import { FormError, valuesOf } from "../shared/ui/fields";
import { useLanguage } from "../shared/ui/hooks";
import { MessageText } from "../shared/ui/message-text";
import type { DeskSearchHit } from "../shared/wire";
import { pathOf } from "./address";
import type { Values } from "./desk-api";
import type { PageProps } from "./lazy-page";
import { LabelChips } from "./signs";

const DAY_MS = 86_400_000;

/** A day of the form as a moment: its beginning, or the beginning of the next one. */
function momentOf(day: string, after: number): string | undefined {
  if (!day) return undefined;
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(new Date(year, month - 1, date).getTime() + after).toISOString();
}

interface Found {
  items: DeskSearchHit[];
  cursor: string | null;
  query: Values;
}

export function SearchPage({ client, onOpen }: PageProps) {
  const language = useLanguage();
  const [found, setFound] = useState<Found | null>(null);
  const [error, setError] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => document.getElementById("search-words")?.focus(), []);

  const asked = useRef(0);
  const look = async (query: Values, known: Found | null) => {
    const turn = ++asked.current;
    setBusy(true);
    const answer = await client.desk.search({ ...query, cursor: known?.cursor });
    // Who asks anew before the answer is there means the words that stand there now.
    if (turn !== asked.current) return;
    setBusy(false);
    setError(answer.ok ? null : answer.error);
    if (!answer.ok) return;
    for (const hit of answer.data.items) client.inbox.learnCase(hit.item.case);
    const items = [...(known?.items ?? []), ...answer.data.items];
    setFound({ items, cursor: answer.data.next_cursor, query });
  };
  const submit = (form: HTMLFormElement) => {
    const value = valuesOf(form);
    const words = value("q").trim();
    if (!words) return;
    void look(
      { q: words, status: value("status"), label: value("label"), from: momentOf(value("from"), 0), to: momentOf(value("to"), DAY_MS) },
      null,
    );
  };
  const labels = client.office.labels;
  return (
    <div class="page-inner">
      <h2>{language.t("desk.page_search")}</h2>
      <form
        class="search-form"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          submit(event.currentTarget);
        }}
      >
        <div class="field search-words">
          <label for="search-words">{language.t("desk.search_words")}</label>
          <input id="search-words" name="q" type="search" maxLength={200} required autocomplete="off" spellcheck={false} />
        </div>
        <div class="field">
          <label for="search-status">{language.t("desk.search_status")}</label>
          <select id="search-status" name="status">
            <option value="">{language.t("desk.narrow_any")}</option>
            <option value="open">{language.t("desk.search_open")}</option>
            <option value="closed">{language.t("desk.view_closed")}</option>
          </select>
        </div>
        <div class="field">
          <label for="search-label">{language.t("desk.narrow_label")}</label>
          <select id="search-label" name="label">
            <option value="">{language.t("desk.narrow_any")}</option>
            {labels.map((label) => (
              <option key={label.key} value={label.key}>
                {label.name}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for="search-from">{language.t("desk.from_day")}</label>
          <input id="search-from" name="from" type="date" />
        </div>
        <div class="field">
          <label for="search-to">{language.t("desk.to_day")}</label>
          <input id="search-to" name="to" type="date" />
        </div>
        <button type="submit" class="button button-main" aria-disabled={busy}>
          {language.t("desk.search_do")}
        </button>
      </form>
      <p class="hint">{language.t("desk.search_note")}</p>
      <FormError error={error} />
      <p class="quiet" role="status">
        {found && language.t(found.items.length ? "desk.search_found" : "desk.search_none", { n: found.items.length })}
      </p>
      <ul class="hits">
        {found?.items.map((hit) => (
          <Hit key={`${hit.item.conversation.id} ${hit.kind} ${hit.seq ?? hit.number ?? ""}`} hit={hit} known={client.office.labels} onOpen={onOpen} />
        ))}
      </ul>
      {found?.cursor && (
        <button type="button" class="button button-quiet more" onClick={() => !busy && void look(found.query, found)}>
          {language.t("desk.more")}
        </button>
      )}
    </div>
  );
}

interface HitProps {
  hit: DeskSearchHit;
  known: Parameters<typeof LabelChips>[0]["known"];
  onOpen: (id: string) => void;
}

function Hit({ hit, known, onOpen }: HitProps) {
  const language = useLanguage();
  const { conversation, case: item } = hit.item;
  return (
    <li class={`hit hit-${hit.kind}`}>
      <a
        href={pathOf(conversation.id)}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          onOpen(conversation.id);
        }}
      >
        {conversation.subject ? <MessageText text={conversation.subject} /> : language.t("desk.untitled")}
      </a>
      <p class="quiet hit-foot">
        {conversation.customer?.display_name} · {language.t(`desk.hit_${hit.kind}`)} ·{" "}
        <time dateTime={hit.created_at}>{language.moment(new Date(hit.created_at))}</time>
        <LabelChips labels={item.labels} known={known} most={3} />
      </p>
      {hit.kind !== "subject" && (
        <p class="hit-text">
          <MessageText text={hit.text} />
        </p>
      )}
    </li>
  );
}
