// What becomes of what was written: a new message, with what it answers and the files it brings, or another text of an
// old one.
import { wellFormed } from "./offsets";
import { failure, type Failure } from "./result";
import type { Room } from "./room";

/** What the writer asks to be sent, with the files that they chose for it; gives why an edit was refused. */
export async function sendWithFiles(room: Room, text: string): Promise<Failure | null> {
  if (room.coming) {
    if (!(await room.coming)) return failure("network").error;
    // Who has gone on writing meanwhile has not finished.
    if (wellFormed(room.draft.trim()) !== text) return null;
  }
  const { uploads } = room;
  return uploads?.hasFiles && !room.editing ? uploads.send(text) : submit(room, text);
}

/** Sends it, or stores the edit; gives why an edit was refused, and leaves its text where it was written then. */
export async function submit(room: Room, text: string, attachmentIds: readonly string[] = []): Promise<Failure | null> {
  const { editing, answering } = room;
  if (!editing) {
    room.setDraft("");
    room.turnTo(null);
    room.send(text, { replyTo: answering?.seq ?? null, attachmentIds });
    return null;
  }
  const answer = await room.sources.api.edit(editing, text);
  if (!answer.ok) return answer.error;
  room.takeChange(answer.data.message, null);
  room.setDraft("");
  room.turnTo(null);
  return null;
}
