// The queue: filters with their counts, one row for each conversation. Of what one does not take part in, its subject
// and its waiting time; what nobody has can be taken from here.
import { Component } from "preact";
import { useLanguage, useNow } from "../shared/ui/hooks";
import { MessageText } from "../shared/ui/message-text";
import type { Conversation } from "../shared/wire";
import { pathOf } from "./address";
import type { DeskClient } from "./client";
import { counts, FILTERS, type Filter } from "./queue";

interface ListProps {
  client: DeskClient;
  shown: Conversation[];
  filter: Filter;
  onFilter: (filter: Filter) => void;
  onOpen: (id: string) => void;
}

export function ConversationList({ client, shown, filter, onFilter, onOpen }: ListProps) {
  const language = useLanguage();
  const now = useNow(30_000);
  const me = client.account?.id ?? "";
  const count = counts(client.conversations.values(), me);
  return (
    <nav id="conversations" class="conversations" aria-label={language.t("desk.conversations")} tabIndex={-1}>
      <div class="filters" role="group" aria-label={language.t("desk.filter")}>
        {FILTERS.map((name) => (
          <button key={name} type="button" aria-pressed={name === filter} onClick={() => onFilter(name)}>
            {language.t(`desk.filter_${name}`)}
            {name !== "closed" && <span class="filter-count">{count[name]}</span>}
          </button>
        ))}
      </div>
      {shown.length === 0 && <p class="quiet list-empty">{language.t("desk.none")}</p>}
      <ul>
        {shown.map((conversation) => (
          <ConversationRow
            key={conversation.id}
            conversation={conversation}
            current={conversation.id === client.openId}
            me={me}
            minute={Math.floor(now / 30_000)}
            onOpen={onOpen}
            onTake={
              client.account?.role === "agent"
                ? (id) => void client.change(id, "assign").then(() => client.conversations.get(id)?.access === "full" && onOpen(id))
                : null
            }
          />
        ))}
      </ul>
      {client.hasMore(filter) && (
        <button type="button" class="button button-quiet more" onClick={() => void client.loadMore(filter)}>
          {language.t("desk.more")}
        </button>
      )}
    </nav>
  );
}

interface RowProps {
  conversation: Conversation;
  current: boolean;
  me: string;
  /** Changes when the shown ages should be worked out again. */
  minute: number;
  onOpen: (id: string) => void;
  onTake: ((id: string) => void) | null;
}

class ConversationRow extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    const { conversation, current, minute } = this.props;
    return conversation !== next.conversation || current !== next.current || minute !== next.minute;
  }

  override render(props: RowProps) {
    return (
      <li class="row">
        <a
          href={pathOf(props.conversation.id)}
          class={(props.conversation.unread ?? 0) > 0 ? "conversation unread" : "conversation"}
          data-conversation={props.conversation.id}
          aria-current={props.current ? "page" : undefined}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey) return;
            event.preventDefault();
            props.onOpen(props.conversation.id);
          }}
        >
          <RowWords {...props} />
        </a>
        {props.onTake && props.conversation.access === "row" && props.conversation.assignee === null && (
          <TakeButton conversation={props.conversation} onTake={props.onTake} />
        )}
      </li>
    );
  }
}

function TakeButton({ conversation, onTake }: { conversation: Conversation; onTake: (id: string) => void }) {
  const language = useLanguage();
  return (
    <button
      type="button"
      class="button button-small row-take"
      aria-label={language.t("desk.take_named", { subject: conversation.subject ?? language.t("desk.untitled") })}
      onClick={() => onTake(conversation.id)}
    >
      {language.t("desk.take")}
    </button>
  );
}

function RowWords({ conversation, me }: RowProps) {
  const language = useLanguage();
  const { waiting_since: waiting, assignee } = conversation;
  const unread = conversation.unread ?? 0;
  const at = new Date(conversation.last_message_at ?? conversation.created_at);
  return (
    <>
      <span class="row-head">
        {conversation.customer && <span class="row-name">{conversation.customer.display_name}</span>}
        {waiting ? (
          <span class="row-waiting">{language.t("desk.waiting", { time: language.duration(Date.now() - Date.parse(waiting)) })}</span>
        ) : (
          <time class="row-time" dateTime={at.toISOString()}>
            {language.duration(Date.now() - at.getTime())}
          </time>
        )}
      </span>
      <span class="row-subject">
        {conversation.subject ? <MessageText text={conversation.subject} /> : language.t("desk.untitled")}
      </span>
      <span class="row-foot">
        <span>{assignee ? (assignee.id === me ? language.t("desk.assigned_me") : assignee.display_name) : language.t("desk.unassigned")}</span>
        {unread > 0 && (
          <span class="row-unread-count">
            <span aria-hidden="true">{unread > 99 ? "99+" : unread}</span>
            <span class="sr-only">{language.t("desk.unread", { n: unread })}</span>
          </span>
        )}
      </span>
    </>
  );
}
