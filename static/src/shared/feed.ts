// The rows of a conversation's log, worked out from messages and outbox: day and unread separators, runs of one author,
// which message carries a status. Pure; times are compared in the zone of the reader.
import type { Outgoing } from "./outbox";
import type { Message } from "./wire";

export type SentStatus = "sent" | "delivered" | "read";

export type Row =
  | { kind: "day"; key: string; at: Date }
  | { kind: "unread"; key: string; count: number }
  | { kind: "message"; key: string; message: Message; own: boolean; opensRun: boolean; status: SentStatus | null }
  | { kind: "outgoing"; key: string; outgoing: Outgoing; opensRun: boolean };

const RUN_MS = 5 * 60_000;

function dayOf(at: Date): string {
  return `${at.getFullYear()}-${at.getMonth() + 1}-${at.getDate()}`;
}

export interface FeedInput {
  messages: readonly Message[];
  outbox: readonly Outgoing[];
  me: string;
  /** Read mark of the reader when the conversation was opened; the unread separator stands after it. Null: none. */
  unreadAfter: number | null;
  /** How far the others have read, and how far it has come to their devices. */
  readTo: number;
  deliveredTo: number;
}

export function feedRows({ messages, outbox, me, unreadAfter, readTo, deliveredTo }: FeedInput): Row[] {
  const rows: Row[] = [];
  const unread =
    unreadAfter === null ? [] : messages.filter((message) => message.seq > unreadAfter && message.author.id !== me);
  const lastOwn = messages.findLast((message) => message.author.id === me);
  let day = "";
  let previous: { author: string; at: number } | null = null;
  const follow = (author: string, at: Date): boolean => {
    const today = dayOf(at);
    if (today !== day) {
      rows.push({ kind: "day", key: `day-${today}`, at });
      day = today;
      previous = null;
    }
    const opens = previous === null || previous.author !== author || at.getTime() - previous.at > RUN_MS;
    previous = { author, at: at.getTime() };
    return opens;
  };
  for (const message of messages) {
    const at = new Date(message.created_at);
    const startsUnread = message === unread[0];
    let opensRun = follow(message.author.id, at);
    if (startsUnread) {
      rows.push({ kind: "unread", key: "unread", count: unread.length });
      opensRun = true;
    }
    const own = message.author.id === me;
    const reached = message.seq <= readTo ? "read" : message.seq <= deliveredTo ? "delivered" : "sent";
    const status = message === lastOwn && outbox.length === 0 ? reached : null;
    // The key is the client's id for own messages, so that the echo turns into the message without a jump.
    const key = own ? `m-${message.client_message_id}` : `m-${message.id}`;
    rows.push({ kind: "message", key, message, own, opensRun, status });
  }
  for (const outgoing of outbox) {
    const opensRun = follow(me, new Date(outgoing.writtenAt));
    rows.push({ kind: "outgoing", key: `m-${outgoing.id}`, outgoing, opensRun });
  }
  return rows;
}
