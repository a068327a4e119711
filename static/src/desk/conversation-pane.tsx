// The conversation on view: who it is with, what can be done with it, its log, the reply.
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
import { accessTo } from "./queue";

export function ConversationPane({ client, onBack }: { client: DeskClient; onBack: () => void }) {
  const language = useLanguage();
  const conversation = client.openId ? client.conversations.get(client.openId) : undefined;
  return (
    <section id="conversation" class="pane" aria-label={language.t("desk.conversation")} tabIndex={-1}>
      {!client.openId && <p class="quiet centred">{language.t("desk.choose")}</p>}
      {client.openId && !conversation && (
        <div class="centred">
          <p>{language.t("error.not_found")}</p>
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
            <NoAccess client={client} conversation={conversation} />
          )}
        </>
      )}
    </section>
  );
}

function NoAccess({ client, conversation }: { client: DeskClient; conversation: Conversation }) {
  const language = useLanguage();
  const access = client.account ? accessTo(conversation, client.account) : "reserved";
  return (
    <p class="quiet centred">
      {access === "colleague"
        ? language.t("desk.colleague", { name: conversation.assignee?.display_name ?? "" })
        : language.t("desk.reserved")}
    </p>
  );
}

interface PaneProps {
  client: DeskClient;
  conversation: Conversation;
}

function PaneHeader({ client, conversation, onBack }: PaneProps & { onBack: () => void }) {
  const language = useLanguage();
  const { id, customer, assignee, status } = conversation;
  const mine = assignee?.id === client.account?.id;
  const mayAct = client.account !== null && accessTo(conversation, client.account) === "open";
  const here = client.room?.online.has(customer.id) ?? false;
  return (
    <header class="pane-top">
      <button type="button" class="icon-button pane-back" aria-label={language.t("desk.back")} onClick={onBack}>
        <Icon name="back" />
      </button>
      <div class="pane-words">
        <h2>
          {customer.display_name}
          <span class="role">{language.t(customer.role === "visitor" ? "desk.visitor" : "desk.customer")}</span>
        </h2>
        <p class="pane-subject">
          {conversation.subject ? <MessageText text={conversation.subject} /> : language.t("desk.untitled")}
        </p>
        {client.room && (
          <p class={here ? "presence presence-here" : "presence"}>
            {language.t(here ? "desk.customer_online" : "desk.customer_away")}
          </p>
        )}
      </div>
      {mayAct && (
        <div class="pane-actions">
          {!mine && (
            <button type="button" class="button button-small" onClick={() => void client.change(id, "assign")}>
              {language.t("desk.assign")}
            </button>
          )}
          <button
            type="button"
            class="button button-small button-quiet"
            onClick={() => void client.change(id, status === "open" ? "close" : "reopen")}
          >
            {language.t(status === "open" ? "desk.close" : "desk.reopen")}
          </button>
        </div>
      )}
    </header>
  );
}

function PaneBody({ client, conversation, room }: PaneProps & { room: Room }) {
  useSubscription(room);
  const language = useLanguage();
  const closed = conversation.status === "closed";
  return (
    <div class="chat">
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
      <MessageLog room={room} me={client.account?.id ?? ""} shown onTakeBack={(text) => takeBack(room, text, "reply")} />
      <p class="typing" aria-live="polite">
        {room.typing.size > 0 && language.t("typing.named", { name: nameOf(conversation, room) })}
      </p>
      {closed ? (
        <div class="closed">
          <p>{language.t("desk.closed_note")}</p>
          <button type="button" class="button button-small" onClick={() => void client.change(conversation.id, "reopen")}>
            {language.t("desk.reopen")}
          </button>
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
  return author?.display_name ?? conversation.customer.display_name;
}
