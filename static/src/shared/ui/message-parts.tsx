// What a message may have besides its words: what it answers, marks, files, reactions, and what can be done with it.
// Loaded when the first such message is seen.
import { useState } from "preact/hooks";
import type { Room } from "../room";
import type { Message } from "../wire";
import { useLanguage } from "./hooks";
import { MessageText } from "./message-text";
import "./message-parts.css";

export { Attachments } from "./message-files";
export { Menu } from "./message-menu";
export { Rich } from "./rich-text";

const QUOTE_LENGTH = 90;

/** What a message answers, in a line; pressing it leads there. */
export function Quote({ room, seq }: { room: Room; seq: number }) {
  const language = useLanguage();
  const message = room.messages.find((one) => one.seq === seq);
  const name = message && (message.author.id === room.sources.me ? language.t("author.you") : message.author.display_name);
  const lead = () => document.querySelector(`[data-seq="${seq}"]`)?.scrollIntoView({ block: "center" });
  return (
    <button type="button" class="quote" onClick={lead}>
      <strong>{name ?? language.t("message.older_quote")}</strong>
      {message && <span class="quote-words">{excerpt(message)}</span>}
    </button>
  );
}

/** The beginning of what a message says; placeholders stay whole, and readable. */
export function excerpt(message: Message) {
  if (message.deleted_at) return "…";
  if (!message.text) return message.attachments.map((file) => file.name).join(", ");
  const cut = message.text.slice(0, QUOTE_LENGTH);
  const open = cut.lastIndexOf("⟦");
  const text = open > cut.lastIndexOf("⟧") ? cut.slice(0, open) : cut;
  return <MessageText text={text.length < message.text.length ? `${text}…` : text} />;
}

export function Reactions({ room, message, takesPart }: { room: Room; message: Message; takesPart: boolean }) {
  const language = useLanguage();
  const [failed, setFailed] = useState("");
  const { me, api } = room.sources;
  const given = Object.entries(message.reactions).filter(([, people]) => people.length > 0);
  if (given.length === 0) return null;
  const toggle = async (emoji: string, mine: boolean) => {
    const answer = await api.react(message, emoji, !mine);
    setFailed(answer.ok ? "" : language.failure(answer.error.code));
    if (answer.ok) room.takeChange(answer.data.message, null);
  };
  return (
    <div class="reactions">
      {given.map(([emoji, people]) => {
        const mine = people.includes(me);
        return (
          <button
            key={emoji}
            type="button"
            class="reaction"
            aria-pressed={mine}
            aria-label={`${language.t("message.react", { emoji })}: ${people.length}`}
            disabled={!takesPart}
            onClick={() => void toggle(emoji, mine)}
          >
            {emoji} {people.length}
          </button>
        );
      })}
      {failed && <span role="alert">{failed}</span>}
    </div>
  );
}
