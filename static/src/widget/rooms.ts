// The conversations of one person as this page holds them: one room each, several at a time, one of them shown. A room
// stays while the page does, so that what waits in it goes on waiting there, and being sent from there.
import type { Result } from "../shared/result";
import { Room, type RoomSources } from "../shared/room";
import type { ServerEvents } from "../shared/socket";
import type { Conversation } from "../shared/wire";
import type { Keeping } from "./keeping";

export interface Finding {
  /** A conversation that is there already. */
  find(id: string): Promise<Result<Conversation>>;
  /** Those of the person, anew, the newest first. */
  refresh(): Promise<Conversation[]>;
}

export class Rooms {
  shown: Room | null = null;
  all: Room[] = [];
  /** Rises when somebody leaves: what is being read for them is not for who comes next. */
  private stay = 0;

  constructor(
    private readonly sources: () => RoomSources,
    private readonly keeping: Keeping,
    readonly finding: Finding,
    readonly changed: () => void,
  ) {}

  /** Everything that is not with the server yet, in all conversations. */
  get unsent(): number {
    return this.all.reduce((sum, room) => sum + room.unsent, 0);
  }

  get unread(): number {
    return this.all.reduce((sum, room) => sum + room.unread, 0);
  }

  /** A conversation that is not on view and holds answers that were not read. */
  get elsewhere(): Room | undefined {
    return this.all.find((room) => room !== this.shown && room.unread > 0);
  }

  get losesWords(): boolean {
    return this.all.some((room) => room.losesWords);
  }

  of(conversation: Conversation): Room | undefined {
    return this.all.find((room) => room.conversation?.id === conversation.id);
  }

  /** Shows a conversation; null: one that begins with the next message. */
  show(conversation: Conversation | null): Room {
    const known = conversation ? this.of(conversation) : this.all.find((room) => !room.conversation && !room.unsent);
    if (this.shown && this.shown === known) return known;
    this.shown = known ?? this.add(conversation);
    this.shown.open();
    this.changed();
    return this.shown;
  }

  /** Follows those in which something is unread, of all that a person has: else nobody would tell them. */
  follow(conversations: readonly Conversation[]): void {
    const { me } = this.sources();
    for (const one of conversations) {
      // Staff are told of those of others too.
      if (one.customer?.id !== me || !one.last_seq || this.of(one)) continue;
      if (one.last_seq > (one.read_marks[me] ?? 0)) this.add(one);
      // Read or not: beside a chat in which nothing was said, it may be what was begun in another tab.
      if (this.shown && !this.shown.conversation) this.begunElsewhere(this.shown);
    }
  }

  handle<E extends keyof ServerEvents>(event: E, data: ServerEvents[E]): void {
    for (const room of this.all) room.handle(event, data);
  }

  resume(): void {
    for (const room of this.all) room.resume();
  }

  /** Takes up what waits on the disk: from before, from other tabs; lets go of what others have sent. */
  async takeUp(): Promise<void> {
    const { stay } = this;
    const before = new Map(this.all.map((room) => [room, room.onShelf]));
    const waiting = await this.keeping.waiting();
    if (!waiting || stay !== this.stay) return;
    for (const { thread, conversation } of waiting) {
      if (this.all.some((room) => room.thread === thread || room.thread === conversation)) continue;
      if (!conversation) {
        // Begun in a tab that is gone, or in one beside this: its words are seen where one would write them.
        const room = this.shown && !this.shown.conversation && !this.shown.unsent ? this.shown : this.add(null);
        room.thread = thread;
        this.shown ??= room;
        continue;
      }
      const found = await this.finding.find(conversation);
      if (stay !== this.stay) return;
      if (found.ok && !this.of(found.data)) this.add(found.data);
    }
    for (const room of this.all) room.takeUp(waiting, before.get(room) ?? new Set());
    this.changed();
  }

  /** Lets go of everything; gives what was written and not sent, in the order of the conversations. */
  clear(): string {
    const words = this.all.map((room) => room.unsentText()).filter(Boolean);
    for (const room of this.all) room.uploads?.close();
    this.stay += 1;
    this.all = [];
    this.shown = null;
    return words.join("\n\n");
  }

  /** The person agreed again: what was refused for want of it is due now. */
  agreed(): void {
    for (const room of this.all) {
      for (const item of room.outbox) if (item.error?.code === "consent_required") room.retry(item.id);
    }
  }

  /** A room's first words were sent from another tab, it seems: `lost`, where they were seen here. */
  private begunElsewhere(room: Room, lost?: string): void {
    import("./later").then((module) => module.adoptBegun(this, room, lost)).catch(() => {});
  }

  private add(conversation: Conversation | null): Room {
    const room = new Room(conversation, { ...this.sources(), sentElsewhere: (room, lost) => this.begunElsewhere(room, lost) });
    room.subscribe(this.changed);
    this.all.push(room);
    if (conversation) void room.join();
    return room;
  }
}
