// What a tab makes of first words that another tab has sent: the disk and the server are a few lines each.
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Api } from "../src/shared/api";
import type { Room, RoomSources } from "../src/shared/room";
import type { Letter } from "../src/shared/shelf";
import type { Conversation } from "../src/shared/wire";
import type { Keeping } from "../src/widget/keeping";
// What comes later is here already: fetching it takes as long as the machine is busy.
import "../src/widget/later";
import { Rooms } from "../src/widget/rooms";
import { message } from "./messages";

vi.setConfig({ testTimeout: 30_000 });
const PATIENCE = { timeout: 20_000 };
const ME = "visitor-1";

function talk(id: string, last_seq: number): Conversation {
  return {
    id, access: "full", participants: [], subject: null, subject_redactions: [], status: "open", assignee: null, last_seq,
    customer: { id: ME, display_name: ME, role: "visitor" }, last_message_at: null, created_at: "2026-11-22T01:00:00Z",
    unread: 0, read_marks: {}, waiting_since: null, delivered_marks: {}, changes: 0, rating: null,
  }; // prettier-ignore
}

/** A tab: what lies on the disk, and what the server has, are what its fields say. */
class Tab {
  waiting: Letter[] = [];
  conversations: Conversation[] = [];
  /** client_message_id of what each conversation holds. */
  readonly held: Record<string, string[]> = {};
  readonly rooms: Rooms;

  constructor() {
    const messagesBefore = async (id: string) => {
      const items = (this.held[id] ?? []).map((one, at) => message(at + 1, ME, { client_message_id: one }));
      return { ok: true, data: { items } };
    };
    const sources: RoomSources = {
      connection: { state: "offline", call: vi.fn(), reconnect: () => {} },
      api: { messagesBefore } as unknown as Api,
      me: ME,
      shelf: {
        put: async (item) => {
          this.waiting.push({ ...item, owner: ME, token: "" });
          return true;
        },
        drop: () => {}, begun: async () => true, inTurn: async () => null, release: () => {}, take: async () => "gone", stuck: () => {},
      }, // prettier-ignore
    };
    const keeping = { waiting: async () => [...this.waiting] } as unknown as Keeping;
    const finding = { find: vi.fn(), refresh: async () => this.conversations };
    this.rooms = new Rooms(() => sources, keeping, finding, () => {});
  }

  /** Words that wait on the disk; gives their client_message_id. */
  async write(room: Room): Promise<string> {
    room.send("halo");
    await vi.waitFor(() => expect(room.onShelf.size).toBe(1), PATIENCE);
    return this.waiting[0]?.id ?? "";
  }
}

let tab: Tab;
beforeEach(() => {
  tab = new Tab();
});

describe("a room whose first words were sent from another tab", () => {
  it("shows their conversation, though an answer was heard before and another conversation is newer", async () => {
    const room = tab.rooms.show(null);
    const id = await tab.write(room);
    const [older, begun] = [talk("older", 4), talk("begun", 2)];
    tab.conversations = [older, begun];
    Object.assign(tab.held, { older: ["a"], begun: [id] });
    tab.waiting = [];
    tab.rooms.follow([begun]);
    expect(tab.rooms.all).toHaveLength(2);
    await tab.rooms.takeUp();
    await vi.waitFor(() => expect(room.conversation?.id).toBe("begun"), PATIENCE);
    expect(tab.rooms.shown).toBe(room);
    expect(tab.rooms.all).toEqual([room]);
  });
});

describe("a room in which nothing was written", () => {
  it.each([0, 2])("shows the only conversation there is, of which %d messages were read in another tab", async (read) => {
    const room = tab.rooms.show(null);
    room.setDraft("sambil menulis");
    tab.conversations = [{ ...talk("begun", 2), read_marks: { [ME]: read } }];
    tab.rooms.follow(tab.conversations);
    await vi.waitFor(() => expect(room.conversation?.id).toBe("begun"), PATIENCE);
    expect(tab.rooms.all).toEqual([room]);
    expect(room.draft).toBe("sambil menulis");
  });

  it("stays a new conversation where there are several", async () => {
    const room = tab.rooms.show(null);
    tab.conversations = [talk("begun", 2), talk("older", 4)];
    const refresh = vi.spyOn(tab.rooms.finding, "refresh");
    tab.rooms.follow(tab.conversations);
    await vi.waitFor(() => expect(refresh).toHaveBeenCalledTimes(2), PATIENCE);
    await vi.dynamicImportSettled();
    expect(room.conversation).toBeNull();
    expect(tab.rooms.all).toHaveLength(3);
  });

  it("stays one for who has turned from an old conversation", async () => {
    const old = talk("old", 4);
    tab.conversations = [old];
    tab.rooms.show(old);
    const room = tab.rooms.show(null);
    const refresh = vi.spyOn(tab.rooms.finding, "refresh");
    tab.rooms.follow([old]);
    await vi.dynamicImportSettled();
    expect(refresh).not.toHaveBeenCalled();
    expect(room.conversation).toBeNull();
  });
});

it("does not show to who comes next what was being read for who has left", async () => {
  const room = tab.rooms.show(null);
  await tab.write(room);
  tab.rooms.clear();
  const reading = tab.rooms.takeUp();
  tab.rooms.clear();
  const mine = tab.rooms.show(null);
  await reading;
  expect(tab.rooms.all).toEqual([mine]);
  expect(mine.outbox).toEqual([]);
});
