// A room against a line that loses answers: the server's side is played by a few lines that keep what they were given.
import { describe, expect, it, vi } from "vitest";
import type { Api } from "../src/shared/api";
import { failure, type Result } from "../src/shared/result";
import { Room, type RoomShelf } from "../src/shared/room";
import type { ClientEvents, ConnectionState } from "../src/shared/socket";
import type { Conversation, Message } from "../src/shared/wire";
import { message } from "./messages";

const ME = "visitor-1";

/** Keeps messages as the server does: the same client id again gives the first one. */
class Line {
  state: ConnectionState = "online";
  readonly kept: Message[] = [];
  readonly sentIds: string[] = [];
  /** What becomes of the next `chat:send`: `lost` is stored but never acknowledged. */
  next: "ok" | "lost" | "unreached" | string = "ok";
  corrections = 0;

  reconnect(): void {}

  post(author: string, clientId = `other-${this.kept.length}`, text = "x"): Message {
    const known = this.kept.find((item) => item.client_message_id === clientId);
    if (known) return known;
    const made = message(this.kept.length + 1, author, { client_message_id: clientId, text });
    this.kept.push(made);
    return made;
  }

  /** Hides a message's text in what is kept. */
  correct(seq: number): { message: Message; corrections: number } {
    const known = this.kept[seq - 1];
    if (!known) throw new Error("no such message");
    const now = { ...known, text: "⟦PERSON:1⟧", revision: known.revision + 1, version: known.version + 1 };
    this.kept[seq - 1] = now;
    return { message: now, corrections: ++this.corrections };
  }

  async call<E extends keyof ClientEvents>(event: E, data: ClientEvents[E]["data"]): Promise<Result<ClientEvents[E]["answer"]>> {
    if (this.state !== "online") return failure("network");
    if (event === "chat:join") {
      const { after_seq: after = 0 } = data as ClientEvents["chat:join"]["data"];
      const page = this.kept.filter((item) => item.seq > after).slice(0, 3);
      const last_seq = this.kept.length;
      return { ok: true, data: { messages: page, last_seq, has_more: (page.at(-1)?.seq ?? last_seq) < last_seq, online: [], corrections: this.corrections, changes: 0, changed: [] } };
    }
    if (event !== "chat:send") return { ok: true, data: {} };
    const { client_message_id: id, text } = data as ClientEvents["chat:send"]["data"];
    this.sentIds.push(id);
    const fate = this.next;
    this.next = "ok";
    if (fate === "ok") return { ok: true, data: { message: this.post(ME, id, text) } };
    if (fate === "lost") this.post(ME, id, text);
    if (fate === "lost" || fate === "unreached") {
      this.state = "offline";
      return failure("network");
    }
    return failure(fate);
  }
}

function conversation(last_seq = 0): Conversation {
  return {
    id: "c-1",
    access: "full",
    participants: [],
    subject: null,
    subject_redactions: [],
    status: "open",
    customer: { id: ME, display_name: ME, role: "visitor" },
    assignee: null,
    last_seq,
    last_message_at: null,
    waiting_since: null,
    created_at: "2026-11-22T02:00:00Z",
    read_marks: {},
    delivered_marks: {},
    changes: 0,
    rating: null,
    unread: null,
  };
}

function room(line: Line): Room {
  const made = new Room(conversation(line.kept.length), { connection: line, api: {} as Api, me: ME });
  made.open();
  return made;
}

const texts = (of: Room) => of.messages.map((item) => item.text);

describe("a room", () => {
  it.each(["lost", "unreached"] as const)("whose answer was %s shows the message once, under one id", async (fate) => {
    const line = new Line();
    const talk = room(line);
    line.next = fate;
    talk.send("halo");
    await vi.waitFor(() => expect(talk.outbox[0]?.state).toBe("queued"));
    expect(texts(talk)).toEqual([]);

    line.state = "online";
    talk.resume();
    await vi.waitFor(() => expect(talk.outbox).toEqual([]));
    expect(texts(talk)).toEqual(["halo"]);
    expect(new Set(line.sentIds).size).toBe(1);
    expect(line.kept).toHaveLength(1);
  });

  it("sends in the order of writing", async () => {
    const line = new Line();
    const talk = room(line);
    for (const text of ["satu", "dua", "tiga"]) talk.send(text);
    await vi.waitFor(() => expect(talk.outbox).toEqual([]));
    expect(line.kept.map((item) => item.text)).toEqual(["satu", "dua", "tiga"]);
  });

  it("fetches what an event skipped, page after page", async () => {
    const line = new Line();
    const talk = room(line);
    await vi.waitFor(() => expect(talk.joined).toBe(true));
    for (let count = 0; count < 8; count++) line.post("agent-1");
    const last = line.kept.at(-1);
    if (last) talk.handle("chat:message", { message: last });
    expect(texts(talk)).toEqual([]);
    await vi.waitFor(() => expect(talk.messages.map((item) => item.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]));
  });

  it("goes on by itself when the refusal was a passing one", async () => {
    vi.useFakeTimers();
    try {
      const line = new Line();
      const talk = room(line);
      line.next = "redaction_unavailable";
      talk.send("halo");
      await vi.advanceTimersByTimeAsync(10);
      expect(talk.outbox[0]).toMatchObject({ state: "failed", text: "halo" });
      await vi.advanceTimersByTimeAsync(2_100);
      expect(texts(talk)).toEqual(["halo"]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("gives a refused text back to its writer, and one under way to nobody", async () => {
    const line = new Line();
    const talk = room(line);
    await vi.waitFor(() => expect(talk.joined).toBe(true));
    line.next = "invalid_input";
    talk.send("ditolak");
    const id = talk.outbox[0]?.id ?? "";
    expect(await talk.takeBack(id)).toBeNull();
    await vi.waitFor(() => expect(talk.outbox[0]?.state).toBe("failed"));
    talk.draft = "sedang ditulis";
    expect(talk.unsentText()).toBe("ditolak\n\nsedang ditulis");
    expect(await talk.takeBack(id)).toBe("ditolak");
    expect(talk.outbox).toEqual([]);
  });

  it("begins one conversation for the first message, however often it is tried", async () => {
    const line = new Line();
    const begin = vi.fn(async (): Promise<Result<Conversation>> => ({ ok: true, data: conversation() }));
    const talk = new Room(null, { connection: line, api: {} as Api, me: ME, begin });
    line.next = "unreached";
    talk.send("halo");
    talk.send("lagi");
    await vi.waitFor(() => expect(line.state).toBe("offline"));
    line.state = "online";
    talk.resume();
    await vi.waitFor(() => expect(texts(talk)).toEqual(["halo", "lagi"]));
    expect(begin).toHaveBeenCalledTimes(1);
  });

  it("sends past a disk that hangs, and leaves nothing on it", async () => {
    vi.useFakeTimers();
    try {
      const line = new Line();
      let land: (kept: boolean) => void = () => undefined;
      const shelf: RoomShelf = {
        put: () => new Promise((resolve) => (land = resolve)),
        drop: vi.fn(),
        begun: async () => undefined,
        inTurn: async (_, work) => work(null),
        release: () => undefined,
        take: async () => "taken",
        stuck: () => undefined,
      };
      const talk = new Room(conversation(), { connection: line, api: {} as Api, me: ME, shelf });
      talk.open();
      talk.send("halo");
      await vi.advanceTimersByTimeAsync(3_100);
      expect(texts(talk)).toEqual(["halo"]);
      land(true);
      await vi.advanceTimersByTimeAsync(0);
      expect(shelf.drop).toHaveBeenCalledWith(line.sentIds[0]);
      expect(talk.outbox).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("marks as unread what came in while nobody looked", async () => {
    const line = new Line();
    const talk = room(line);
    await vi.waitFor(() => expect(talk.joined).toBe(true));
    talk.handle("chat:message", { message: line.post("agent-1") });
    talk.open();
    expect(talk.unreadAfter).toBe(0);
    talk.markRead();
    talk.open();
    expect(talk.unreadAfter).toBeNull();
  });

  it("keeps what was being written while an old message is written anew", async () => {
    const line = new Line();
    const talk = room(line);
    const [one, two] = [line.post(ME, "k-1", "satu"), line.post(ME, "k-2", "dua")];
    talk.setDraft("belum selesai");
    talk.turnTo(null, one);
    expect(talk.draft).toBe("satu");
    expect(talk.unsentText()).toContain("belum selesai");
    talk.turnTo(null, two);
    expect(talk.draft).toBe("dua");
    talk.turnTo(null);
    expect(talk.draft).toBe("belum selesai");
    talk.turnTo(null, one);
    talk.setDraft("satu lagi");
    talk.turnTo(null);
    expect(talk.draft).toBe("belum selesai\nsatu lagi");
  });

  it("forgets that somebody types, and counts what is unread", async () => {
    vi.useFakeTimers();
    try {
      const line = new Line();
      const talk = room(line);
      await vi.advanceTimersByTimeAsync(1);
      talk.handle("chat:typing", { conversation_id: "c-1", account_id: "agent-1", typing: true });
      expect(talk.typing.size).toBe(1);
      await vi.advanceTimersByTimeAsync(6_100);
      expect(talk.typing.size).toBe(0);
      talk.handle("chat:message", { message: line.post("agent-1") });
      expect(talk.unread).toBe(1);
      talk.markRead();
      expect(talk.unread).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("a text that was redacted again", () => {
  async function opened(): Promise<[Line, Room]> {
    const line = new Line();
    ["satu", "jendela", "tiga"].forEach((text, place) => line.post("agent-1", `k-${place}`, text));
    const talk = room(line);
    await vi.waitFor(() => expect(texts(talk)).toEqual(["satu", "jendela", "tiga"]));
    return [line, talk];
  }

  it("takes the place of what it was", async () => {
    const [line, talk] = await opened();
    talk.handle("chat:corrected", line.correct(2));
    expect(texts(talk)).toEqual(["satu", "⟦PERSON:1⟧", "tiga"]);
  });

  it("is not undone by an older form that comes late", async () => {
    const [line, talk] = await opened();
    const late = line.kept[1];
    talk.handle("chat:corrected", line.correct(2));
    if (late) talk.handle("chat:message", { message: late });
    expect(texts(talk)).toEqual(["satu", "⟦PERSON:1⟧", "tiga"]);
  });

  it("is learned after a time away", async () => {
    const [line, talk] = await opened();
    line.state = "offline";
    line.correct(2);
    line.correct(1);
    line.state = "online";
    talk.resume();
    await vi.waitFor(() => expect(texts(talk)).toEqual(["⟦PERSON:1⟧", "⟦PERSON:1⟧", "tiga"]));
    expect(JSON.stringify(talk.timeline)).not.toContain("jendela");
  });

  it("is learned when the news of one before it got lost", async () => {
    const [line, talk] = await opened();
    line.correct(2);
    talk.handle("chat:corrected", line.correct(3));
    await vi.waitFor(() => expect(texts(talk)).toEqual(["satu", "⟦PERSON:1⟧", "⟦PERSON:1⟧"]));
  });

  it("is learned when the news came before the first answer", async () => {
    const line = new Line();
    line.post("agent-1", "k", "jendela");
    const talk = room(line);
    talk.handle("chat:corrected", line.correct(1));
    await vi.waitFor(() => expect(texts(talk)).toEqual(["⟦PERSON:1⟧"]));
  });

  it("of another conversation is passed over", async () => {
    const [line, talk] = await opened();
    const news = line.correct(2);
    talk.handle("chat:corrected", { ...news, message: { ...news.message, conversation_id: "c-2" } });
    expect(texts(talk)).toEqual(["satu", "jendela", "tiga"]);
  });
});
