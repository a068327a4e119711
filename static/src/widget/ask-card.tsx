// The question whether feedback may be made of a conversation: exactly what would be given, yes or no, what became of it.
import { useEffect, useRef } from "preact/hooks";
import { useLanguage } from "../shared/ui/hooks";
import { MessageText } from "../shared/ui/message-text";
import type { FeedbackAskOut } from "../shared/wire";
import "./ask-card.css";
import type { Asked } from "./asked";

const KINDS = {
  suggestion: "ask.suggestion",
  criticism: "ask.criticism",
  complaint: "ask.complaint",
  impression: "ask.impression",
} as const;

export function AskCard({ asked, ask }: { asked: Asked; ask: FeedbackAskOut }) {
  const language = useLanguage();
  const outcome = useRef<HTMLParagraphElement>(null);
  const chosen = useRef(false);
  const kind = language.t(KINDS[ask.kind]);
  const open = ask.state === "asked";
  // The button that had the focus is gone.
  useEffect(() => {
    if (!open && chosen.current) outcome.current?.focus();
  }, [open]);
  const say = (agree: boolean) => {
    chosen.current = true;
    void asked.answer(ask, agree);
  };
  return (
    <div class="ask" role="group" aria-labelledby={`ask-${ask.id}`}>
      <p id={`ask-${ask.id}`} class="ask-question">
        {language.t("ask.question", { kind })}
      </p>
      <blockquote class="ask-item">
        <p class="ask-title">
          <MessageText text={ask.title} />
        </p>
        <p class="ask-text">
          <MessageText text={ask.text} />
        </p>
      </blockquote>
      {open && <p class="ask-private">{language.t("ask.private")}</p>}
      {open && (
        <p class="ask-answers">
          <button type="button" class="button button-main" disabled={asked.busy} onClick={() => say(true)}>
            {language.t("ask.yes")}
          </button>
          <button type="button" class="button" disabled={asked.busy} onClick={() => say(false)}>
            {language.t("ask.no")}
          </button>
        </p>
      )}
      {!open && (
        <p ref={outcome} class="ask-outcome" tabIndex={-1}>
          {ask.state === "agreed" ? language.t("ask.agreed", { kind }) : language.t("ask.declined")}
        </p>
      )}
      {open && asked.error && <p role="alert">{language.failure(asked.error.code)}</p>}
    </div>
  );
}
