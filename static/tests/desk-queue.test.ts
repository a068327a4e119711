import { describe, expect, it } from "vitest";
import { counts, isReadable, listed, neighbour } from "../src/desk/queue";
import type { Conversation, Person } from "../src/shared/wire";

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
    ...change,
  };
}

const all = [
  conversation("answered-old"),
  conversation("answered-new", { last_message_at: "2026-11-22T03:00:00Z" }),
  conversation("waits-short", { waiting_since: "2026-11-22T02:30:00Z", assignee: person("me") }),
  conversation("waits-long", { waiting_since: "2026-11-22T02:00:00Z", assignee: person("other") }),
  conversation("done", { status: "closed", assignee: person("me") }),
];
const ids = (filter: Parameters<typeof listed>[1]) => listed(all, filter, "me").map((item) => item.id);

describe("the list", () => {
  it("puts the longest wait on top, then the latest answered", () => {
    expect(ids("all")).toEqual(["waits-long", "waits-short", "answered-new", "answered-old"]);
  });

  it("filters", () => {
    expect(ids("mine")).toEqual(["waits-short"]);
    expect(ids("unassigned")).toEqual(["answered-new", "answered-old"]);
    expect(ids("closed")).toEqual(["done"]);
    expect(counts(all, "me")).toEqual({ all: 4, mine: 1, unassigned: 2, closed: 1 });
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
});
