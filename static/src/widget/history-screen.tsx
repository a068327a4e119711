// The person's own conversations, the newest first.
import { useEffect, useState } from "preact/hooks";
import { useLanguage } from "../shared/ui/hooks";
import { MessageText } from "../shared/ui/message-text";
import type { Conversation, ConversationReply } from "../shared/wire";
import type { WidgetClient } from "./client";
import "./history.css";

export function HistoryScreen({ client, onDone }: { client: WidgetClient; onDone: () => void }) {
  const language = useLanguage();
  useEffect(() => void client.refreshConversations(), []);
  const started = client.conversations.filter((conversation) => conversation.last_seq > 0);
  return (
    <div class="history">
      <h2>{language.t("widget.history")}</h2>
      {started.length === 0 && <p class="quiet">{language.t("widget.history_none")}</p>}
      <ul>
        {started.map((conversation) => {
          const at = new Date(conversation.last_message_at ?? conversation.created_at);
          return (
            <li key={conversation.id}>
              <button
                type="button"
                onClick={() => {
                  client.show(conversation);
                  onDone();
                }}
              >
                <span class="history-subject">
                  {conversation.subject ? (
                    <MessageText text={conversation.subject} />
                  ) : (
                    language.t("widget.history_untitled", { date: language.moment(new Date(conversation.created_at)) })
                  )}
                </span>
                <span class="quiet">
                  {language.day(at, new Date())} · {language.t(`widget.status_${conversation.status}`)}
                  {conversation.unread ? ` · ${language.t("widget.unread", { n: conversation.unread })}` : ""}
                </span>
              </button>
              <Rename client={client} conversation={conversation} />
            </li>
          );
        })}
      </ul>
      <button
        type="button"
        class="button"
        onClick={() => {
          client.show(null);
          onDone();
        }}
      >
        {language.t("widget.new")}
      </button>
    </div>
  );
}

const LONGEST = 200;

/** Another subject for a conversation; what identifies somebody in it is hidden as in a message. */
function Rename({ client, conversation }: { client: WidgetClient; conversation: Conversation }) {
  const language = useLanguage();
  const [open, setOpen] = useState(false);
  const [error, setError] = useState("");
  const id = `subject-${conversation.id}`;
  const save = async (form: HTMLFormElement) => {
    const subject = String(new FormData(form).get("subject") ?? "").trim();
    const answer = await client.api.http.call<ConversationReply>("PUT", `/conversations/${encodeURIComponent(conversation.id)}/subject`, { subject });
    setError(answer.ok ? "" : language.failure(answer.error.code));
    if (!answer.ok) return;
    setOpen(false);
    await client.refreshConversations();
  };
  if (!open) {
    return (
      <button type="button" class="link" onClick={() => setOpen(true)}>
        {language.t("widget.rename")}
      </button>
    );
  }
  return (
    <form
      class="field"
      onSubmit={(event) => {
        event.preventDefault();
        void save(event.currentTarget);
      }}
    >
      <label for={id}>{language.t("widget.subject")}</label>
      <input
        id={id}
        name="subject"
        required
        maxLength={LONGEST}
        autocomplete="off"
        // What is hidden in the old one has no words that could be typed again.
        defaultValue={conversation.subject?.includes("⟦") ? "" : (conversation.subject ?? "")}
        ref={(input) => input?.focus()}
      />
      <p class="form-error" role="alert">
        {error}
      </p>
      <p class="history-rename">
        <button type="submit" class="button button-small button-main">
          {language.t("widget.save")}
        </button>
        <button type="button" class="button button-small button-quiet" onClick={() => setOpen(false)}>
          {language.t("message.cancel")}
        </button>
      </p>
    </form>
  );
}
