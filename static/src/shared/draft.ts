// Moving words between the outbox and the composer.
import type { Room } from "./room";

/** An unsent text goes in front of what is being written; nothing typed is lost. */
export function takeBack(room: Room, text: string, composerId: string): void {
  room.setDraft([text, room.draft].filter(Boolean).join("\n"));
  document.getElementById(composerId)?.focus();
}
