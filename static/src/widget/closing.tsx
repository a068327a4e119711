// Under a conversation that is closed: how it was, have it sent, begin another.
import { useState } from "preact/hooks";
import type { Room } from "../shared/room";
import type { Result } from "../shared/result";
import { useLanguage } from "../shared/ui/hooks";
import type { ConversationReply } from "../shared/wire";
import "../shared/styles/closed.css";
import "./closing.css";
import type { WidgetClient } from "./client";

const SCORES = [1, 2, 3, 4, 5];
const LONGEST = 2_000;

export function Closing({ client, room }: { client: WidgetClient; room: Room }) {
  const language = useLanguage();
  const [told, setTold] = useState("");
  const id = room.conversation?.id ?? "";
  const mail = async () => {
    const answer = await client.api.http.call("POST", `/conversations/${encodeURIComponent(id)}/transcript`, {});
    const reason = answer.ok ? null : Object.values(answer.error.fields)[0];
    setTold(answer.ok ? language.t("closing.sent") : (reason?.message ?? language.failure(answer.error.code)));
  };
  return (
    <div class="closed">
      <p>{language.t("widget.closed")}</p>
      <Rating key={id} client={client} room={room} />
      <p class="closing-more">
        <button type="button" class="button button-small" onClick={() => client.show(null)}>
          {language.t("widget.new")}
        </button>
        {client.account?.email && (
          <button type="button" class="button button-small button-quiet" onClick={() => void mail()}>
            {language.t("closing.transcript")}
          </button>
        )}
      </p>
      <p role="status">{told}</p>
    </div>
  );
}

function Rating({ client, room }: { client: WidgetClient; room: Room }) {
  const language = useLanguage();
  const before = room.conversation?.rating ?? null;
  const [score, setScore] = useState(before?.score ?? 0);
  const [text, setText] = useState("");
  const [done, setDone] = useState(before !== null);
  const [error, setError] = useState("");
  if (done) {
    return (
      <p class="rating rating-done" role="status">
        {language.t("closing.thanks", { n: score })}
      </p>
    );
  }
  const send = async () => {
    const path = `/conversations/${encodeURIComponent(room.conversation?.id ?? "")}/rating`;
    const said = text.trim();
    const answer: Result<ConversationReply> = await client.api.http.call("POST", path, { score, ...(said && { text: said }) });
    if (!answer.ok) return setError(language.failure(answer.error.code));
    room.adopt(answer.data.conversation);
    setDone(true);
  };
  return (
    <form
      class="rating"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <p id="rating-question">{language.t("closing.question")}</p>
      <div class="rating-scores" role="group" aria-labelledby="rating-question">
        {SCORES.map((value) => (
          <button
            key={value}
            type="button"
            aria-pressed={value === score}
            aria-label={language.t("closing.score", { n: value })}
            onClick={() => setScore(value)}
          >
            {value}
          </button>
        ))}
      </div>
      {score > 0 && (
        <>
          <label for="rating-text">{language.t("closing.why")}</label>
          <textarea
            id="rating-text"
            rows={2}
            maxLength={LONGEST}
            value={text}
            spellcheck={false}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <button type="submit" class="button button-main">
            {language.t("closing.send")}
          </button>
        </>
      )}
      {error && <p role="alert">{error}</p>}
    </form>
  );
}
