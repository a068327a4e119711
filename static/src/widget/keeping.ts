// The widget's outbox on disk, and the service worker that sends it when no page is open. Asked for when somebody writes:
// before that nothing of Amanah's rests in a visitor's browser.
import { soon } from "../shared/patience";
import type { RoomShelf } from "../shared/room";
import type { Letter, Shelf } from "../shared/shelf";

const WORKER = "/outbox-worker.js";
const SCOPE = "/widget";

/** Browsers with Background Sync; the DOM's types do not know it. */
type Syncing = ServiceWorkerRegistration & { readonly sync?: { register(tag: string): Promise<void> } };

export class Keeping {
  private shelf: Shelf | null = null;
  private opening: Promise<Shelf | null> | null = null;
  private tag = "";
  private worker: Promise<Syncing | null> | null = null;

  /** `who` gives the account and token of now; `onChange` hears that another tab or the worker changed what waits. */
  constructor(
    private readonly who: () => { owner: string; token: string | null },
    private readonly onChange: () => void,
  ) {
    // A closed tab sends nothing any more: the browser is asked in time.
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") void this.askForSync(true);
    });
  }

  open(): Promise<Shelf | null> {
    return soon(this.opened(), null);
  }

  private opened(): Promise<Shelf | null> {
    // Fetched while the visitor still reads or types; without it words live as long as the page.
    this.opening ??= import("../shared/shelf").then(
      async (module) => {
        this.tag = module.SYNC_TAG;
        this.shelf = await module.Shelf.open();
        if (this.shelf) this.shelf.onChange = this.onChange;
        // Whoever looked before it was open has seen nothing of what waits.
        this.onChange();
        return this.shelf;
      },
      () => (this.opening = null),
    );
    return this.opening;
  }

  /** What waits, all of it; null where that cannot be told. */
  async waiting(): Promise<Letter[] | null> {
    const { owner } = this.who();
    return (await (await this.open())?.all(owner)) ?? null;
  }

  /** How much waits in this browser, whoever wrote it. */
  async count(): Promise<number> {
    return (await (await this.open())?.all())?.length ?? 0;
  }

  /** Nothing of what this person wrote stays on the disk, however slow it is: they have signed out, or withdrawn consent. */
  async clear(owner: string): Promise<void> {
    const now = Date.now();
    const shelf = await this.opened();
    // What they write afterwards is not meant.
    for (const { id, writtenAt } of (await shelf?.read(owner)) ?? []) if (writtenAt <= now) await shelf?.drop(id);
  }

  /** What the rooms see of it. */
  readonly rooms: RoomShelf = {
    put: async (item) => {
      const shelf = await this.open();
      const { owner, token } = this.who();
      if (!shelf || !token) return false;
      this.worker ??= registered();
      return shelf.put({ ...item, owner }, token);
    },
    drop: (id) => void this.shelf?.drop(id),
    begun: async (thread, conversation) => this.shelf?.begun(thread, conversation),
    inTurn: async (id, work) => {
      const { shelf } = this;
      if (!shelf) return work(null);
      return shelf.exclusively(async () => {
        if (!(await shelf.claim(id))) return null;
        const letter = (await shelf.all())?.find((one) => one.id === id);
        return work(letter?.conversation ?? null);
      });
    },
    release: (id) => void this.shelf?.release(id),
    take: async (id) => this.shelf?.take(id) ?? "taken",
    stuck: () => void this.askForSync(false),
  };

  /** Has the browser wake the worker when there is a connection again; a page that is open then sends by itself. */
  private async askForSync(onlyIfWaiting: boolean): Promise<void> {
    if (!this.worker || (onlyIfWaiting && !(await this.waiting())?.length)) return;
    try {
      await (await this.worker)?.sync?.register(this.tag);
    } catch {
      // Not offered or not allowed here: what waits is sent when the chat is next opened.
    }
  }
}

async function registered(): Promise<Syncing | null> {
  try {
    return await navigator.serviceWorker.register(WORKER, { scope: SCOPE });
  } catch {
    return null;
  }
}
