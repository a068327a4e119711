// One message in the log: stored (redacted) or still the writer's own words on their way.
import { Component, type ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import type { SentStatus } from "../feed";
import { FormSlot } from "../forms/slot";
import type { Outgoing } from "../outbox";
import type { Room } from "../room";
import type { Message } from "../wire";
import { useLanguage } from "./hooks";
import { Icon } from "./icons";
import { MessageText } from "./message-text";
import { useParts } from "./parts";

interface MessageRowProps {
  message: Message;
  own: boolean;
  opensRun: boolean;
  status: SentStatus | null;
  /** What more can be done with it and is seen of it; loaded when it is first wanted. */
  room: Room;
  /** Whether the reader may answer and react here. */
  takesPart: boolean;
  /** Opens what can be done about the message's redaction; null where the reader may do nothing about it. */
  onCorrect: ((row: Element | null) => void) | null;
}

/** Drawn again only when the message's place, status or, after a correction, its text changes. */
export class MessageRow extends Component<MessageRowProps> {
  override shouldComponentUpdate(next: MessageRowProps): boolean {
    const { message, own, opensRun, status, takesPart } = this.props;
    if (takesPart !== next.takesPart) return true;
    return message !== next.message || own !== next.own || opensRun !== next.opensRun || status !== next.status;
  }

  override render(props: MessageRowProps) {
    return <StoredMessage {...props} />;
  }
}

function Bubble(props: { seq?: number; own: boolean; opensRun: boolean; state: string; author: string; children: ComponentChildren }) {
  const side = props.own ? "own" : "other";
  return (
    <article data-seq={props.seq} class={`message ${side} ${props.state} ${props.opensRun ? "opens-run" : ""}`} aria-label={props.author}>
      {props.children}
    </article>
  );
}

function StoredMessage({ message, own, opensRun, status, onCorrect, room, takesPart }: MessageRowProps) {
  const language = useLanguage();
  const at = new Date(message.created_at);
  const staff = message.author.role !== "visitor" && message.author.role !== "customer";
  const name = own ? language.t("author.you") : message.author.display_name;
  const hidden = message.redactions.length;
  const gone = message.deleted_at !== null;
  const { attachments, reactions, html, reply_to: answers } = message;
  const rich = attachments.length > 0 || Object.keys(reactions).length > 0 || html !== null || answers !== null;
  const parts = useParts(rich && !gone);
  return (
    <Bubble seq={message.seq} own={own} opensRun={opensRun} state="stored" author={name}>
      {opensRun && !own && (
        <p class="author">
          {name}
          {staff && <span class="role">{language.t("author.staff")}</span>}
        </p>
      )}
      {answers !== null && parts && <parts.Quote room={room} seq={answers} />}
      {gone ? (
        <p class="body gone">{language.t("message.deleted")}</p>
      ) : html !== null && parts ? (
        <div class="body rich">
          <parts.Rich html={html} />
        </div>
      ) : (
        message.text && (
          <p class="body">
            <MessageText text={message.text} />
          </p>
        )
      )}
      {message.form && !gone && <FormSlot room={room} id={message.form.id} />}
      {attachments.length > 0 && parts && <parts.Attachments room={room} message={message} />}
      {parts && rich && <parts.Reactions room={room} message={message} takesPart={takesPart} />}
      <p class="meta">
        {message.edited_at && !gone && <span>{language.t("message.edited")}</span>}
        {hidden > 0 && <span class="hidden-count">{language.t("message.hidden", { n: hidden })}</span>}
        <time dateTime={message.created_at} title={language.moment(at)}>
          {language.time(at)}
        </time>
        {status && <span class={`status status-${status}`}>{language.t(`status.${status}`)}</span>}
        {takesPart && !gone && <Actions room={room} message={message} own={own} />}
        {onCorrect && !gone && (
          <button
            type="button"
            class="correct"
            aria-label={language.t("message.correct")}
            // Pressing it must not undo the selection that it is about.
            onMouseDown={(event) => event.preventDefault()}
            onClick={(event) => onCorrect(event.currentTarget.closest(".message"))}
          >
            <Icon name="more" size={16} />
          </button>
        )}
      </p>
    </Bubble>
  );
}

/** What is done with a message: answer, react, write anew, delete. The menu comes when it is asked for. */
function Actions({ room, message, own }: { room: Room; message: Message; own: boolean }) {
  const language = useLanguage();
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const parts = useParts(open);
  return (
    <>
      <button
        ref={button}
        type="button"
        class="act"
        aria-label={language.t("message.actions")}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon name="reply" size={16} />
      </button>
      {open && parts && (
        <parts.Menu
          room={room}
          message={message}
          own={own}
          onClose={() => {
            setOpen(false);
            button.current?.focus();
          }}
        />
      )}
    </>
  );
}

interface OutgoingProps {
  outgoing: Outgoing;
  opensRun: boolean;
  /** There is no connection: what waits may be written anew meanwhile. */
  offline: boolean;
  onRetry: () => void;
  /** Ends when it is back, or could not be had back. */
  onTakeBack: () => Promise<void>;
}

export function OutgoingRow({ outgoing, opensRun, offline, onRetry, onTakeBack }: OutgoingProps) {
  const language = useLanguage();
  const { state, error } = outgoing;
  const failed = state === "failed";
  const [late, setLate] = useState(false);
  // Whoever took it back sees no row any more.
  const takeBack = () => void onTakeBack().then(() => setLate(true));
  return (
    <Bubble own opensRun={opensRun} state={`outgoing outgoing-${state}`} author={language.t("author.you")}>
      <p class="body">{outgoing.text || <Icon name="clip" />}</p>
      <p class="meta">
        <span class="status">{language.t(`status.${state}`)}</span>
        {state === "queued" && offline && (
          <button type="button" class="link" onClick={takeBack}>
            {language.t("message.edit")}
          </button>
        )}
      </p>
      {late && (
        <p class="refusal" role="status">
          {language.t("message.too_late")}
        </p>
      )}
      {(failed || state === "held") && error && (
        <div class="refusal">
          <p>{language.failure(error.code)}</p>
          {failed && (
            <p class="refusal-actions">
              <button type="button" class="button button-small" onClick={onRetry}>
                {language.t("message.retry")}
              </button>
              <button type="button" class="button button-small button-quiet" onClick={takeBack}>
                {language.t("message.edit")}
              </button>
            </p>
          )}
        </div>
      )}
    </Bubble>
  );
}
