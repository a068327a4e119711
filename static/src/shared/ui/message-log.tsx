// The log of a conversation: rows, keeping the reader's place, loading what is older, jumping to the newest.
import { Fragment, type ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { feedRows, type Row } from "../feed";
import type { Room } from "../room";
import { deliveredToOthers, readByOthers } from "../timeline";
import { useLanguage, usePageVisible, useSubscription } from "./hooks";
import { Icon } from "./icons";
import { MessageRow, OutgoingRow } from "./message-row";

const NEAR_END_PX = 80;
const NEAR_START_PX = 160;

function isAtEnd(element: HTMLElement): boolean {
  return element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX;
}

/** Where the newest is seen; a form from its beginning, where it says what for, and is filled in. */
function toEnd(element: HTMLElement): void {
  element.scrollTop = element.scrollHeight;
  element.querySelector(":scope > :last-child:has(.sealed-form-fields)")?.scrollIntoView();
}

/** A row that is no message of the conversation, such as a note of staff: stands after a message. */
export interface ExtraRow {
  seq: number;
  key: string;
  node: ComponentChildren;
}

interface LogProps {
  room: Room;
  me: string;
  /** False while the log can't be seen (the widget is folded away): nothing counts as read then. */
  shown: boolean;
  /** An unsent text goes back to the composer. */
  onTakeBack: (text: string) => void;
  /** Rows of the owner's; those after a message that is not here yet are not shown. */
  extra?: readonly ExtraRow[];
}

/** The extra rows that stand between this message and the next one here. */
function extraAfter(extra: readonly ExtraRow[], rows: readonly Row[], index: number): readonly ExtraRow[] {
  const row = rows[index];
  if (row?.kind !== "message") return [];
  const next = rows.slice(index + 1).find((one) => one.kind === "message");
  const before = next?.kind === "message" ? next.message.seq : Infinity;
  return extra.filter((one) => one.seq >= row.message.seq && one.seq < before);
}

export function MessageLog({ room, me, shown, onTakeBack, extra = [] }: LogProps) {
  useSubscription(room);
  const language = useLanguage();
  const visible = usePageVisible();
  const box = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const held = useRef({ first: "", height: 0, room });

  const messages = room.messages;
  const rows = feedRows({
    messages,
    outbox: room.outbox,
    me,
    unreadAfter: room.unreadAfter,
    readTo: readByOthers(room.timeline, me),
    deliveredTo: deliveredToOthers(room.timeline, me),
  });
  const firstKey = messages[0]?.id ?? "";
  const lastKey = rows.at(-1)?.key ?? "";
  const lastIsOwn = room.outbox.length > 0 || messages.at(-1)?.author.id === me;

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    if (held.current.room !== room || (!held.current.first && firstKey)) {
      const separator = element.querySelector(".row-unread");
      if (separator) separator.scrollIntoView({ block: "center" });
      else toEnd(element);
    } else if (held.current.first && held.current.first !== firstKey) {
      // Older rows came in above: what the reader looks at stays where it is.
      element.scrollTop += element.scrollHeight - held.current.height;
    } else if (atEnd || lastIsOwn) toEnd(element);
    held.current = { first: firstKey, height: element.scrollHeight, room };
    setAtEnd(isAtEnd(element));
    // Already at the top, no scrolling would ever ask for what is older.
    if (element.scrollTop < NEAR_START_PX) void room.loadOlder();
  }, [room, firstKey, lastKey, room.timeline, room.outbox, extra.length]);

  // The log also shrinks (a keyboard opens, the composer grows): stay at the end if that is where the reader was.
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      if (atEnd) toEnd(element);
    });
    observer.observe(element);
    // The newest rows may grow once they are here: a form, a picture.
    for (const row of [...element.children].slice(-3)) observer.observe(row);
    return () => observer.disconnect();
  }, [atEnd, lastKey, extra.length]);

  useEffect(() => {
    if (shown && visible && atEnd) room.markRead();
  });

  const onScroll = () => {
    const element = box.current;
    if (!element) return;
    setAtEnd(isAtEnd(element));
    if (element.scrollTop < NEAR_START_PX) void room.loadOlder();
  };
  const jump = () => {
    const element = box.current;
    if (!element) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    element.scrollTo({ top: element.scrollHeight, behavior: calm ? "auto" : "smooth" });
  };

  return (
    <div class="log-frame">
      <div
        ref={box}
        class="log"
        role="log"
        aria-label={language.t("log.label")}
        aria-live={room.loadingOlder ? "off" : "polite"}
        aria-busy={room.loadingOlder}
        tabIndex={0}
        onScroll={onScroll}
      >
        {room.hasOlder && (
          <button type="button" class="button button-quiet older" onClick={() => void room.loadOlder()}>
            {language.t(room.loadingOlder ? "log.loading" : "log.older")}
          </button>
        )}
        {rows.map((row, index) => (
          <Fragment key={row.key}>
            <LogRow row={row} room={room} onTakeBack={onTakeBack} />
            {extra.length > 0 &&
              extraAfter(extra, rows, index).map((one) => <Fragment key={one.key}>{one.node}</Fragment>)}
          </Fragment>
        ))}
      </div>
      {!atEnd && (
        <button type="button" class="jump" onClick={jump}>
          <Icon name="down" size={18} />
          {room.unread > 0 ? language.t("log.new", { n: room.unread }) : language.t("log.newest")}
        </button>
      )}
    </div>
  );
}

function LogRow({ row, room, onTakeBack }: { row: Row; room: Room; onTakeBack: (text: string) => void }) {
  const language = useLanguage();
  if (row.kind === "day") {
    return (
      <div class="row-day">
        <time dateTime={row.at.toISOString().slice(0, 10)}>{language.day(row.at, new Date())}</time>
      </div>
    );
  }
  if (row.kind === "unread") return <div class="row-unread">{language.t("log.unread", { n: row.count })}</div>;
  if (row.kind === "message") {
    // The writer, and staff who take part, not who reads by way of exception: the same rule as the server's.
    const talk = room.conversation;
    const may = row.own || (talk?.access === "full" && talk.customer?.id !== room.sources.me);
    return (
      <MessageRow
        message={row.message}
        own={row.own}
        opensRun={row.opensRun}
        status={row.status}
        room={room}
        takesPart={talk?.access === "full"}
        onCorrect={
          may
            ? (element) =>
                void import("../correct/dialog").then((lazy) => lazy.openCorrection(room, row.message, element, language))
            : null
        }
      />
    );
  }
  return (
    <OutgoingRow
      outgoing={row.outgoing}
      opensRun={row.opensRun}
      offline={room.sources.connection.state !== "online"}
      onRetry={() => room.retry(row.outgoing.id)}
      onTakeBack={async () => {
        const text = await room.takeBack(row.outgoing.id);
        if (text !== null) onTakeBack(text);
      }}
    />
  );
}
