import { describe, expect, it } from "vitest";
import { feedRows, type FeedInput, type Row } from "../src/shared/feed";
import { enqueued } from "../src/shared/outbox";
import { message } from "./messages";

const rows = (input: Partial<FeedInput>): Row[] =>
  feedRows({ messages: [], outbox: [], me: "visitor-1", unreadAfter: null, readTo: 0, deliveredTo: 0, ...input });
const kinds = (list: Row[]) => list.map((row) => row.kind);

describe("feedRows", () => {
  it("puts a separator before the first message of each day of the reader's zone", () => {
    const messages = [
      message(1, "agent-1", { created_at: new Date(2026, 10, 21, 23, 59).toISOString() }),
      message(2, "agent-1", { created_at: new Date(2026, 10, 22, 0, 1).toISOString() }),
      message(3, "agent-1", { created_at: new Date(2026, 10, 22, 0, 2).toISOString() }),
    ];
    expect(kinds(rows({ messages }))).toEqual(["day", "message", "day", "message", "message"]);
  });

  it("puts the unread separator before the first unread message of somebody else", () => {
    const messages = [message(1, "visitor-1"), message(2, "visitor-1"), message(3), message(4)];
    const list = rows({ messages, unreadAfter: 1 });
    expect(kinds(list)).toEqual(["day", "message", "message", "unread", "message", "message"]);
    expect(list[3]).toMatchObject({ count: 2 });
  });

  it("has no unread separator without unread messages or when it is off", () => {
    const messages = [message(1), message(2)];
    expect(kinds(rows({ messages, unreadAfter: 2 }))).not.toContain("unread");
    expect(kinds(rows({ messages, unreadAfter: null }))).not.toContain("unread");
  });

  it("opens a run for a new author and after five minutes", () => {
    const at = (minute: number) => ({ created_at: new Date(2026, 10, 22, 9, minute).toISOString() });
    const messages = [message(1, "agent-1", at(0)), message(2, "agent-1", at(1)), message(3, "agent-1", at(10)), message(4, "visitor-1", at(10))];
    expect(rows({ messages }).flatMap((row) => (row.kind === "message" ? [row.opensRun] : []))).toEqual([true, false, true, true]);
  });

  it("says `delivered` once it has come to a device of another, and `read` above that", () => {
    const messages = [message(1, "visitor-1"), message(2, "visitor-1")];
    const status = (deliveredTo: number, readTo: number) =>
      rows({ messages, deliveredTo, readTo }).flatMap((row) => (row.kind === "message" && row.status ? [row.status] : []));
    expect(status(1, 0)).toEqual(["sent"]);
    expect(status(2, 1)).toEqual(["delivered"]);
    expect(status(2, 2)).toEqual(["read"]);
  });

  it("shows a status on the last own message only, and `read` once another has read it", () => {
    const messages = [message(1, "visitor-1"), message(2, "visitor-1"), message(3)];
    const statuses = (readTo: number) => rows({ messages, readTo }).flatMap((row) => (row.kind === "message" ? [row.status] : []));
    expect(statuses(1)).toEqual([null, "sent", null]);
    expect(statuses(2)).toEqual([null, "read", null]);
  });

  it("gives the echo and the stored message the same key", () => {
    const outbox = enqueued([], "client-1", "halo", new Date(2026, 10, 22, 9, 1).getTime());
    const echo = rows({ outbox }).at(-1);
    const stored = rows({ messages: [message(1, "visitor-1")] }).at(-1);
    expect(echo?.key).toBe(stored?.key);
  });
});
