import { describe, expect, it } from "vitest";
import type { DeskApi } from "../src/desk/desk-api";
import { Inbox } from "../src/desk/inbox";
import type { Api } from "../src/shared/api";
import type { Conversation } from "../src/shared/wire";

const row = (id: string, change: Partial<Conversation> = {}): Conversation => ({
  id,
  access: "row",
  participants: [],
  subject: null,
  subject_redactions: [],
  status: "open",
  customer: null,
  assignee: null,
  last_seq: 0,
  last_message_at: null,
  created_at: "2026-11-22T01:00:00Z",
  unread: null,
  read_marks: {},
  waiting_since: null,
  delivered_marks: {},
  changes: 0,
  rating: null,
  ...change,
});

/** A server whose answers come when the test lets them. */
class Slow {
  readonly pages: { view: string; answer: (items: Conversation[], next?: string) => Promise<void> }[] = [];
  private viewsCome: () => void = () => undefined;

  readonly desk = {
    views: () =>
      new Promise((resolve) => {
        this.viewsCome = () => resolve({ ok: true, data: { items: ["all", "queue"].map((id) => ({ id, built_in: true, count: 1 })) } });
      }),
    cases: (asked: { view: string }) =>
      new Promise((resolve) => {
        this.pages.push({
          view: asked.view,
          answer: async (items, next) => {
            resolve({ ok: true, data: { items: items.map((conversation) => ({ conversation })), next_cursor: next ?? null } });
            await settled();
          },
        });
      }),
  } as unknown as DeskApi;

  async views(): Promise<void> {
    this.viewsCome();
    await settled();
  }
}

/** Lets everything run that waits for nothing but its turn. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

describe("a page of the desk's list", () => {
  it("does not take the place of what was learned while it was on its way", async () => {
    const server = new Slow();
    const inbox = new Inbox(server.desk, {} as Api);
    const loading = inbox.loadMore();
    inbox.learn(row("taken", { access: "full" }));
    await server.pages[0]?.answer([row("taken"), row("other")]);
    await loading;
    expect(inbox.conversations.get("taken")?.access).toBe("full");
    expect(inbox.conversations.get("other")?.access).toBe("row");
  });

  it("does not bring back what went away meanwhile, and is newer than what was learned before it was asked for", async () => {
    const server = new Slow();
    const inbox = new Inbox(server.desk, {} as Api);
    inbox.learn(row("before", { access: "full" }));
    inbox.learn(row("gone"));
    const loading = inbox.loadMore();
    inbox.forget("gone");
    await server.pages[0]?.answer([row("before"), row("gone")]);
    await loading;
    expect(inbox.conversations.get("before")?.access).toBe("row");
    expect(inbox.conversations.has("gone")).toBe(false);
  });

  it("leaves what was opened while everything is read anew", async () => {
    const server = new Slow();
    const inbox = new Inbox(server.desk, {} as Api);
    inbox.learn(row("taken"));
    let open: string | null = null;
    const reloading = inbox.reload(() => open);
    inbox.learn(row("taken", { access: "full" }));
    open = "taken";
    await server.views();
    expect(inbox.conversations.get("taken")?.access).toBe("full");
    await server.pages[0]?.answer([row("taken", { access: "full" })]);
    await reloading;
  });

  it("is asked for once, and another choice's after it", async () => {
    const server = new Slow();
    const inbox = new Inbox(server.desk, {} as Api);
    const [first, again] = [inbox.loadMore(), inbox.loadMore()];
    inbox.choose({ view: "queue" });
    const other = inbox.loadMore();
    expect(server.pages.map((page) => page.view)).toEqual(["all"]);
    await server.pages[0]?.answer([row("one")], "further");
    await Promise.all([first, again]);
    await settled();
    expect(server.pages.map((page) => page.view)).toEqual(["all", "queue"]);
    await server.pages[1]?.answer([row("two")]);
    await other;
    expect([...inbox.conversations.keys()]).toEqual(["one", "two"]);
    expect(inbox.loading).toBe(false);
  });

  it("may be on its way when everything is read anew, which begins at the first then", async () => {
    const server = new Slow();
    const inbox = new Inbox(server.desk, {} as Api);
    inbox.learn(row("one"));
    inbox.learn(row("two"));
    const loading = inbox.loadMore();
    const reloading = inbox.reload(() => null);
    await server.views();
    await server.pages[0]?.answer([row("one")], "further");
    await loading;
    await settled();
    await server.pages[1]?.answer([row("one"), row("two")]);
    await reloading;
    expect([...inbox.conversations.keys()]).toEqual(["one", "two"]);
  });

  it("leaves what is here on view until everything has come anew", async () => {
    const server = new Slow();
    const inbox = new Inbox(server.desk, {} as Api);
    for (const id of ["one", "two", "gone", "open"]) inbox.learn(row(id));
    for (const id of ["two", "gone"]) inbox.toggle(id);
    const reloading = inbox.reload(() => "open");
    await server.views();
    await server.pages[0]?.answer([row("one")], "further");
    expect([...inbox.conversations.keys()]).toEqual(["one", "two", "gone", "open"]);
    inbox.learn(row("new"));
    await server.pages[1]?.answer([row("two")]);
    await reloading;
    expect([...inbox.conversations.keys()]).toEqual(["one", "two", "open", "new"]);
    expect([...inbox.selected]).toEqual(["two"]);
  });

  it("leaves to the last reading anew what is not here any more", async () => {
    const server = new Slow();
    const inbox = new Inbox(server.desk, {} as Api);
    inbox.learn(row("one"));
    const first = inbox.reload(() => null);
    await server.views();
    const again = inbox.reload(() => null);
    await server.views();
    await server.pages[0]?.answer([]);
    await first;
    expect(inbox.conversations.has("one")).toBe(true);
    await server.pages[1]?.answer([]);
    await again;
    expect(inbox.isEmpty).toBe(true);
  });
});
