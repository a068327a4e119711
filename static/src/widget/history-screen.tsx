// The person's own conversations, the newest first.
import { useEffect, useState } from "preact/hooks";
import type { Result } from "../shared/result";
import { useLanguage } from "../shared/ui/hooks";
import { MessageText } from "../shared/ui/message-text";
import type { Conversation, ConversationPage, ConversationReply } from "../shared/wire";
import type { WidgetClient } from "./client";
import "./history.css";

export function HistoryScreen({ client, onDone }: { client: WidgetClient; onDone: () => void }) {
  const language = useLanguage();
  const [older, setOlder] = useState<Conversation[]>([]);
  const [cursor, setCursor] = useState<string | null>(null);
  useEffect(() => {
    void client.refreshConversations().then((answer) => setCursor(answer.ok ? (answer as Page).data.next_cursor : null));
  }, []);
  const more = async () => {
    const answer = await client.api.conversations({ limit: 20, ...(cursor && { cursor }) });
    if (!answer.ok) return;
    setOlder([...older, ...answer.data.items]);
    setCursor(answer.data.next_cursor);
  };
  const newest = new Set(client.conversations.map((one) => one.id));
  const started = [...client.conversations, ...older.filter((one) => !newest.has(one.id))].filter((conversation) => conversation.last_seq > 0);
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
                  {conversation.unread ? (
                    <>
                      {" · "}
                      <strong class="history-unread">{language.t("widget.unread", { n: conversation.unread })}</strong>
                    </>
                  ) : null}
                </span>
              </button>
              <Rename client={client} conversation={conversation} />
            </li>
          );
        })}
      </ul>
      {cursor && (
        <button type="button" class="button button-quiet" onClick={() => void more()}>
          {language.t("widget.history_more")}
        </button>
      )}
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

type Page = Result<ConversationPage> & { ok: true };

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
