// Somebody who was here as a visitor, or as nobody, says who they are; fetched with what asks them.
import type { Result } from "../shared/result";
import type { SessionReply } from "../shared/wire";
import type { WidgetClient } from "./client";

export async function signIn(client: WidgetClient, email: string, password: string, code: string): Promise<Result<unknown>> {
  const answer = await client.api.signIn(email, password, code);
  if (answer.ok) await become(client, answer.data);
  return answer;
}

/** Somebody else is here from now on; what they said as a visitor, before they said who they are, stays theirs. */
export async function become(client: WidgetClient, { token, account }: SessionReply): Promise<void> {
  const visitor = client.account?.role === "visitor" ? client.bearer : null;
  if (client.account?.id !== account.id) {
    client.keepTexts();
    // A visitor's words are this person's; a customer's are somebody else's.
    if (!visitor && client.account) client.keptDraft = "";
    client.connection.stop();
  }
  client.adopt(token, account);
  if (visitor) await client.api.adopt(visitor);
  await client.start();
}
