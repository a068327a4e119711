import { describe, expect, it } from "vitest";
import { accessTo, counts, listed, neighbour } from "../src/desk/queue";
import type { Account, Conversation, Person } from "../src/shared/wire";

const person = (id: string): Person => ({ id, display_name: id, role: "agent" });
const account = (role: Account["role"]): Account => ({ id: "me", display_name: "me", role, email: null, locale: "id", created_at: "" });

function conversation(id: string, change: Partial<Conversation> = {}): Conversation {
  return {
    id,
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
    ["agent", null, "open"],
    ["agent", "me", "open"],
    ["agent", "other", "colleague"],
    ["admin", null, "reserved"],
    ["moderator", "me", "reserved"],
  ] as const)("of a %s to what %s has is %s", (role, holder, access) => {
    expect(accessTo(conversation("c", { assignee: holder ? person(holder) : null }), account(role))).toBe(access);
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
