import { describe, expect, it } from "vitest";
import type { Case } from "../src/desk/model";
import { isReadable, listed, neighbour, type Chosen, type Entry } from "../src/desk/queue";
import type { Conversation, Person, ViewFilter } from "../src/shared/wire";

const person = (id: string): Person => ({ id, display_name: id, role: "agent" });

function conversation(id: string, change: Partial<Conversation> = {}): Conversation {
  return {
    id,
    access: "full",
    participants: [],
    subject: null,
    subject_redactions: [],
    status: "open",
    customer: { id: `k-${id}`, display_name: id, role: "visitor" },
    assignee: null,
    last_seq: 1,
    last_message_at: "2026-11-22T02:00:00Z",
    created_at: "2026-11-22T01:00:00Z",
    unread: 0,
    read_marks: {},
    waiting_since: null,
    delivered_marks: {},
    changes: 0,
    rating: null,
    ...change,
  };
}

function kept(id: string, change: Partial<Case> = {}): Case {
  return {
    id,
    labels: [],
    priority: "normal",
    snoozed_until: null,
    first_response_at: null,
    closed_at: null,
    rating: null,
    merged_into: null,
    split_from: null,
    promises: [],
    notes: 0,
    feedback_id: null,
    feedback_asked: false,
    ...change,
  };
}

const NOW = Date.parse("2026-11-22T04:00:00Z");
const due = (at: string) => ({ aim: "first_response" as const, timing: "on_time" as const, due_at: at, met_at: null });
const all: Entry[] = [
  { conversation: conversation("answered-old"), case: kept("answered-old", { labels: ["tagihan"] }) },
  { conversation: conversation("answered-new", { last_message_at: "2026-11-22T03:00:00Z" }), case: undefined },
  {
    conversation: conversation("waits-short", { waiting_since: "2026-11-22T02:30:00Z", assignee: person("me") }),
    case: kept("waits-short", { priority: "urgent", promises: [due("2026-11-22T05:00:00Z")] }),
  },
  {
    conversation: conversation("waits-long", { waiting_since: "2026-11-22T02:00:00Z", assignee: person("other") }),
    case: kept("waits-long", { promises: [due("2026-11-22T06:00:00Z")] }),
  },
  { conversation: conversation("helps", { assignee: person("other"), participants: [person("me")] }), case: undefined },
  {
    conversation: conversation("sleeps", { assignee: person("me") }),
    case: kept("sleeps", { snoozed_until: "2026-11-23T01:00:00Z" }),
  },
  {
    conversation: conversation("awake", { assignee: person("me"), last_message_at: "2026-11-22T01:30:00Z" }),
    case: kept("awake", { snoozed_until: "2026-11-22T03:59:00Z" }),
  },
  { conversation: conversation("done", { status: "closed", assignee: person("me") }), case: undefined },
];
const ids = (change: Partial<Chosen>, saved: ViewFilter | null = null) =>
  listed(all, { view: "all", label: null, priority: null, sort: "waiting", ...change }, saved, "me", NOW).map(
    (entry) => entry.conversation.id,
  );

describe("the list", () => {
  it("puts the longest wait on top, then the latest answered; what sleeps is away", () => {
    expect(ids({})).toEqual(["waits-long", "waits-short", "answered-new", "answered-old", "helps", "awake"]);
  });

  it.each([
    ["mine", ["waits-short", "awake"]],
    ["mine_waiting", ["waits-short"]],
    ["queue", ["answered-new", "answered-old"]],
    ["participating", ["helps"]],
    ["colleagues", ["waits-long"]],
    ["snoozed", ["sleeps"]],
    ["closed", ["done"]],
  ])("shows in %s what belongs there", (view, expected) => {
    expect(ids({ view })).toEqual(expected);
  });

  it("is narrowed by label and priority", () => {
    expect(ids({ label: "tagihan" })).toEqual(["answered-old"]);
    expect(ids({ priority: "urgent" })).toEqual(["waits-short"]);
    expect(ids({ label: "tagihan", priority: "urgent" })).toEqual([]);
  });

  it("is ordered by what is due, and by news", () => {
    expect(ids({ sort: "due" }).slice(0, 2)).toEqual(["waits-short", "waits-long"]);
    expect(ids({ sort: "newest" })[0]).toBe("answered-new");
  });

  it("shows of a saved view what it says, and of what it does not name everything", () => {
    const filter = (change: Partial<ViewFilter>): ViewFilter => ({ sort: "waiting", ...change });
    expect(ids({ view: "v1" }, filter({ assignee: "me", status: "open", snoozed: false }))).toEqual(["waits-short", "awake"]);
    expect(ids({ view: "v1" }, filter({ snoozed: true }))).toEqual(["sleeps"]);
    expect(ids({ view: "v1" }, filter({ waiting: true, assignee: "other" }))).toEqual(["waits-long"]);
    expect(ids({ view: "v1" }, filter({ assignee: "none", label: "tagihan" }))).toEqual(["answered-old"]);
  });
});

describe("access", () => {
  it.each([
    ["full", true],
    ["reading", true],
    ["row", false],
  ] as const)("%s is readable: %s", (access, readable) => {
    expect(isReadable(conversation("c", { access }))).toBe(readable);
  });
});

describe("neighbour", () => {
  it("walks, stops at the ends and begins at them", () => {
    expect(neighbour(["a", "b", "c"], "b", 1)).toBe("c");
    expect(neighbour(["a", "b", "c"], "c", 1)).toBe("c");
    expect(neighbour(["a", "b", "c"], "a", -1)).toBe("a");
    expect(neighbour(["a", "b", "c"], null, 1)).toBe("a");
    expect(neighbour(["a", "b", "c"], "gone", -1)).toBe("c");
    expect(neighbour([], null, 1)).toBeNull();
  });

  it("goes on where one was when the row has left the list", () => {
    expect(neighbour(["a", "c", "d"], null, 1, 1)).toBe("c");
    expect(neighbour(["a", "c", "d"], null, -1, 1)).toBe("a");
    expect(neighbour(["a", "c"], "gone", 1, 2)).toBe("c");
    expect(neighbour(["a", "c"], "a", 1, 0)).toBe("c");
    expect(neighbour([], "gone", 1, 3)).toBeNull();
  });
});
