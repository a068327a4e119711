// The conversation itself: log, who types, composer.
import { takeBack } from "../shared/draft";
import type { Room } from "../shared/room";
import { Composer } from "../shared/ui/composer";
import { ConnectionBanner } from "../shared/ui/connection-banner";
import { useLanguage, useSubscription } from "../shared/ui/hooks";
import { MessageLog } from "../shared/ui/message-log";
import type { WidgetClient } from "./client";

export function ChatScreen({ client, room, shown }: { client: WidgetClient; room: Room; shown: boolean }) {
  useSubscription(room);
  const language = useLanguage();
  const closed = room.conversation?.status === "closed";
  const empty = room.messages.length === 0 && room.outbox.length === 0;
  return (
    <div class="chat">
      <ConnectionBanner
        state={client.connection.state}
        waiting={client.rooms.unsent}
        onReconnect={() => client.connection.reconnect()}
      />
      {empty && <p class="quiet chat-empty">{language.t("widget.empty")}</p>}
      <MessageLog room={room} me={client.account?.id ?? ""} shown={shown} onTakeBack={(text) => takeBack(room, text, "message")} />
      <p class="typing" aria-live="polite">
        {room.typing.size > 0 && language.t("typing.somebody")}
      </p>
      {closed && (
        <div class="closed">
          <p>{language.t("widget.closed")}</p>
          <button type="button" class="button button-small" onClick={() => client.show(null)}>
            {language.t("widget.new")}
          </button>
        </div>
      )}
      <Composer
        id="message"
        text={room.draft}
        label={language.t("composer.label")}
        preview={(text, signal) => client.api.preview(text, signal)}
        onText={(text) => room.setDraft(text)}
        onTyping={(typing) => room.setTyping(typing)}
        onSend={(text) => {
          room.setDraft("");
          room.send(text);
        }}
      />
    </div>
  );
}
