// The order of the list while somebody aims at one of its rows: it holds still, whatever others write meanwhile. Texts, badges
// and counts go on being renewed. No views here; times are in milliseconds.
import type { Entry } from "./queue";

/** A pointer that has lain still for so long aims at nothing: what waits comes in. */
export const STILL_MS = 4_000;
/** After the pointer has left, or a finger was lifted: the click that belongs to it comes a moment later. */
export const LEFT_MS = 400;

export interface Shown {
  entries: Entry[];
  /** How many rows wait for their place. */
  waiting: number;
}

/**
 * Rows in the order in which they were shown, also those that have left the view meanwhile: a gap would draw the next one
 * under the pointer. What may not be seen any more is gone at once. New ones wait, save those that stand at the very end.
 *
 * `order`: ids as they were shown; `fresh`: the list as it would be drawn anew; `find`: a row of whatever view.
 */
export function steady(order: readonly string[], fresh: readonly Entry[], find: (id: string) => Entry | undefined): Shown {
  const before = new Set(order);
  const entries = order.map(find).filter((entry) => entry !== undefined);
  const last = fresh.findLastIndex((entry) => before.has(entry.conversation.id));
  const waiting = fresh.slice(0, last + 1).filter((entry) => !before.has(entry.conversation.id)).length;
  return { entries: [...entries, ...fresh.slice(last + 1)], waiting };
}

export class Steady {
  private order: readonly string[] = [];
  private choice = "";
  private until = 0;
  private isPressed = false;
  /** Where the pointer was last: a list that is drawn anew beneath it does not make it move. */
  private at = "";

  /** The pointer is over the rows; `pressed`: with a button held. Says whether it really moved. */
  moved(x: number, y: number, pressed: boolean, now: number): boolean {
    const at = `${x} ${y}`;
    if (at === this.at) return false;
    this.at = at;
    // A release that nobody heard (outside of the window, say) shows by the next movement.
    this.isPressed &&= pressed;
    this.until = now + STILL_MS;
    return true;
  }

  scrolled(now: number): void {
    this.until = now + STILL_MS;
  }

  /** From here until it is lifted nothing moves, whatever it takes. */
  pressed(now: number): void {
    this.isPressed = true;
    this.until = now + STILL_MS;
  }

  /** Says whether anything was held by it. */
  lifted(now: number): boolean {
    if (!this.isPressed) return false;
    this.isPressed = false;
    this.until = Math.max(this.until, now + LEFT_MS);
    return true;
  }

  left(now: number): void {
    this.at = "";
    this.until = Math.min(this.until, now + LEFT_MS);
  }

  /** The hands are on the keys: the pointer aims at nothing. */
  typed(): void {
    this.until = 0;
    this.isPressed = false;
  }

  /** Milliseconds until the order is free, as far as is known: 0 when it is. */
  holds(now: number): number {
    return this.isPressed ? STILL_MS : Math.max(0, this.until - now);
  }

  /** What to show now; remembered as what has been shown. `choice`: which list it is, for another one begins anew. */
  settle(fresh: Entry[], choice: string, find: (id: string) => Entry | undefined, now: number): Shown {
    const held = this.order.length > 0 && choice === this.choice && this.holds(now) > 0;
    const shown = held ? steady(this.order, fresh, find) : { entries: fresh, waiting: 0 };
    const ids = shown.entries.map((entry) => entry.conversation.id);
    // A row that is gone for a moment, given away and taken back, comes back to its place.
    this.order = held ? [...new Set([...this.order, ...ids])] : ids;
    this.choice = choice;
    return shown;
  }
}
