// Sends what waits on the shelf by plain HTTP: what the service worker does when no tab is open. One after another,
// under the ids that the tabs use, so that the server tells a repetition from a new message.
import { Http } from "./http";
import { newMessage } from "./outbox";
import { isTransient, type Failure, type Result } from "./result";
import type { Letter, Shelf } from "./shelf";
import type { ConversationPage, ConversationReply, MessageReply } from "./wire";

const CONVERSATIONS = "/conversations";

/** Asks whether something may be tried again later. */
export type Outcome = "done" | "later";

/** Sends what waits; a passing failure holds back what was written after it, a lasting one is left to the writer. */
export async function sendWaiting(shelf: Shelf): Promise<Outcome> {
  const waiting = await shelf.all();
  let outcome: Outcome = waiting ? "done" : "later";
  const held = new Set<string>();
  for (const { id, thread } of waiting ?? []) {
    if (held.has(thread)) continue;
    const error = await shelf.exclusively(async () => {
      if (!(await shelf.claim(id))) return null;
      // Read again under the lock: a tab may have begun the conversation meanwhile.
      const letter = (await shelf.all())?.find((one) => one.id === id);
      const refusal = letter ? await sendOne(shelf, letter) : null;
      if (refusal) await shelf.release(id);
      return refusal;
    });
    if (!error) continue;
    held.add(thread);
    if (isTransient(error.code)) outcome = "later";
  }
  return outcome;
}

async function sendOne(shelf: Shelf, letter: Letter): Promise<Failure | null> {
  const http = new Http(() => letter.token);
  let { conversation } = letter;
  if (!conversation) {
    const begun = await begin(http);
    if (!begun.ok) return begun.error;
    conversation = begun.data;
    await shelf.begun(letter.thread, conversation);
  }
  const sent = await http.call<MessageReply>("POST", `${CONVERSATIONS}/${encodeURIComponent(conversation)}/messages`, newMessage(letter));
  // What a person looks at before it is shown, the server has.
  if (sent.ok || sent.error.code === "held") await shelf.drop(letter.id);
  return sent.ok ? null : sent.error;
}

/** A conversation for the first message: an empty one from an interrupted attempt, or a new one. */
async function begin(http: Http): Promise<Result<string>> {
  const list = await http.call<ConversationPage>("GET", `${CONVERSATIONS}?status=open&limit=20`);
  if (!list.ok) return list;
  const empty = list.data.items.find((item) => item.last_seq === 0);
  if (empty) return { ok: true, data: empty.id };
  const begun = await http.call<ConversationReply>("POST", CONVERSATIONS, {});
  return begun.ok ? { ok: true, data: begun.data.conversation.id } : begun;
}
