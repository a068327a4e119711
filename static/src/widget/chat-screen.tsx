// The conversation itself: log, who types, composer.
import { useEffect, useState } from "preact/hooks";
import { AttachButton } from "../shared/attaching/button";
import { UploadStrip, useUploads } from "../shared/attaching/use-uploads";
import { takeBack } from "../shared/draft";
import { lazy, partWords } from "../shared/lazy";
import type { Room } from "../shared/room";
import { Composer } from "../shared/ui/composer";
import { ConnectionBanner } from "../shared/ui/connection-banner";
import { useLanguage, useSubscription } from "../shared/ui/hooks";
import { MessageLog } from "../shared/ui/message-log";
import { sendWithFiles } from "../shared/writing";
import type { Asked } from "./asked";
import type { WidgetClient } from "./client";
import { laterWords } from "./words";

const Closing = lazy(() => import("./later").then((module) => module.Closing), laterWords);
const ComposerStrip = lazy(() => import("../shared/ui/composer-strip").then((module) => module.ComposerStrip), partWords);
const Elsewhere = lazy(() => import("./later").then((module) => module.Elsewhere), laterWords);
const Offer = lazy(() => import("../shared/forms/offer").then((module) => module.Offer), laterWords);

/** What staff ask in this room; fetched when there is, or may be, something asked. Null until it is here. */
function useAsked(client: WidgetClient, room: Room): Asked | null {
  const [asked, setAsked] = useState<Asked | null>(null);
  // In a conversation that begins here, nothing was asked before.
  const [wanted, setWanted] = useState(false);
  useEffect(() => {
    setWanted((room.conversation?.last_seq ?? 0) > 0);
    // What was asked while the line was down has come to nobody.
    return client.connection.onState((state) => state === "online" && room.conversation && setWanted(true));
  }, [room]);
  const news = client.asking.has(room.conversation?.id ?? "");
  useEffect(() => {
    // What was asked stays in sight when it has been answered.
    if (news) setWanted(true);
  }, [news, room]);
  useEffect(() => {
    if (!wanted) return;
    let end = () => {};
    let over = false;
    import("./asked").then(
      (module) => {
        if (over) return;
        const made = new module.Asked(client, room);
        end = () => made.close();
        setAsked(made);
      },
      () => undefined,
    );
    return () => {
      over = true;
      end();
      setAsked(null);
    };
  }, [room, wanted]);
  useSubscription(asked);
  return asked;
}

export function ChatScreen({ client, room, shown }: { client: WidgetClient; room: Room; shown: boolean }) {
  useSubscription(room);
  const language = useLanguage();
  const { uploads, add, failed, hasFiles } = useUploads(
    room,
    () => client.bearer,
    () => client.conversationOf(room),
  );
  const asked = useAsked(client, room);
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
        add(files);
      }}
    >
      <ConnectionBanner
        state={client.connection.state}
        waiting={client.rooms.unsent}
        onReconnect={() => client.connection.reconnect()}
      />
      {client.isMissing && (
        <p class="banner" role="status">
          {language.t("widget.not_here")}
        </p>
      )}
      {client.rooms.elsewhere && <Elsewhere client={client} room={client.rooms.elsewhere} />}
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
        onText={(text) => {
          uploads?.keepBack();
          room.setDraft(text);
          if (room.losesWords) client.keepDrafts();
        }}
        onTyping={(typing) => room.setTyping(typing)}
        mayBeEmpty={hasFiles}
        onFiles={add}
        above={
          <>
            {(refusal || failed) && <p role="alert">{refusal || language.failure("network")}</p>}
            {(room.editing ?? room.answering) && <ComposerStrip room={room} />}
            {uploads && <UploadStrip uploads={uploads} />}
          </>
        }
        beside={!room.editing && <AttachButton onFiles={add} />}
        onKey={(event) => {
          const leaves = event.key === "Escape" && Boolean(room.editing ?? room.answering);
          if (leaves) room.turnTo(null);
          return leaves;
        }}
        onSend={(text) => {
          void sendWithFiles(room, text).then((error) => setRefusal(error ? language.failure(error.code) : ""));
        }}
      />
    </div>
  );
}
