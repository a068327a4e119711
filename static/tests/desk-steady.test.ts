import { describe, expect, it } from "vitest";
import type { Entry } from "../src/desk/queue";
import { LEFT_MS, Steady, steady, STILL_MS } from "../src/desk/steady";

const entry = (id: string, unread = 0) => ({ conversation: { id, unread }, case: undefined }) as unknown as Entry;
const ids = (entries: readonly Entry[]) => entries.map((one) => one.conversation.id).join(" ");

/** A list that others write into: what is known of each row, and in which order it would be drawn anew. */
class Others {
  known = new Map<string, Entry>();
  order: Entry[] = [];
  readonly list = new Steady();

  write(order: string, unread = 0): void {
    this.order = order.split(" ").filter(Boolean).map((id) => entry(id, unread));
    for (const one of this.order) this.known.set(one.conversation.id, one);
  }

  shown(now: number, choice = "all") {
    return this.list.settle(this.order, choice, (id) => this.known.get(id), now);
  }
}

function aimedAt(): Others {
  const others = new Others();
  others.write("a b c");
  others.shown(0);
  others.list.moved(10, 10, false, 0);
  return others;
}

describe("a list that somebody aims at", () => {
  it("keeps its order and renews its rows", () => {
    const others = aimedAt();
    others.write("c a b", 3);
    expect(ids(others.shown(1).entries)).toBe("a b c");
    expect(others.shown(1).entries.map((one) => one.conversation.unread)).toEqual([3, 3, 3]);
  });

  it("lets new rows wait, save those that stand at its very end", () => {
    const others = aimedAt();
    others.write("new a b c last");
    expect(ids(others.shown(1).entries)).toBe("a b c last");
    expect(others.shown(1).waiting).toBe(1);
    others.write("new last a b c");
    expect(ids(others.shown(2).entries)).toBe("a b c last");
  });

  it("keeps the place of a row that has left the view, and not of one that may not be seen any more", () => {
    const others = aimedAt();
    others.write("a c");
    expect(ids(others.shown(1).entries)).toBe("a b c");
    others.known.delete("a");
    expect(ids(others.shown(2).entries)).toBe("b c");
  });

  it("outlasts that everything is read anew", () => {
    const others = aimedAt();
    others.order = [];
    others.known.clear();
    expect(others.shown(1).entries).toEqual([]);
    others.write("c new b a");
    expect(ids(others.shown(2).entries)).toBe("a b c");
  });

  it("is another list at once when another is chosen", () => {
    const others = aimedAt();
    others.write("c b");
    expect(ids(others.shown(1, "queue").entries)).toBe("c b");
  });

  it("takes the first rows of an empty list at once", () => {
    expect(steady([], [entry("a")], () => undefined).entries).toHaveLength(1);
  });
});

describe("the order is free again", () => {
  it("once the pointer has lain still for a while, and not sooner", () => {
    const others = aimedAt();
    others.write("c a b");
    expect(ids(others.shown(STILL_MS - 1).entries)).toBe("a b c");
    expect(ids(others.shown(STILL_MS).entries)).toBe("c a b");
  });

  it("soon after the pointer has left, so that a click which is under way still hits", () => {
    const others = aimedAt();
    others.list.left(100);
    others.write("c a b");
    expect(ids(others.shown(100 + LEFT_MS - 1).entries)).toBe("a b c");
    expect(ids(others.shown(100 + LEFT_MS).entries)).toBe("c a b");
  });

  it("not while a button is held, however long, and a moment after it is lifted", () => {
    const others = aimedAt();
    others.list.pressed(10);
    others.list.left(20);
    others.write("c a b");
    expect(ids(others.shown(60_000).entries)).toBe("a b c");
    expect(others.list.lifted(60_000)).toBe(true);
    expect(ids(others.shown(60_000).entries)).toBe("a b c");
    expect(ids(others.shown(60_000 + LEFT_MS).entries)).toBe("c a b");
  });

  it("when a press ended where nobody heard it, as the next movement tells", () => {
    const others = aimedAt();
    others.list.pressed(10);
    others.list.moved(20, 20, false, 20);
    expect(others.list.holds(20 + STILL_MS)).toBe(0);
  });

  it("when the hands are on the keys, and a list drawn anew beneath a resting pointer is no movement", () => {
    const others = aimedAt();
    others.list.typed();
    expect(others.list.holds(1)).toBe(0);
    expect(others.list.moved(10, 10, false, 2)).toBe(false);
    expect(others.list.holds(2)).toBe(0);
  });
});
