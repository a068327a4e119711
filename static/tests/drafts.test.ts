// Drafts with the real seal; of the browser only its storage is played, by a map.
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Api } from "../src/shared/api";
import { Room } from "../src/shared/room";
import { boxWith, type SealedBox } from "../src/shared/sealed-box";
import { submit } from "../src/shared/writing";
import type { Account, Conversation, Message } from "../src/shared/wire";
import { Drafts, KEPT_FROM, KEPT_MS, type Writer } from "../src/widget/drafts";

const LONG = "Saya mau menanyakan pesanan yang belum juga sampai";
const OTHER = "Ini tulisan lain yang sama sekali tidak sama panjangnya";
const TALK: Conversation = {
  id: "talk", access: "full", participants: [], subject: null, subject_redactions: [], status: "open", customer: null,
  assignee: null, last_seq: 0, last_message_at: null, created_at: "2026-11-22T01:00:00Z", unread: 0, read_marks: {},
  waiting_since: null, delivered_marks: {}, changes: 0, rating: null,
}; // prettier-ignore

class Disk implements Storage {
  readonly kept = new Map<string, string>();
  full = false;

  get length(): number {
    return this.kept.size;
  }
  key(at: number): string | null {
    return [...this.kept.keys()][at] ?? null;
  }
  getItem(name: string): string | null {
    return this.kept.get(name) ?? null;
  }
  setItem(name: string, value: string): void {
    if (this.full) throw new DOMException("", "QuotaExceededError");
    this.kept.set(name, value);
  }
  removeItem(name: string): void {
    this.kept.delete(name);
  }
  clear(): void {
    this.kept.clear();
  }
}

/** A page: who is there and their rooms. What is here is what `WidgetClient` tells of itself. */
class Page implements Writer {
  phase: Writer["phase"] = "chat";
  account: Account | null;
  rooms: { all: Room[] } = { all: [] };
  readonly drafts: Drafts;
  /** How often a place for secrets was asked for. */
  opened = 0;

  constructor(disk: Disk, box: SealedBox | null, owner = "budi") {
    this.account = { id: owner } as Account;
    this.drafts = new Drafts(this, async () => (this.opened++, box), disk);
  }

  open(conversation: Conversation | null): Room {
    const room = new Room(conversation, { connection: { state: "offline", call: vi.fn(), reconnect: () => {} }, api: {} as Api, me: this.account?.id ?? "" });
    this.rooms.all.push(room);
    room.subscribe(() => this.drafts.look());
    this.drafts.look();
    return room;
  }
}

let disk: Disk;
let box: SealedBox;
beforeEach(async () => {
  disk = new Disk();
  box = boxWith(await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]));
});

/** Somebody writes, and the draft has rested: it lies on the disk. */
async function written(text = LONG, conversation: Conversation | null = TALK): Promise<{ page: Page; room: Room }> {
  const page = new Page(disk, box);
  const room = page.open(conversation);
  room.setDraft(text);
  await vi.waitFor(() => expect(disk.length).toBe(1));
  return { page, room };
}

/** Lets everything run that waits for the seal alone. */
const sealed = async () => {
  await box.seal("", "");
  await new Promise((resolve) => setTimeout(resolve));
};

describe("a draft", () => {
  it("lies sealed, under its person and its conversation", async () => {
    await written();
    const [[place, value]] = [...disk.kept] as [[string, string]];
    expect(place).toBe("amanah.draft/budi/talk");
    expect(atob(value.split(" ")[1] ?? "")).not.toContain("pesanan");
  });

  it("comes back to its conversation, and to no other", async () => {
    await written();
    const again = new Page(disk, box);
    const other = again.open({ ...TALK, id: "other" });
    const room = again.open(TALK);
    await vi.waitFor(() => expect(room.draft).toBe(LONG));
    expect(other.draft).toBe("");
    const late = again.open({ ...TALK, id: "later" });
    expect(late.draft).toBe("");
  });

  it("is laid down while one goes on writing", async () => {
    const { room } = await written();
    const before = [...disk.kept.values()];
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      // Between two keys there is time for the seal, and never as much as a rest.
      for (let more = 1; more < 200 && disk.kept.get("amanah.draft/budi/talk") === before[0]; more++) {
        room.setDraft(LONG + ".".repeat(more));
        vi.advanceTimersByTime(300);
        await box.seal("", "");
      }
      expect([...disk.kept.values()]).not.toEqual(before);
    } finally {
      vi.useRealTimers();
    }
  });

  it("that lies there is not lost with the page, and is not asked about", async () => {
    const { room } = await written();
    expect(room.losesWords).toBe(false);
    room.setDraft(LONG + OTHER);
    expect(room.losesWords).toBe(true);
    await vi.waitFor(() => expect(room.losesWords).toBe(false), { timeout: 20_000 });
    // Sent in another tab.
    disk.clear();
    expect(room.losesWords).toBe(true);
    const again = new Page(disk, null);
    const other = again.open(TALK);
    other.setDraft(LONG);
    expect(other.losesWords).toBe(true);
  });

  it("that came back is not asked about either, until it is written further", async () => {
    await written();
    const room = new Page(disk, box).open(TALK);
    await vi.waitFor(() => expect(room.draft).toBe(LONG), { timeout: 20_000 });
    expect(room.losesWords).toBe(false);
    room.turnTo(null, { text: OTHER } as Message);
    expect(room.losesWords).toBe(true);
  });

  it("waits for its conversation to be opened", async () => {
    await written();
    const again = new Page(disk, box);
    again.drafts.look();
    await sealed();
    expect(again.open(TALK).draft).toBe(LONG);
  });

  it("goes in front of what was typed meanwhile", async () => {
    await written();
    const again = new Page(disk, box);
    const room = again.open(TALK);
    room.setDraft("Halo?");
    await vi.waitFor(() => expect(room.draft).toBe(`${LONG}\n\nHalo?`));
  });

  it("does not become younger by coming back", async () => {
    await written();
    const before = [...disk.kept.values()];
    const again = new Page(disk, box);
    const room = again.open(TALK);
    await vi.waitFor(() => expect(room.draft).toBe(LONG));
    again.drafts.rest();
    await sealed();
    expect([...disk.kept.values()]).toEqual(before);
  });

  it("of a conversation that has not begun follows it", async () => {
    const { page, room } = await written(LONG, null);
    expect([...disk.kept.keys()]).toEqual(["amanah.draft/budi/new"]);
    room.adopt(TALK);
    page.drafts.rest();
    await vi.waitFor(() => expect([...disk.kept.keys()]).toEqual(["amanah.draft/budi/talk"]));
  });

  it("is what is being written anew, not an old message that is edited", async () => {
    const { room } = await written();
    const before = [...disk.kept.values()];
    room.turnTo(null, { text: OTHER } as Message);
    room.setDraft(OTHER + OTHER);
    await sealed();
    expect([...disk.kept.values()]).toEqual(before);
  });

  it("outlives no page where the browser has no place for secrets", async () => {
    const page = new Page(disk, null);
    page.open(TALK).setDraft(LONG);
    page.drafts.rest();
    await sealed();
    expect(disk.length).toBe(0);
  });
});

describe("before somebody has agreed", () => {
  it("no key is made and nothing is kept", async () => {
    const page = new Page(disk, box);
    page.phase = "loading";
    page.drafts.look();
    page.phase = "consent";
    page.open(TALK).setDraft(LONG);
    page.drafts.rest();
    await sealed();
    expect([page.opened, disk.length]).toEqual([0, 0]);
  });
});

describe("nothing stays of a draft", () => {
  it("that is sent", async () => {
    const { room } = await written();
    await submit(room, room.draft);
    expect(disk.length).toBe(0);
  });

  it("that is emptied, or shortened to what is not worth keeping", async () => {
    const { room } = await written();
    room.setDraft(LONG.slice(0, KEPT_FROM - 1));
    expect(disk.length).toBe(0);
  });

  it("that is emptied while it is being sealed", async () => {
    const { page, room } = await written();
    room.setDraft(OTHER);
    page.drafts.rest();
    room.setDraft("");
    await sealed();
    expect(disk.length).toBe(0);
  });

  it("whose person signs out, or agrees no longer", async () => {
    const { page } = await written();
    page.phase = "consent";
    page.drafts.look();
    expect(disk.length).toBe(0);
  });

  it("once somebody else is there, whatever stands in the field by then", async () => {
    const { page } = await written();
    page.account = { id: "sari" } as Account;
    page.phase = "loading";
    page.drafts.look();
    expect(disk.length).toBe(0);
  });

  it("that somebody else left, nor is it read", async () => {
    await written();
    const sari = new Page(disk, box, "sari");
    const room = sari.open(TALK);
    await sealed();
    expect([disk.length, room.draft]).toEqual([0, ""]);
  });

  it("that is older than a week, or was moved to another place", async () => {
    await written();
    const [value] = disk.kept.values();
    disk.setItem("amanah.draft/budi/moved", value ?? "");
    vi.spyOn(Date, "now").mockReturnValue(Date.now() + KEPT_MS + 1);
    new Page(disk, box).open(TALK);
    await vi.waitFor(() => expect(disk.length).toBe(0));
    vi.restoreAllMocks();
  });

  it("where there is no room for it any more", async () => {
    const { page, room } = await written();
    disk.full = true;
    room.setDraft(OTHER);
    page.drafts.rest();
    await vi.waitFor(() => expect(disk.length).toBe(0));
  });
});

describe("two pages", () => {
  it("do not erase what the other has written", async () => {
    await written();
    const beside = new Page(disk, box);
    const room = beside.open({ ...TALK, id: "other" });
    room.setDraft(OTHER);
    await vi.waitFor(() => expect(disk.length).toBe(2));
    room.setDraft("");
    expect([...disk.kept.keys()]).toEqual(["amanah.draft/budi/talk"]);
  });

  it("keep what changed last, and nothing when either has sent it", async () => {
    const first = await written();
    const beside = new Page(disk, box);
    const room = beside.open(TALK);
    await vi.waitFor(() => expect(room.draft).toBe(LONG));
    await submit(room, room.draft);
    expect(disk.length).toBe(0);
    first.page.drafts.rest();
    await sealed();
    expect(disk.length).toBe(0);
    first.room.setDraft(OTHER);
    first.page.drafts.rest();
    await vi.waitFor(() => expect(disk.length).toBe(1));
  });
});
