// The conversation itself: log, who types, composer.
import { useEffect, useState } from "preact/hooks";
import { takeBack } from "../shared/draft";
import type { Room } from "../shared/room";
import { Composer } from "../shared/ui/composer";
import { ComposerStrip } from "../shared/ui/composer-strip";
import { ConnectionBanner } from "../shared/ui/connection-banner";
import { useLanguage, useSubscription } from "../shared/ui/hooks";
import { MessageLog } from "../shared/ui/message-log";
import { submit } from "../shared/writing";
import type { WidgetClient } from "./client";
import { lazy } from "./lazy";

const AttachButton = lazy(() => import("./attaching").then((module) => module.AttachButton));
const UploadStrip = lazy(() => import("./attaching").then((module) => module.UploadStrip));
const Closing = lazy(() => import("./closing").then((module) => module.Closing));
const Offer = lazy(() => import("../shared/forms/offer").then((module) => module.Offer));

interface Later {
  subscribe(listener: () => void): () => void;
  close(): void;
}

/** What serves one room and comes after the first message could be written; null until it is here. */
function useLater<T extends Later>(room: Room, load: () => Promise<T>): T | null {
  const [later, setLater] = useState<T | null>(null);
  useEffect(() => {
    let end = () => {};
    let wanted = true;
    load().then(
      (made) => {
        end = () => made.close();
        if (wanted) setLater(made);
        else end();
      },
      () => undefined,
    );
    return () => {
      wanted = false;
      end();
      setLater(null);
    };
  }, [room]);
  useSubscription(later);
  return later;
}

export function ChatScreen({ client, room, shown }: { client: WidgetClient; room: Room; shown: boolean }) {
  useSubscription(room);
  const language = useLanguage();
  const uploads = useLater(room, async () => {
    const { Uploads } = await import("./uploads");
    return new Uploads(room, () => client.bearer, () => client.conversationOf(room));
  });
  const asked = useLater(room, async () => new (await import("./asked")).Asked(client, room));
  const [refusal, setRefusal] = useState("");
  const [declined, setDeclined] = useState(0);
  const closed = room.conversation?.status === "closed";
  const empty = room.messages.length === 0 && room.outbox.length === 0;
  // What the gate has just hidden of one's own has a better way: offered under the newest message, until something is said.
  const last = room.messages.at(-1);
  const hidden = last && last.author.id === client.account?.id && last.kind === "text" && last.seq > declined ? last.redactions : [];
  return (
    <div
      class="chat"
      onDragOver={(event) => event.dataTransfer?.types.includes("Files") && event.preventDefault()}
      onDrop={(event) => {
        const files = [...(event.dataTransfer?.files ?? [])];
        if (!files.length) return;
        event.preventDefault();
        uploads?.add(files);
      }}
    >
      <ConnectionBanner
        state={client.connection.state}
        waiting={client.rooms.unsent}
        onReconnect={() => client.connection.reconnect()}
      />
      {empty && <p class="quiet chat-empty">{language.t("widget.empty")}</p>}
      <MessageLog room={room} me={client.account?.id ?? ""} shown={shown} extra={asked?.rows ?? []} onTakeBack={(text) => takeBack(room, text, "message")} />
      {hidden.length > 0 && !closed && (
        <Offer room={room} labels={[...new Set(hidden.map((one) => one.label))]} onDone={() => setDeclined(last?.seq ?? 0)} />
      )}
      <p class="typing" aria-live="polite">
        {room.typing.size > 0 && language.t("typing.somebody")}
      </p>
      {closed && <Closing client={client} room={room} />}
      <Composer
        id="message"
        text={room.draft}
        label={language.t("composer.label")}
        preview={(text, signal) => client.api.preview(text, signal)}
        onText={(text) => room.setDraft(text)}
        onTyping={(typing) => room.setTyping(typing)}
        mayBeEmpty={Boolean(uploads?.ids.length) && !uploads?.busy}
        onFiles={(files) => uploads?.add(files)}
        above={
          <>
            {refusal && <p role="alert">{refusal}</p>}
            <ComposerStrip room={room} />
            {uploads && <UploadStrip uploads={uploads} />}
          </>
        }
        beside={uploads && !room.editing && <AttachButton uploads={uploads} />}
        onKey={(event) => {
          const leaves = event.key === "Escape" && Boolean(room.editing ?? room.answering);
          if (leaves) room.turnTo(null);
          return leaves;
        }}
        onSend={(text) => {
          const ids = room.editing ? [] : (uploads?.ids ?? []);
          if (ids.length) uploads?.sent();
          void submit(room, text, ids).then((error) => setRefusal(error ? language.failure(error.code) : ""));
        }}
      />
    </div>
  );
}
