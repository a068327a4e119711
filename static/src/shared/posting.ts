// Sends what waits on the shelf by plain HTTP: what the service worker does when no tab is open. One after another,
// under the ids that the tabs use, so that the server tells a repetition from a new message.
import { Api } from "./api";
import { Http } from "./http";
import { isTransient, type Failure, type Result } from "./result";
import type { Letter, Shelf } from "./shelf";

/** Asks whether something may be tried again later. */
export type Outcome = "done" | "later";

/** Sends what waits; a passing failure holds back what was written after it, a lasting one is left to the writer. */
export async function sendWaiting(shelf: Shelf): Promise<Outcome> {
  let outcome: Outcome = "done";
  const held = new Set<string>();
  for (const { id, thread } of await shelf.all()) {
    if (held.has(thread)) continue;
    const error = await shelf.exclusively(async () => {
      // Read again under the lock: a tab may have sent it meanwhile, or begun the conversation.
      const letter = (await shelf.all()).find((one) => one.id === id);
      return letter ? sendOne(shelf, letter) : null;
    });
    if (!error) continue;
    held.add(thread);
    if (isTransient(error.code)) outcome = "later";
  }
  return outcome;
}

async function sendOne(shelf: Shelf, letter: Letter): Promise<Failure | null> {
  const api = new Api(new Http(() => letter.token));
  let { conversation } = letter;
  if (!conversation) {
    const begun = await begin(api);
    if (!begun.ok) return begun.error;
    conversation = begun.data;
    await shelf.begun(letter.thread, conversation);
  }
  const sent = await api.send(conversation, letter);
  // What a person looks at before it is shown, the server has.
  if (sent.ok || sent.error.code === "held") await shelf.drop(letter.id);
  return sent.ok ? null : sent.error;
}

/** A conversation for the first message: an empty one from an interrupted attempt, or a new one. */
async function begin(api: Api): Promise<Result<string>> {
  const list = await api.conversations({ status: "open", limit: 20 });
  if (!list.ok) return list;
  const empty = list.data.items.find((item) => item.last_seq === 0);
  if (empty) return { ok: true, data: empty.id };
  const begun = await api.startConversation();
  return begun.ok ? { ok: true, data: begun.data.conversation.id } : begun;
}
