// What the writer has sent and the server has not yet acknowledged. Pure. Raw text rests on a disk sealed only: here until it
// is acknowledged (`shelf`), in the widget until it is sent (`drafts`).
// One at a time, in the order of writing; a passing failure holds the queue back, a lasting one lets the next pass.
import { isTransient, type Failure } from "./result";
import type { NewMessage } from "./wire";

export type OutgoingState = "queued" | "sending" | "failed" | "held";

/** What goes with a text. */
export interface Extras {
  /** seq of the message that it answers. */
  readonly replyTo?: number | null;
  /** Files that were uploaded for it. */
  readonly attachmentIds?: readonly string[];
}

export interface Outgoing {
  /** The client_message_id: the same for every attempt, so that the server can tell a retry from a new message. */
  readonly id: string;
  readonly text: string;
  readonly extras: Extras;
  readonly writtenAt: number;
  readonly state: OutgoingState;
  readonly error: Failure | null;
  readonly attempts: number;
  /** Time (ms) of the next automatic attempt, null when there is none. */
  readonly retryAt: number | null;
}

export type Outbox = readonly Outgoing[];

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 30_000;
const INTERNAL_ATTEMPTS = 4;

export function enqueued(box: Outbox, id: string, text: string, now: number, extras: Extras = {}): Outbox {
  return [...box, { id, text, extras, writtenAt: now, state: "queued", error: null, attempts: 0, retryAt: null }];
}

function changed(box: Outbox, id: string, change: Partial<Outgoing>): Outbox {
  return box.map((item) => (item.id === id ? { ...item, ...change } : item));
}

/** The entry to send now, or null: nothing waits, one is under way, or the first must wait for its next attempt. */
export function nextToSend(box: Outbox, now: number): Outgoing | null {
  for (const item of box) {
    if (item.state === "sending") return null;
    if (item.state === "queued") return item;
    if (item.state === "failed" && item.retryAt !== null) return item.retryAt <= now ? item : null;
  }
  return null;
}

/** Milliseconds until the next automatic attempt, null when none is planned. */
export function nextAttemptIn(box: Outbox, now: number): number | null {
  const item = box.find((entry) => entry.state === "failed" && entry.retryAt !== null);
  return item && item.retryAt !== null ? Math.max(0, item.retryAt - now) : null;
}

export function sending(box: Outbox, id: string): Outbox {
  return box.map((item) =>
    item.id === id ? { ...item, state: "sending", error: null, retryAt: null, attempts: item.attempts + 1 } : item,
  );
}

export function accepted(box: Outbox, id: string): Outbox {
  return box.some((item) => item.id === id) ? box.filter((item) => item.id !== id) : box;
}

/** The server's refusal, or no answer at all. */
export function refused(box: Outbox, id: string, error: Failure, now: number): Outbox {
  if (error.code === "held") return changed(box, id, { state: "held", error });
  // The connection went: what was under way waits its turn again, under the same id.
  if (error.code === "network") return changed(box, id, { state: "queued", error: null });
  const attempts = box.find((item) => item.id === id)?.attempts ?? 1;
  const backoff = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, attempts - 1));
  const wait = error.retryAfter === null ? backoff : Math.max(1, error.retryAfter) * 1_000;
  // Whatever went wrong inside the server: the same id makes another attempt safe, and a few of them are worth it.
  const again = isTransient(error.code) || (error.code === "internal" && attempts < INTERNAL_ATTEMPTS);
  return changed(box, id, { state: "failed", error, retryAt: again ? now + wait : null });
}

/** The writer asks for another attempt. */
export function retried(box: Outbox, id: string): Outbox {
  return changed(box, id, { state: "queued", error: null, retryAt: null });
}

/** A fresh connection: whatever failed for a passing reason, or hung, is due at once. */
export function reconnected(box: Outbox): Outbox {
  return box.map((item) =>
    item.state === "sending" || (item.state === "failed" && item.retryAt !== null)
      ? { ...item, state: "queued", error: null, retryAt: null }
      : item,
  );
}

/** How many the server does not have yet; one that is held for review it has. */
export function unsentCount(box: Outbox): number {
  return box.filter((item) => item.state !== "held").length;
}

/** A message for the wire; what is not there is not said. */
export function newMessage({ id, text, replyTo, attachmentIds }: { id: string; text: string } & Extras): NewMessage {
  return {
    client_message_id: id,
    text,
    ...(replyTo ? { reply_to: replyTo } : {}),
    ...(attachmentIds?.length ? { attachment_ids: [...attachmentIds] } : {}),
  };
}

