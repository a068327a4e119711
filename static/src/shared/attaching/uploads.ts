// Files on their way into a conversation: each uploaded at once, tried again when asked, taken back when not wanted.
import { sendFile, takeBackFile } from "../files";
import type { Failure } from "../result";
import type { Room } from "../room";
import type { AttachmentOut } from "../wire";

export const MOST_FILES = 10;

export interface Upload {
  readonly key: number;
  readonly file: File;
  /** 0 to 1. */
  readonly part: number;
  readonly done: AttachmentOut | null;
  readonly error: Failure | null;
}

export class Uploads {
  items: readonly Upload[] = [];
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

  get busy(): boolean {
    return this.items.some((item) => !item.done && !item.error);
  }

  add(files: readonly File[]): void {
    for (const file of files.slice(0, MOST_FILES - this.items.length)) {
      const key = this.next++;
      this.items = [...this.items, { key, file, part: 0, done: null, error: null }];
      void this.start(key, file);
    }
    this.changed();
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

  /** Those that are there go with a message now; what is still on its way waits for the next. */
  sent(): void {
    this.items = this.items.filter((item) => !item.done);
    this.changed();
  }

  private async start(key: number, file: File): Promise<void> {
    const conversation = await this.begin();
    if (typeof conversation !== "string") return this.set(key, { error: conversation });
    const abort = new AbortController();
    this.aborts.set(key, abort);
    const answer = await sendFile(this.token(), conversation, file, (part) => this.set(key, { part }), abort.signal);
    this.aborts.delete(key);
    if (answer.ok) this.set(key, { done: answer.data.attachment, part: 1 });
    else this.set(key, { error: answer.error });
  }

  private set(key: number, change: Partial<Upload>): void {
    this.items = this.items.map((item) => (item.key === key ? { ...item, ...change } : item));
    this.changed();
  }

  close(): void {
    for (const abort of this.aborts.values()) abort.abort();
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}
