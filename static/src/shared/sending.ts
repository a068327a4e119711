// The sending half of a room: what was written goes out one after another, rests on the shelf until it is acknowledged,
// and is sent by one tab only. Knows nothing of what has been said in the conversation.
import {
  accepted, enqueued, newMessage, nextAttemptIn, nextToSend, reconnected, refused, retried, sending, unsentCount,
  type Extras, type Outbox, type Outgoing,
} from "./outbox"; // prettier-ignore
import { soon } from "./patience";
import { failure, type Result } from "./result";
import type { RoomSources } from "./room";
import type { Waiting } from "./shelf";
import type { Conversation, Message } from "./wire";

const LOST_REQUEST_MS = 2_000;

/** 128 random bits. Not `randomUUID`, which browsers keep from pages served without TLS (a trial in a local network). */
export function newMessageId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What sending asks of its room. */
export interface Talk {
  readonly sources: RoomSources;
  readonly conversation: Conversation | null;
  readonly messages: readonly Message[];
  /** False while what was said meanwhile is being fetched: that comes first. */
  readonly ready: boolean;
  /** The conversation has begun with the first message. */
  begun(conversation: Conversation): Promise<void>;
  sent(message: Message): void;
  /** Something went out elsewhere, by its client_message_id: look what became of it. */
  lookAgain(lost: string): void;
  changed(): void;
}

export class Sending {
  outbox: Outbox = [];
  /** Ids of what is known to lie on the shelf. */
  private readonly shelved = new Set<string>();
  private readonly laying = new Map<string, Promise<void>>();
  private wake: ReturnType<typeof setTimeout> | undefined;
  private beginning: Promise<Result<Conversation>> | null = null;

  /** `thread`: what belongs together on the shelf, also before there is a conversation. */
  constructor(
    private readonly talk: Talk,
    public thread: string,
  ) {}

  get unsent(): number {
    return unsentCount(this.outbox);
  }

  /** Whether everything that waits would outlive the page. */
  get isKept(): boolean {
    return this.outbox.every((item) => item.state === "held" || this.shelved.has(item.id));
  }

  /** Ids on the shelf, to be told from those that come there while it is read. */
  get onShelf(): ReadonlySet<string> {
    return new Set(this.shelved);
  }

  send(text: string, extras: Extras): void {
    const id = newMessageId();
    const writtenAt = Date.now();
    this.outbox = enqueued(this.outbox, id, text, writtenAt, extras);
    this.talk.changed();
    const { shelf, connection } = this.talk.sources;
    if (!shelf) return void this.flush();
    const conversation = this.talk.conversation?.id ?? null;
    const laid = shelf.put({ id, text, writtenAt, thread: this.thread, conversation, ...extras }).then((kept) => {
      // Acknowledged before it lay there: nothing of it may stay.
      if (kept && !this.outbox.some((item) => item.id === id)) shelf.drop(id);
      else if (kept) this.shelved.add(id);
    });
    const tried = soon(laid, undefined);
    this.laying.set(id, tried);
    void tried.then(() => {
      this.laying.delete(id);
      if (connection.state !== "online") shelf.stuck();
      void this.flush();
    });
  }

  retry(id: string): void {
    this.outbox = retried(this.outbox, id);
    this.talk.changed();
    this.talk.sources.connection.reconnect();
    void this.flush();
  }

  /** Takes an unsent text out of the outbox, to be written anew; null when it is on its way, or has gone. */
  async takeBack(id: string): Promise<Outgoing | null> {
    const find = () => this.outbox.find((entry) => entry.id === id);
    const item = find();
    // What is just being laid on the shelf could be found there by who sends: first it lies.
    await this.laying.get(id);
    if (!item || find()?.state === "sending") return null;
    const { shelf } = this.talk.sources;
    const taken = shelf && this.shelved.has(id) ? await shelf.take(id) : "taken";
    if (taken === "sending") return null;
    this.settle(id);
    if (taken === "gone") this.talk.lookAgain(id);
    this.talk.changed();
    return taken === "gone" ? null : item;
  }

  /** It waits no longer, neither here nor on the disk. */
  settle(id: string): void {
    this.outbox = accepted(this.outbox, id);
    if (this.shelved.delete(id)) this.talk.sources.shelf?.drop(id);
  }

  /** The connection is back: what hung is due. */
  reconnected(): void {
    this.outbox = reconnected(this.outbox);
  }

  /**
   * What waits on the shelf, of all tabs: what is new there is taken up, what is gone was sent or taken back elsewhere.
   *
   * @returns Whether something was gone.
   */
  takeUp(waiting: readonly Waiting[], knownBefore: ReadonlySet<string>): boolean {
    const own = waiting.filter((item) => item.thread === this.thread || item.conversation === this.thread);
    for (const { id, text, writtenAt, replyTo = null, attachmentIds = [] } of own) {
      this.shelved.add(id);
      const here = this.outbox.some((item) => item.id === id) || this.talk.messages.some((one) => one.client_message_id === id);
      if (!here) this.outbox = enqueued(this.outbox, id, text, writtenAt, { replyTo, attachmentIds });
    }
    let gone = "";
    for (const { id, state } of this.outbox) {
      if (!knownBefore.has(id) || state === "sending" || own.some((item) => item.id === id)) continue;
      this.settle(id);
      gone = id;
    }
    this.talk.changed();
    if (gone) this.talk.lookAgain(gone);
    void this.flush();
    return gone !== "";
  }

  async flush(): Promise<void> {
    clearTimeout(this.wake);
    const { shelf, connection, onFailure } = this.talk.sources;
    if (connection.state !== "online" || !this.talk.ready) return;
    const item = nextToSend(this.outbox, Date.now());
    if (!item) return this.sleep();
    this.outbox = sending(this.outbox, item.id);
    this.talk.changed();
    const alone = shelf && this.shelved.has(item.id);
    const sent = alone ? await shelf.inTurn(item.id, (known) => this.deliver(item, known)) : await this.deliver(item, null);
    if (!sent) {
      // Another tab was quicker.
      this.settle(item.id);
      this.talk.lookAgain(item.id);
    } else if (sent.ok) {
      this.settle(item.id);
      this.talk.sent(sent.data.message);
    } else {
      this.outbox = refused(this.outbox, item.id, sent.error, Date.now());
      if (alone) shelf.release(item.id);
      // What a person looks at before it is shown, the server has.
      if (sent.error.code === "held" && this.shelved.delete(item.id)) shelf?.drop(item.id);
      // Where the server answered, this tab tries again: a worker that tried too might send what is just being taken back.
      else if (sent.error.code === "network") shelf?.stuck();
      onFailure?.(sent.error);
    }
    this.talk.changed();
    if (!sent || sent.ok || sent.error.code !== "network") void this.flush();
    // After a lost connection `resume` goes on; a lost request alone is tried again from here.
    else if (connection.state === "online") this.wake = setTimeout(() => void this.flush(), LOST_REQUEST_MS);
  }

  private async deliver(item: Outgoing, known: string | null): Promise<Result<{ message: Message }>> {
    const { sources } = this.talk;
    if (!this.talk.conversation) {
      // Kept while under way: a reconnect in between must not begin a second conversation.
      this.beginning ??= sources.begin?.(known) ?? Promise.resolve(failure("not_found"));
      const begun = await this.beginning;
      this.beginning = null;
      if (!begun.ok) return begun;
      await sources.shelf?.begun(this.thread, begun.data.id);
      this.thread = begun.data.id;
      await this.talk.begun(begun.data);
    }
    const conversation_id = this.talk.conversation?.id ?? "";
    return sources.connection.call("chat:send", { conversation_id, ...newMessage({ ...item, ...item.extras }) });
  }

  /** Wakes up for the next automatic attempt. */
  private sleep(): void {
    const wait = nextAttemptIn(this.outbox, Date.now());
    if (wait !== null) this.wake = setTimeout(() => void this.flush(), wait + 10);
  }
}
