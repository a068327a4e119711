// The list of the view that is on: one row for each conversation. Of what one does not take part in, its subject and
// its waiting time; what nobody has can be taken from here.
import { Component } from "preact";
import { useLanguage, useNow } from "../shared/ui/hooks";
import { MessageText } from "../shared/ui/message-text";
import type { Conversation, DeskLabel } from "../shared/wire";
import { pathOf } from "./address";
import type { Aiming } from "./aiming";
import { BulkBar } from "./bulk-bar";
import type { DeskClient } from "./client";
import { ListTools } from "./list-tools";
import { ageOf, pressing, timingNow, type Case } from "./model";
import { isSnoozed, type Entry } from "./queue";
import { LabelChips, PriorityMark, SnoozeMark } from "./signs";
import { useViewName } from "./sidebar";

interface ListProps {
  client: DeskClient;
  shown: Entry[];
  /** How many come in when nobody aims at a row any more. */
  waiting: number;
  aiming: Aiming;
  onOpen: (id: string) => void;
}

const TICK_MS = 30_000;

export function ConversationList({ client, shown, waiting, aiming, onOpen }: ListProps) {
  const language = useLanguage();
  const nameOf = useViewName(client);
  const now = useNow(TICK_MS);
  const { inbox } = client;
  const selecting = inbox.selected.size > 0;
  const take = async (id: string) => {
    await client.change(id, "assign");
    if (client.conversations.get(id)?.access === "full") onOpen(id);
  };
  return (
    <section id="conversations" class="conversations" aria-label={language.t("desk.conversations")} tabIndex={-1}>
      <div class={selecting ? "list-top list-selecting" : "list-top"}>
        <h2 class="list-title">{nameOf(inbox.chosen.view)}</h2>
        {waiting > 0 && <span class="list-waiting">{language.t("desk.new_rows", { n: waiting })}</span>}
        {/* In the place of the tools: no row moves away from under the pointer that ticks it. */}
        {selecting ? <BulkBar client={client} /> : !inbox.plain && <ListTools client={client} />}
      </div>
      {shown.length === 0 && !inbox.loading && <EmptyList client={client} />}
      <ul aria-busy={inbox.loading} {...aiming}>
        {shown.map(({ conversation, case: item }) => (
          <ConversationRow
            key={conversation.id}
            conversation={conversation}
            item={item}
            known={client.office.labels}
            current={conversation.id === client.openId}
            selected={inbox.selected.has(conversation.id)}
            selecting={selecting}
            me={client.me}
            minute={Math.floor(now / TICK_MS)}
            onOpen={onOpen}
            onToggle={inbox.plain ? null : (id) => client.toggle(id)}
            onTake={client.account?.role === "agent" ? (id) => void take(id) : null}
          />
        ))}
      </ul>
      {inbox.hasMore && (
        <button type="button" class="button button-quiet more" aria-disabled={inbox.loading} onClick={() => void client.loadMore()}>
          {language.t("desk.more")}
        </button>
      )}
    </section>
  );
}

/** An empty list says why it may be empty, and an empty queue is good news. */
function EmptyList({ client }: { client: DeskClient }) {
  const language = useLanguage();
  const { view, label, priority } = client.inbox.chosen;
  const narrowed = label !== null || priority !== null;
  const good = !narrowed && (view === "queue" || view === "mine_waiting");
  return (
    <div class="list-empty quiet">
      <p>{language.t(narrowed ? "desk.none_narrowed" : good ? "desk.none_waiting" : "desk.none")}</p>
      {narrowed && (
        <button type="button" class="button button-small" onClick={() => void client.choose({ label: null, priority: null })}>
          {language.t("desk.narrow_off")}
        </button>
      )}
    </div>
  );
}

interface RowProps {
  conversation: Conversation;
  item: Case | undefined;
  known: readonly DeskLabel[];
  current: boolean;
  selected: boolean;
  selecting: boolean;
  me: string;
  /** Changes when the shown ages should be worked out again. */
  minute: number;
  onOpen: (id: string) => void;
  onToggle: ((id: string) => void) | null;
  onTake: ((id: string) => void) | null;
}

const DRAWN_ANEW = ["conversation", "item", "known", "current", "selected", "selecting", "minute"] as const;

class ConversationRow extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    return DRAWN_ANEW.some((name) => this.props[name] !== next[name]);
  }

  override render(props: RowProps) {
    const { conversation, selected, selecting, onToggle, onTake } = props;
    const unread = (conversation.unread ?? 0) > 0;
    return (
      <li class={`row${selected ? " row-selected" : ""}${selecting ? " row-selecting" : ""}`}>
        {onToggle && <Tick conversation={conversation} selected={selected} onToggle={onToggle} />}
        <a
          href={pathOf(conversation.id)}
          class={unread ? "conversation unread" : "conversation"}
          data-conversation={conversation.id}
          aria-current={props.current ? "page" : undefined}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey) return;
            event.preventDefault();
            props.onOpen(conversation.id);
          }}
        >
          <RowWords {...props} />
        </a>
        {onTake && conversation.access === "row" && conversation.assignee === null && (
          <TakeButton conversation={conversation} onTake={onTake} />
        )}
      </li>
    );
  }
}

function Tick({ conversation, selected, onToggle }: { conversation: Conversation; selected: boolean; onToggle: (id: string) => void }) {
  const language = useLanguage();
  return (
    <label class="row-tick">
      <input type="checkbox" checked={selected} onChange={() => onToggle(conversation.id)} />
      <span class="sr-only">{language.t("desk.tick_named", { subject: conversation.subject ?? language.t("desk.untitled") })}</span>
    </label>
  );
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

function RowWords({ conversation, item, known, me }: RowProps) {
  const language = useLanguage();
  const { assignee } = conversation;
  const unread = conversation.unread ?? 0;
  const subject = conversation.subject ? <MessageText text={conversation.subject} /> : language.t("desk.untitled");
  const owner = (
    <span class="row-owner">
      {assignee ? (assignee.id === me ? language.t("desk.assigned_me") : assignee.display_name) : language.t("desk.unassigned")}
    </span>
  );
  return (
    <>
      <span class="row-head">
        {/* Of what may not be read the subject is all there is: it has the lines, and whose it is stands in the name's place. */}
        {conversation.customer ? <span class="row-name">{conversation.customer.display_name}</span> : owner}
        <WaitingSign conversation={conversation} item={item} />
      </span>
      <span class={conversation.customer ? "row-subject" : "row-subject row-subject-only"}>{subject}</span>
      <span class="row-foot">
        {conversation.customer && owner}
        {item && <PriorityMark priority={item.priority} />}
        {isSnoozed(item, Date.now()) && item?.snoozed_until && <SnoozeMark until={item.snoozed_until} />}
        {item && item.labels.length > 0 && <LabelChips labels={item.labels} known={known} most={2} />}
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

/** How long somebody waits, in the colour of what was promised; or when something last happened. */
function WaitingSign({ conversation, item }: { conversation: Conversation; item: Case | undefined }) {
  const language = useLanguage();
  const now = Date.now();
  const { waiting_since: waiting } = conversation;
  if (!waiting || conversation.status === "closed") {
    const at = new Date(conversation.last_message_at ?? conversation.created_at);
    return (
      <time class="row-time" dateTime={at.toISOString()}>
        {language.duration(now - at.getTime())}
      </time>
    );
  }
  const waited = now - Date.parse(waiting);
  const promise = pressing(item);
  const timing = promise ? timingNow(promise, now) : null;
  const step = timing === "late" ? "old" : timing === "warning" ? "warm" : timing === "on_time" ? "fresh" : ageOf(waited);
  return (
    <span class={`row-waiting row-waiting-${step}`}>
      {language.t("desk.waiting", { time: language.duration(waited) })}
      {(timing === "late" || timing === "warning") && <span class="row-late">{language.t(`desk.sla_${timing}`)}</span>}
    </span>
  );
}
