// Says that there is an answer in a conversation that is not on view, and leads there.
import type { Room } from "../shared/room";
import { useLanguage, useSubscription } from "../shared/ui/hooks";
import { MessageText } from "../shared/ui/message-text";
import type { WidgetClient } from "./client";

export function Elsewhere({ client, room }: { client: WidgetClient; room: Room }) {
  useSubscription(room);
  const language = useLanguage();
  const { conversation } = room;
  if (!conversation) return null;
  return (
    <div role="status" class="banner">
      <span>
        {language.t("widget.elsewhere", { n: room.unread })}
        {conversation.subject && (
          <>
            {" "}
            <strong>
              <MessageText text={conversation.subject} />
            </strong>
          </>
        )}
      </span>
      <button type="button" class="button button-small" onClick={() => client.show(conversation)}>
        {language.t("widget.elsewhere_open")}
      </button>
    </div>
  );
}
