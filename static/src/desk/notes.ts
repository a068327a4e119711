// The staff's notes of the conversations that are here, and where in the log each stands. No views here.
import type { Message, NoteOut } from "../shared/wire";
import type { ExtraRow } from "../shared/ui/message-log";

export class Notes {
  private readonly kept = new Map<string, readonly NoteOut[]>();
  /** What came while a conversation's list was on its way: the list was made before it, perhaps. */
  private readonly meanwhile = new Map<string, NoteOut[]>();

  of(id: string): readonly NoteOut[] {
    return this.kept.get(id) ?? [];
  }

  /** Its list is asked for; `put` takes it. */
  ask(id: string): void {
    if (!this.meanwhile.has(id)) this.meanwhile.set(id, []);
  }

  learn(note: NoteOut): void {
    this.meanwhile.get(note.conversation_id)?.push(note);
    const known = this.kept.get(note.conversation_id);
    // Of a conversation that is not here the whole list is read when it is opened.
    if (!known || known.some((other) => other.id === note.id)) return;
    this.kept.set(note.conversation_id, [...known, note].sort((a, b) => a.number - b.number));
  }

  put(id: string, notes: readonly NoteOut[]): void {
    this.kept.set(id, notes);
    const late = this.meanwhile.get(id) ?? [];
    this.meanwhile.delete(id);
    for (const note of late) this.learn(note);
  }

  forget(id: string): void {
    this.kept.delete(id);
    this.meanwhile.delete(id);
  }

  clear(): void {
    this.kept.clear();
    this.meanwhile.clear();
  }
}

/** A note stands after the last message that was there when it was written; before all of them, at the first. */
export function seqOf(note: NoteOut, messages: readonly Message[]): number {
  return Math.max(note.after_seq, messages[0]?.seq ?? 0);
}

export function noteRows(notes: readonly NoteOut[], messages: readonly Message[], draw: (note: NoteOut) => ExtraRow["node"]): ExtraRow[] {
  return notes.map((note) => ({ seq: seqOf(note, messages), key: `note-${note.id}`, node: draw(note) }));
}
