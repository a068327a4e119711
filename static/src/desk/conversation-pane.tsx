// The conversation on view: who it is with, what can be done with it, its log with the staff's notes, where one writes.
import { useState } from "preact/hooks";
import { takeBack } from "../shared/draft";
import { ConnectionBanner } from "../shared/ui/connection-banner";
import type { Room } from "../shared/room";
import { useLanguage, useSubscription } from "../shared/ui/hooks";
import { Icon } from "../shared/ui/icons";
import { MessageLog } from "../shared/ui/message-log";
import { MessageText } from "../shared/ui/message-text";
import type { Conversation, NoteOut } from "../shared/wire";
import { CaseTools } from "./case-tools";
import type { DeskClient } from "./client";
import { Colleagues } from "./colleagues";
import { DeskComposer, type Mode } from "./desk-composer";
import { GlassBanner, GlassDialog } from "./glass";
import { Hands, Participants } from "./hands";
import { DeskIcon } from "./icons";
import { noteRows } from "./notes";
import { ReviewList } from "./review-list";

interface ConversationPaneProps {
  client: DeskClient;
  mode: Mode;
  onMode: (mode: Mode) => void;
  onBack: () => void;
}

export function ConversationPane({ client, mode, onMode, onBack }: ConversationPaneProps) {
  const language = useLanguage();
  const conversation = client.openId ? client.conversations.get(client.openId) : undefined;
  return (
    <section id="conversation" class="pane" aria-label={language.t("desk.conversation")} tabIndex={-1}>
      {!client.openId &&
        (client.account?.role === "privacy_officer" ? (
          <ReviewList client={client} />
        ) : (
          <div class="centred quiet">
            <DeskIcon name="inbox" size={40} />
            <p>{language.t("desk.choose")}</p>
            <p class="pane-keys">
              <kbd>j</kbd> <kbd>k</kbd> <kbd>Enter</kbd> <kbd>?</kbd>
            </p>
          </div>
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
            <PaneBody key={conversation.id} client={client} conversation={conversation} room={client.room} mode={mode} onMode={onMode} />
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
  const item = client.inbox.cases.get(conversation.id);
  const here = customer !== null && (client.room?.online.has(customer.id) ?? false);
  const presence = language.t(here ? "desk.customer_online" : "desk.customer_away");
  const subject = conversation.subject ? <MessageText text={conversation.subject} /> : language.t("desk.untitled");
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
            {client.room && (
              <span class={here ? "presence presence-here" : "presence"} title={presence}>
                <span class="sr-only">{presence}</span>
              </span>
            )}
          </h2>
        ) : (
          <h2>{subject}</h2>
        )}
        {customer && (
          <p class="pane-subject">{subject}</p>
        )}
        {conversation.waiting_since && !customer && (
          <p class="pane-subject">
            {language.t("desk.waiting", { time: language.duration(Date.now() - Date.parse(conversation.waiting_since)) })}
          </p>
        )}
        <Participants client={client} conversation={conversation} />
      </div>
      <Hands client={client} conversation={conversation} />
      {item && <CaseTools client={client} conversation={conversation} item={item} />}
    </header>
  );
}

interface PaneBodyProps extends PaneProps {
  room: Room;
  mode: Mode;
  onMode: (mode: Mode) => void;
}

function PaneBody({ client, conversation, room, mode, onMode }: PaneBodyProps) {
  useSubscription(room);
  const language = useLanguage();
  const closed = conversation.status === "closed";
  const reads = conversation.access === "reading";
  const glass = client.glass.get(conversation.id);
  const item = client.inbox.cases.get(conversation.id);
  const extra = noteRows(client.notes.of(conversation.id), room.messages, (note) => <NoteRow note={note} me={client.me} />);
  const customerTypes = conversation.customer !== null && room.typing.has(conversation.customer.id);
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
      <MessageLog
        room={room}
        me={client.me}
        shown={!reads}
        onTakeBack={(text) => takeBack(room, text, "reply")}
        extra={extra}
      />
      <Colleagues client={client} conversation={conversation} room={room} />
      <p class="typing" aria-live="polite">
        {customerTypes && language.t("typing.named", { name: conversation.customer?.display_name ?? "" })}
      </p>
      {reads ? null : closed ? (
        <div class="closed">
          <p>{language.t("desk.closed_note")}</p>
          {item?.rating != null && <p>{language.t("desk.rated", { n: item.rating })}</p>}
        </div>
      ) : (
        <DeskComposer client={client} conversation={conversation} room={room} mode={mode} onMode={onMode} />
      )}
    </div>
  );
}

/** A staff note in the log: never in the place, the colour or the shape of a message. */
function NoteRow({ note, me }: { note: NoteOut; me: string }) {
  const language = useLanguage();
  const name = note.author.id === me ? language.t("author.you") : note.author.display_name;
  return (
    <article class="note-row" aria-label={language.t("desk.note_by", { name })}>
      <p class="note-head">
        <DeskIcon name="note" size={14} />
        {language.t("desk.note_by", { name })}
        <time dateTime={note.created_at} title={language.moment(new Date(note.created_at))}>
          {language.time(new Date(note.created_at))}
        </time>
      </p>
      <p class="body">
        <MessageText text={note.text} />
      </p>
    </article>
  );
}
