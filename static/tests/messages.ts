// Invented messages for the tests of pure logic.
import type { Message } from "../src/shared/wire";

export function message(seq: number, author = "agent-1", change: Partial<Message> = {}): Message {
  return {
    id: `id-${seq}`,
    conversation_id: "c-1",
    seq,
    client_message_id: `client-${seq}`,
    author: { id: author, display_name: author, role: author.startsWith("agent") ? "agent" : "visitor" },
    kind: "text",
    text: `pesan ${seq}`,
    html: null,
    redactions: [],
    reply_to: null,
    attachments: [],
    reactions: {},
    form: null,
    created_at: new Date(2026, 10, 22, 9, seq).toISOString(),
    edited_at: null,
    deleted_at: null,
    revision: 0,
    version: 0,
    ...change,
  };
}

/** A generator of numbers in [0, 1) that is the same in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
