// Above where one writes: which message is being answered, or written anew.
import type { Room } from "../room";
import { useRef } from "preact/hooks";
import { useHeir } from "./heir";
import { useLanguage } from "./hooks";
import "./composer-strip.css";
import { Icon } from "./icons";

export function ComposerStrip({ room }: { room: Room }) {
  const language = useLanguage();
  const strip = useRef<HTMLParagraphElement>(null);
  useHeir(strip, (part) => part.closest("form")?.querySelector("textarea"));
  const message = room.editing ?? room.answering;
  if (!message) return null;
  const name = message.author.id === room.sources.me ? language.t("author.you") : message.author.display_name;
  return (
    <p ref={strip} class="strip">
      <Icon name="reply" size={16} />
      <span>{room.editing ? language.t("message.editing") : language.t("message.answers", { name })}</span>
      <button type="button" class="icon-button" aria-label={language.t("message.cancel")} onClick={() => room.turnTo(null)}>
        <Icon name="close" size={16} />
      </button>
    </p>
  );
}
