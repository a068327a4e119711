// What is being written and was not sent outlives the page: a reload, a tab that a phone has discarded. It rests in this
// origin's storage, which erases at once and asks no disk to answer, sealed under the outbox's key (`sealed-box`). Fetched
// once a draft is longer, and for who comes back; nothing is kept of who has not agreed.
//
// A draft is of a person and a conversation; "new" is the one that has not begun. What stands in the field is what is kept. Of
// two tabs that write in one conversation it is what changed last; sent or emptied in the one that wrote or showed it, it is
// kept no longer, until the other is written in again. Edits of old messages are not kept, nor are files.
import type { Room } from "../shared/room";
import type { SealedBox } from "../shared/sealed-box";
import type { WidgetClient } from "./client";

const PREFIX = "amanah.draft/";
/** Characters; leaving the page does not ask about less either. */
export const KEPT_FROM = 40;
/** What is being written is laid down this often: no more of it is lost with a tab that is killed. */
const EVERY_MS = 500;
/** Older than this, a person has long forgotten it; as with what waits to be sent. */
export const KEPT_MS = 7 * 24 * 3600 * 1000;

interface Secret {
  text: string;
  /** When it was written, milliseconds. */
  at: number;
}

/** What stands in a room's field, and where it is to lie. Another object for other words. */
interface Known {
  readonly place: string;
  readonly words: string;
}

/** Of the client, what drafts are of. */
export type Writer = Pick<WidgetClient, "account" | "phase"> & { readonly rooms: { readonly all: readonly Room[] } };

export class Drafts {
  private owner = "";
  /** Read from the disk, and their conversation is not open yet; by place. */
  private readonly found = new Map<string, string>();
  /** Places that this page has written, or taken up: nobody else's are erased. */
  private readonly held = new Set<string>();
  private readonly due = new Set<Room>();
  /** What this page knows to lie on the disk, by the room of whose words it is. */
  private laid = new WeakMap<Room, Known & { readonly value: string }>();
  private known = new WeakMap<Room, Known>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private box: SealedBox | null = null;
  private isSought = false;

  /**
   * `open`: asked for once somebody has agreed, for a key is made there; gives null where this browser has no place for
   * secrets, or its disk gives no answer: drafts are only erased then.
   */
  constructor(
    private readonly writer: Writer,
    private readonly open: () => Promise<SealedBox | null>,
    private readonly storage: Storage,
  ) {}

  /** Something has changed: who is there, or what stands in a field. */
  look(): void {
    const { account, phase, rooms } = this.writer;
    // They have signed out, or agree no longer.
    if (phase === "consent") return this.become("");
    if (account && account.id !== this.owner) this.become(account.id);
    if (phase !== "chat") return;
    if (!this.isSought) void this.find(this.owner);
    if (this.box) for (const room of rooms.all) this.lookAt(room);
  }

  /** Writes what has changed. */
  rest(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const room of this.due) void this.write(room);
    this.due.clear();
  }

  /** Whoever it is from now on: of others nothing stays. */
  private become(owner: string): void {
    this.owner = owner;
    this.isSought = false;
    this.known = new WeakMap();
    this.laid = new WeakMap();
    for (const part of [this.found, this.held, this.due]) part.clear();
    for (const place of this.places()) if (!owner || !place.startsWith(`${PREFIX}${owner}/`)) this.storage.removeItem(place);
  }

  private places(): string[] {
    const names = Array.from({ length: this.storage.length }, (_, at) => this.storage.key(at) ?? "");
    return names.filter((name) => name.startsWith(PREFIX));
  }

  private async find(owner: string): Promise<void> {
    this.isSought = true;
    const box = await this.open();
    if (!box) return;
    for (const place of this.places()) {
      const [iv, data] = (this.storage.getItem(place) ?? "").split(" ").map(bytesOf);
      const secret = iv && data ? ((await box.unseal({ iv, data: data.buffer }, place)) as Secret | null) : null;
      if (this.owner !== owner) return;
      if (!secret || secret.at < Date.now() - KEPT_MS) this.storage.removeItem(place);
      else this.found.set(place, secret.text);
    }
    this.box = box;
    this.look();
    // What was written before this was here has rested.
    this.rest();
  }

  private lookAt(room: Room): void {
    room.keeps ??= (words) => {
      const laid = this.laid.get(room);
      // Another tab may have sent it, or written something else.
      return laid?.words === words && this.storage.getItem(laid.place) === laid.value;
    };
    const place = `${PREFIX}${this.owner}/${room.conversation?.id ?? "new"}`;
    const before = this.known.get(room);
    // The conversation has begun, or was another's first words.
    if (before && before.place !== place) this.erase(before.place);
    const found = this.found.get(place);
    if (found !== undefined) return this.giveBack(room, place, found);
    const words = room.editing ? room.aside : room.draft;
    if (before?.place === place && before.words === words) return;
    this.known.set(room, { place, words });
    this.due.delete(room);
    if (words.trim().length < KEPT_FROM) return this.erase(place);
    this.due.add(room);
    this.timer ??= setTimeout(() => this.rest(), EVERY_MS);
  }

  /** In front of what was typed meanwhile, so that nothing typed is lost; where the same words stand already, not again. */
  private giveBack(room: Room, place: string, found: string): void {
    this.found.delete(place);
    this.held.add(place);
    // It lies there as it is: opening a page does not make it younger.
    this.known.set(room, { place, words: found });
    this.laid.set(room, { place, words: found, value: this.storage.getItem(place) ?? "" });
    const both = (typed: string) => (typed.includes(found) ? typed : [found, typed].filter(Boolean).join("\n\n"));
    if (room.editing) room.aside = both(room.aside);
    room.setDraft(room.editing ? room.draft : both(room.draft));
    this.lookAt(room);
  }

  private async write(room: Room): Promise<void> {
    const known = this.known.get(room);
    if (!known || !this.box) return;
    const { iv, data } = await this.box.seal({ text: known.words, at: Date.now() } satisfies Secret, known.place);
    // Sent or emptied meanwhile, or signed out; what was written further rests anew.
    if (this.known.get(room) !== known) return;
    this.held.add(known.place);
    const value = `${textOf(iv)} ${textOf(new Uint8Array(data))}`;
    try {
      this.storage.setItem(known.place, value);
      this.laid.set(room, { ...known, value });
    } catch {
      // No room for it: of an older text nothing stays either.
      this.erase(known.place);
    }
  }

  private erase(place: string): void {
    if (this.held.delete(place)) this.storage.removeItem(place);
  }
}

const textOf = (bytes: Uint8Array) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

function bytesOf(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  } catch {
    return null;
  }
}

const keeping = new WeakSet<WidgetClient>();

/** Once for each client: from here on its drafts are kept. */
export function keepDrafts(client: WidgetClient): void {
  if (keeping.has(client)) return;
  keeping.add(client);
  try {
    const drafts = new Drafts(client, async () => (await client.keeping.open())?.box ?? null, localStorage);
    client.subscribe(() => drafts.look());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") drafts.rest();
    });
    window.addEventListener("pagehide", () => drafts.rest());
    drafts.look();
  } catch {
    // Storage is refused: words live as long as the page.
  }
}
