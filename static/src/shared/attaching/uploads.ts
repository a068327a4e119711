// Files on their way into a conversation: each uploaded at once, tried again when asked or when the connection is back, taken
// back when not wanted. A message that was sent while they are on their way waits for them.
import { sendFile, takeBackFile } from "../files";
import { failure, isTransient, type Failure } from "../result";
import type { Room } from "../room";
import type { AttachmentOut } from "../wire";
import { submit } from "../writing";
import { smaller } from "./smaller";

export const MOST_FILES = 10;
const MIB = 1024 * 1024;

const isPicture = (file: File) => file.type.startsWith("image/");

/** How many MiB the server takes, where it was not told otherwise: said before a file has been on its way for minutes. */
export const mostOf = (file: File): number => (isPicture(file) ? 8 : 10);

const isTooLarge = (file: File) => file.size > mostOf(file) * MIB;

export interface Upload {
  readonly key: number;
  readonly file: File;
  /** It is a picture that was too large, made smaller. */
  readonly isSmaller: boolean;
  /** 0 to 1. */
  readonly part: number;
  readonly done: AttachmentOut | null;
  readonly error: Failure | null;
}

export class Uploads {
  items: readonly Upload[] = [];
  /** How many of those last chosen were too many for one message. */
  left = 0;
  private wish: (() => void) | null = null;
  private next = 0;
  private readonly aborts = new Map<number, AbortController>();
  private readonly listeners = new Set<() => void>();

  /** `begin` makes sure that there is a conversation for the files; null when there can't be one now. */
  constructor(
    private readonly room: Room,
    private readonly token: () => string | null,
    private readonly begin: () => Promise<string | Failure>,
  ) {}

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Ids to send with the next message. */
  get ids(): string[] {
    return this.items.flatMap((item) => (item.done ? [item.done.id] : []));
  }

  /** Some are on their way, or wait for a connection. */
  get busy(): boolean {
    return this.items.some((item) => !item.done && (!item.error || isTransient(item.error.code)));
  }

  /** Whether a message would bring any. */
  get hasFiles(): boolean {
    return this.busy || this.ids.length > 0;
  }

  /** Whether a message waits for its files. */
  get isAwaited(): boolean {
    return this.wish !== null;
  }

  add(files: readonly File[]): void {
    const room = MOST_FILES - this.items.length;
    this.left = Math.max(0, files.length - room);
    for (const file of files.slice(0, room)) {
      const key = this.next++;
      const error = refusalOf(file);
      this.items = [...this.items, { key, file, isSmaller: false, part: 0, done: null, error }];
      if (!error) void this.start(key, file);
    }
    this.changed();
  }

  /** Sends a message with the files, once all are there; not when one is refused meanwhile: its writer decides anew. */
  send(text: string): null {
    this.wish = () => {
      const { ids } = this;
      this.items = this.items.filter((item) => !item.done);
      this.left = 0;
      // Its files were all taken back meanwhile, and it was nothing else.
      if (text || ids.length) void submit(this.room, text, ids);
    };
    this.changed();
    return null;
  }

  /** The writer goes on writing: nothing is sent by itself any more. */
  keepBack(): void {
    if (!this.wish) return;
    this.wish = null;
    this.changed();
  }

  /** The connection is back: what it cost is tried again. */
  resume(): void {
    for (const { key, error } of this.items) if (error && isTransient(error.code)) this.retry(key);
  }

  retry(key: number): void {
    const item = this.items.find((one) => one.key === key);
    if (!item?.error) return;
    this.set(key, { error: null, part: 0 });
    void this.start(key, item.file);
  }

  remove(key: number): void {
    this.aborts.get(key)?.abort();
    const item = this.items.find((one) => one.key === key);
    if (item?.done) void takeBackFile(this.room.sources.api.http, item.done.id);
    this.items = this.items.filter((one) => one.key !== key);
    this.changed();
  }

  private async start(key: number, chosen: File): Promise<void> {
    const file = isTooLarge(chosen) ? await smaller(chosen, mostOf(chosen) * MIB) : chosen;
    if (!file) return this.set(key, { error: failure("too_large").error });
    if (file !== chosen) this.set(key, { file, isSmaller: true });
    const conversation = await this.begin();
    if (typeof conversation !== "string") return this.set(key, { error: conversation });
    // Taken back before it was on its way.
    if (!this.items.some((item) => item.key === key)) return;
    const abort = new AbortController();
    this.aborts.set(key, abort);
    const answer = await sendFile(this.token(), conversation, file, (part) => this.set(key, { part }), abort.signal);
    this.aborts.delete(key);
    if (answer.ok) this.set(key, { done: answer.data.attachment, part: 1 });
    else this.set(key, { error: answer.error });
  }

  private set(key: number, change: Partial<Upload>): void {
    this.items = this.items.map((item) => (item.key === key ? { ...item, ...change } : item));
    if (change.error && !isTransient(change.error.code)) this.wish = null;
    this.changed();
  }

  close(): void {
    for (const abort of this.aborts.values()) abort.abort();
  }

  private changed(): void {
    this.grant();
    for (const listener of this.listeners) listener();
  }

  private grant(): void {
    const { wish } = this;
    if (!wish || this.busy) return;
    this.wish = null;
    wish();
  }
}

/** What can be seen of a file before it is sent. */
function refusalOf(file: File): Failure | null {
  const code = file.size === 0 ? "file_empty" : isTooLarge(file) && !isPicture(file) ? "too_large" : null;
  return code && failure(code).error;
}
