// The conversation on view: who it is with, what can be done with it, its log, the reply.
import { useState } from "preact/hooks";
import { takeBack } from "../shared/draft";
import { Composer } from "../shared/ui/composer";
import { ConnectionBanner } from "../shared/ui/connection-banner";
import type { Room } from "../shared/room";
import { useLanguage, useSubscription } from "../shared/ui/hooks";
import { Icon } from "../shared/ui/icons";
import { MessageLog } from "../shared/ui/message-log";
import { MessageText } from "../shared/ui/message-text";
import type { Conversation } from "../shared/wire";
import type { DeskClient } from "./client";
import { GlassBanner, GlassDialog } from "./glass";
import { Hands, Participants } from "./hands";
import { ReviewList } from "./review-list";

export function ConversationPane({ client, onBack }: { client: DeskClient; onBack: () => void }) {
  const language = useLanguage();
  const conversation = client.openId ? client.conversations.get(client.openId) : undefined;
  return (
    <section id="conversation" class="pane" aria-label={language.t("desk.conversation")} tabIndex={-1}>
      {!client.openId &&
        (client.account?.role === "privacy_officer" ? (
          <ReviewList client={client} />
        ) : (
          <p class="quiet centred">{language.t("desk.choose")}</p>
        ))}
      {client.openId && !conversation && (
        <div class="centred">
          <p>{language.t("error.not_found")}</p>
          <ByException client={client} id={client.openId} />
          <button type="button" class="button" onClick={onBack}>
            {language.t("desk.back")}
          </button>
        </div>
      )}
      {conversation && (
        <>
          <PaneHeader client={client} conversation={conversation} onBack={onBack} />
          {client.room ? (
            <PaneBody key={conversation.id} client={client} conversation={conversation} room={client.room} />
          ) : (
            <NoAccess conversation={conversation} />
          )}
        </>
      )}
    </section>
  );
}

function NoAccess({ conversation }: { conversation: Conversation }) {
  const language = useLanguage();
  const { assignee } = conversation;
  return (
    <p class="quiet centred">
      {assignee ? language.t("desk.colleague", { name: assignee.display_name }) : language.t("desk.nobodys")}
    </p>
  );
}

/** For those whose list it is not in: what they have only the address of. */
function ByException({ client, id }: { client: DeskClient; id: string }) {
  const language = useLanguage();
  const [open, setOpen] = useState(false);
  return (
    <p>
      <button type="button" class="button" onClick={() => setOpen(true)}>
        {language.t("desk.break_glass")}
      </button>
      {open && <GlassDialog client={client} id={id} onClose={() => setOpen(false)} />}
    </p>
  );
}

interface PaneProps {
  client: DeskClient;
  conversation: Conversation;
}

function PaneHeader({ client, conversation, onBack }: PaneProps & { onBack: () => void }) {
  const language = useLanguage();
  const { customer } = conversation;
  const here = customer !== null && (client.room?.online.has(customer.id) ?? false);
  return (
    <header class="pane-top">
      <button type="button" class="icon-button pane-back" aria-label={language.t("desk.back")} onClick={onBack}>
        <Icon name="back" />
      </button>
      <div class="pane-words">
        {customer ? (
          <h2>
            {customer.display_name}
            <span class="role">{language.t(customer.role === "visitor" ? "desk.visitor" : "desk.customer")}</span>
          </h2>
        ) : (
          <h2>{conversation.subject ? <MessageText text={conversation.subject} /> : language.t("desk.untitled")}</h2>
        )}
        {customer && (
          <p class="pane-subject">
            {conversation.subject ? <MessageText text={conversation.subject} /> : language.t("desk.untitled")}
          </p>
        )}
        {conversation.waiting_since && !customer && (
          <p class="pane-subject">
            {language.t("desk.waiting", { time: language.duration(Date.now() - Date.parse(conversation.waiting_since)) })}
          </p>
        )}
        {client.room && (
          <p class={here ? "presence presence-here" : "presence"}>
            {language.t(here ? "desk.customer_online" : "desk.customer_away")}
          </p>
        )}
        <Participants client={client} conversation={conversation} />
      </div>
      <Hands client={client} conversation={conversation} />
    </header>
  );
}

function PaneBody({ client, conversation, room }: PaneProps & { room: Room }) {
  useSubscription(room);
  const language = useLanguage();
  const closed = conversation.status === "closed";
  const reads = conversation.access === "reading";
  const glass = client.glass.get(conversation.id);
  return (
    <div class="chat">
      {reads && glass && <GlassBanner client={client} glass={glass} />}
      <ConnectionBanner
        state={client.connection.state}
        waiting={client.unsent}
        onReconnect={() => client.connection.reconnect()}
      />
      {room.error && (
        <p class="form-error" role="alert">
          {language.failure(room.error.code)}
        </p>
      )}
      <MessageLog room={room} me={client.account?.id ?? ""} shown={!reads} onTakeBack={(text) => takeBack(room, text, "reply")} />
      <p class="typing" aria-live="polite">
        {room.typing.size > 0 && language.t("typing.named", { name: nameOf(conversation, room) })}
      </p>
      {reads ? null : closed ? (
        <div class="closed">
          <p>{language.t("desk.closed_note")}</p>
        </div>
      ) : (
        <Composer
          id="reply"
          text={room.draft}
          label={language.t("composer.reply")}
          preview={(text, signal) => client.api.preview(text, signal)}
          onText={(text) => room.setDraft(text)}
          onTyping={(typing) => room.setTyping(typing)}
          onSend={(text) => {
            room.setDraft("");
            room.send(text);
          }}
        />
      )}
    </div>
  );
}

function nameOf(conversation: Conversation, room: Room): string {
  const [id] = room.typing.keys();
  const author = room.messages.findLast((message) => message.author.id === id)?.author;
  return author?.display_name ?? conversation.customer?.display_name ?? "";
}
