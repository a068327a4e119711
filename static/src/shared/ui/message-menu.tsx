// What can be done with a message, beside it: react, answer, write anew, delete.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Room } from "../room";
import type { Message } from "../wire";
import { useLanguage } from "./hooks";

const EMOJI = ["👍", "❤️", "🙏", "😊", "🎉", "😢"];

interface MenuProps {
  room: Room;
  message: Message;
  own: boolean;
  onClose: () => void;
}

export function Menu({ room, message, own, onClose }: MenuProps) {
  const language = useLanguage();
  const box = useRef<HTMLDivElement>(null);
  const [asks, setAsks] = useState(false);
  const [failed, setFailed] = useState("");
  const { api, me } = room.sources;
  useEffect(() => {
    box.current?.querySelector("button")?.focus();
    box.current?.scrollIntoView({ block: "nearest" });
    const outside = (event: Event) => {
      const target = event.target as Node;
      // The button before it closes it by itself; closed here, the same press would open it again.
      if (!box.current?.contains(target) && !box.current?.previousElementSibling?.contains(target)) onClose();
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, []);
  const done = (answer: Awaited<ReturnType<typeof api.remove>>) => {
    if (!answer.ok) return setFailed(language.failure(answer.error.code));
    room.takeChange(answer.data.message, null);
    // Closed while the answer was on its way, it may be open anew, for something else.
    if (box.current) onClose();
  };
  const remove = async () => {
    const log = box.current?.closest<HTMLElement>("[role=log]");
    const answer = await api.remove(message);
    done(answer);
    // What is deleted has no buttons, so none to give the focus back to.
    if (answer.ok) log?.focus();
  };
  const write = (turn: () => void) => {
    onClose();
    turn();
    document.querySelector<HTMLElement>(".composer textarea")?.focus();
  };
  return (
    <div
      ref={box}
      class="message-menu"
      role="group"
      aria-label={language.t("message.actions")}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        onClose();
      }}
    >
      <div class="emoji">
        {EMOJI.map((emoji) => {
          const mine = message.reactions[emoji]?.includes(me) ?? false;
          return (
            <button
              key={emoji}
              type="button"
              aria-pressed={mine}
              aria-label={language.t("message.react", { emoji })}
              onClick={() => void api.react(message, emoji, !mine).then(done)}
            >
              {emoji}
            </button>
          );
        })}
      </div>
      <button type="button" class="button button-small" onClick={() => write(() => room.turnTo(message))}>
        {language.t("message.reply")}
      </button>
      {own && message.kind === "text" && message.text && (
        <button type="button" class="button button-small" onClick={() => write(() => room.turnTo(null, message))}>
          {language.t("message.edit_sent")}
        </button>
      )}
      {own && !asks && (
        <button type="button" class="button button-small" onClick={() => setAsks(true)}>
          {language.t("message.delete")}
        </button>
      )}
      {asks && (
        <p class="menu-asks" role="alert">
          {language.t("message.delete_sure")}
          <button type="button" class="button button-small" onClick={() => void remove()}>
            {language.t("message.delete")}
          </button>
          <button type="button" class="button button-small button-quiet" onClick={() => setAsks(false)}>
            {language.t("message.keep")}
          </button>
        </p>
      )}
      {failed && <p role="alert">{failed}</p>}
    </div>
  );
}
