// The outbox on disk: what the writer has sent and the server has not acknowledged outlives the tab. Sealed at rest,
// erased when acknowledged, shared by all tabs and by the service worker; one of them sends at a time.
import { soon } from "./patience";
import { boxOf, openDatabase, request, WAITING, written, type Sealed, type SealedBox } from "./sealed-box";

/** What waits, as its writer wrote it: in memory only in this form. */
export interface Waiting {
  /** The client_message_id. */
  readonly id: string;
  /** Account id of the writer. */
  readonly owner: string;
  /** What belongs together: the conversation's id, or a name of its own for one that has not begun. */
  readonly thread: string;
  /** Null: not begun yet. */
  readonly conversation: string | null;
  readonly writtenAt: number;
  readonly text: string;
  readonly replyTo?: number | null;
  readonly attachmentIds?: readonly string[];
}

/** As it lies on disk: who and where in the clear (random ids), the words and the session's token sealed. */
interface Row extends Sealed {
  id: string;
  owner: string;
  thread: string;
  conversation: string | null;
  writtenAt: number;
  /** Somebody sends it until then (ms); after that they are gone. */
  claimedUntil?: number;
}

/** What became of the wish to have something back; `gone`: it was sent, or taken back elsewhere. */
export type Taken = "taken" | "gone" | "sending";

export interface Letter extends Waiting {
  readonly token: string;
}

type Secret = Pick<Waiting, "text" | "replyTo" | "attachmentIds"> & { token: string };

/** Of the channel on which tabs tell each other, and of the lock under which one sends. */
const OUTBOX = "amanah.outbox";
export const SYNC_TAG = "amanah-outbox";
/** Older than this, a person has long forgotten it: sending it now would surprise more than help. */
const KEPT_MS = 7 * 24 * 3600 * 1000;
/** Longer than beginning a conversation and sending into it may take. */
const LEASE_MS = 60_000;
/** Longer than a request of whoever has the turn may take. */
const TURN_MS = 20_000;

const placeOf = (row: Pick<Row, "id" | "owner" | "thread">) => `${row.owner}/${row.thread}/${row.id}`;

/**
 * The sealed outbox of this browser.
 *
 * Writes are done one after another: what is erased was written before, whatever sealing takes.
 */
export class Shelf {
  private turn: Promise<unknown> = Promise.resolve();
  private readonly channel: BroadcastChannel | null;
  /** Heard when another tab or the service worker changed what waits, and when the disk has said late what does. */
  onChange: (() => void) | null = null;

  private constructor(
    private readonly database: IDBDatabase,
    readonly box: SealedBox,
  ) {
    this.channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(OUTBOX) : null;
    if (this.channel) this.channel.onmessage = () => this.onChange?.();
  }

  /** The shelf, or null where this browser has no place to keep secrets (storage refused, no TLS). */
  static async open(): Promise<Shelf | null> {
    try {
      if (!crypto.subtle) return null;
      const database = await openDatabase();
      return new Shelf(database, await boxOf(database));
    } catch {
      return null;
    }
  }

  /** Writes; false where the disk does not take it. */
  put(item: Waiting, token: string): Promise<boolean> {
    return this.inTurn(async () => {
      const { id, owner, thread, conversation, writtenAt } = item;
      const secret: Secret = { text: item.text, replyTo: item.replyTo ?? null, attachmentIds: item.attachmentIds ?? [], token };
      const sealed = await this.box.seal(secret, placeOf(item));
      const row: Row = { id, owner, thread, conversation, writtenAt, ...sealed };
      return this.change((store) => store.put(row), { durability: "strict" });
    });
  }

  drop(id: string): Promise<boolean> {
    return this.inTurn(() => this.change((store) => store.delete(id)));
  }

  /** The thread has begun: what waits in it goes there from now on. */
  begun(thread: string, conversation: string): Promise<boolean> {
    const work = async (store: IDBObjectStore) => {
      const rows = await request<Row[]>(store.getAll());
      for (const row of rows) if (row.thread === thread) store.put({ ...row, conversation });
    };
    return soon(
      this.inTurn(() => this.change(work)),
      false,
    );
  }

  /** From here on it is being sent, and nobody can have it back; false: it does not wait any more. */
  async claim(id: string): Promise<boolean> {
    // A disk that gives no answer must not keep anything from being sent: the server knows the id.
    let waits = true;
    await this.withRow(id, (store, row) => {
      waits = row !== undefined;
      if (row) store.put({ ...row, claimedUntil: Date.now() + LEASE_MS });
    });
    return waits;
  }

  /** It could not be sent, and waits again. */
  async release(id: string): Promise<void> {
    await this.withRow(id, (store, row) => row && store.put({ ...row, claimedUntil: 0 }));
  }

  /** Has it back: in one step with looking whether somebody sends it just now. */
  async take(id: string): Promise<Taken> {
    let taken: Taken = "taken";
    await this.withRow(id, (store, row) => {
      if (!row) taken = "gone";
      else if ((row.claimedUntil ?? 0) > Date.now()) taken = "sending";
      else store.delete(id);
    });
    this.channel?.postMessage(null);
    return taken;
  }

  /**
   * What waits, in the order of writing; of one writer, or of everybody who uses this browser. Null where the disk does not
   * say: that is no sign that nothing waits. Where it says so late, `onChange` does.
   */
  async all(owner?: string): Promise<Letter[] | null> {
    const reading = this.read(owner);
    const found = await soon(reading, null);
    if (!found) void reading.then((late) => late && this.onChange?.());
    return found;
  }

  /** The same, however long the disk takes; null where it fails. */
  async read(owner?: string): Promise<Letter[] | null> {
    await this.turn;
    const found: Letter[] = [];
    try {
      const rows = await request<Row[]>(this.database.transaction(WAITING).objectStore(WAITING).getAll());
      for (const row of rows.sort((a, b) => a.writtenAt - b.writtenAt)) {
        if (owner !== undefined && row.owner !== owner) continue;
        const secret = (await this.box.unseal(row, placeOf(row))) as Secret | null;
        if (!secret || row.writtenAt < Date.now() - KEPT_MS) void this.drop(row.id);
        else found.push({ ...row, ...secret });
      }
    } catch {
      return null;
    }
    return found;
  }

  /**
   * Does something that no other tab and no worker does at the same time; in the end without that, where a tab that the
   * device has put to sleep holds the turn, or the browser gives none: the server knows what it has by its id.
   */
  async exclusively<T>(work: () => Promise<T>): Promise<T> {
    let done: Promise<T> | undefined;
    const begin = () => (done = work());
    const patience = new AbortController();
    // Whose turn has begun, it ends nothing for.
    setTimeout(() => patience.abort(), TURN_MS);
    await navigator.locks?.request(OUTBOX, { signal: patience.signal }, begin).catch(() => null);
    return done ?? begin();
  }

  /** Looks at a row and changes it, with nobody in between. */
  private withRow(id: string, work: (store: IDBObjectStore, row: Row | undefined) => unknown): Promise<boolean> {
    const look = async (store: IDBObjectStore) => work(store, await request<Row | undefined>(store.get(id)));
    return soon(
      this.afterWrites(() => this.change(look)),
      false,
    );
  }

  /** One transaction; true once it lies on the disk. */
  private async change(work: (store: IDBObjectStore) => unknown, options?: IDBTransactionOptions): Promise<boolean> {
    const writing = this.database.transaction(WAITING, "readwrite", options);
    await work(writing.objectStore(WAITING));
    await written(writing);
    return true;
  }

  private afterWrites(work: () => Promise<boolean>): Promise<boolean> {
    const done = this.turn.then(work).catch(() => false);
    this.turn = done;
    return done;
  }

  private inTurn(work: () => Promise<boolean>): Promise<boolean> {
    const done = this.afterWrites(work);
    void done.then(() => this.channel?.postMessage(null));
    return done;
  }
}
