// The person's own conversations, the newest first.
import { useEffect } from "preact/hooks";
import { useLanguage } from "../shared/ui/hooks";
import { MessageText } from "../shared/ui/message-text";
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
