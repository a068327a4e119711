// Who of staff looked at what of the person's, when and what for; and what the person was told about it.
import { useLanguage } from "../shared/ui/hooks";
import type { ConversationOut, LookOut, NotificationOut } from "../shared/wire";
import type { MessageKey } from "../shared/i18n";
import type { Result } from "../shared/result";
import type { AccountClient } from "./client";
import { Listing, Panel, useLoaded, usePaged } from "./panel";
import { conversationWords } from "./words";

type Known = ReadonlyMap<string, ConversationOut>;

const LOOKS: Record<string, MessageKey> = {
  "conversation:read": "account.look_read",
  "break_glass:opened": "account.look_opened",
  "field:revealed": "account.look_revealed",
  "file:opened": "account.look_file",
  "data:exported": "account.look_exported",
};

/** One's own conversations by id, so that a log can name them; staff's are others', so theirs are not asked for. */
async function conversationsOf(client: AccountClient): Promise<Result<Known>> {
  if (client.isStaff) return { ok: true, data: new Map() };
  const answers = await Promise.all([client.api.conversations("open"), client.api.conversations("closed")]);
  const known = new Map<string, ConversationOut>();
  for (const answer of answers) {
    if (!answer.ok) return answer;
    for (const item of answer.data.items) known.set(item.id, item);
  }
  return { ok: true, data: known };
}

type ExceptionNotice = NotificationOut & { kind: "break_glass_opened" | "break_glass_ended" };

const isException = (notice: NotificationOut): notice is ExceptionNotice => notice.kind.startsWith("break_glass_");

/** What one was told of exceptions: the next page that holds any, of all that one was told. */
async function exceptionsFrom(
  client: AccountClient,
  cursor: string | null,
): Promise<Result<{ items: ExceptionNotice[]; next_cursor: string | null }>> {
  for (;;) {
    const answer = await client.api.notifications(cursor);
    if (!answer.ok) return answer;
    const items = answer.data.items.filter(isException);
    cursor = answer.data.next_cursor;
    if (items.length > 0 || cursor === null) return { ok: true, data: { items, next_cursor: cursor } };
  }
}

export function Access({ client }: { client: AccountClient }) {
  const language = useLanguage();
  const looks = usePaged(client, (cursor) => client.api.accessLog(cursor));
  const notices = usePaged(client, (cursor) => exceptionsFrom(client, cursor));
  const known = useLoaded(client, () => conversationsOf(client)).data ?? new Map<string, ConversationOut>();
  return (
    <>
      <Panel title={language.t("account.notices_title")} lead={language.t("account.notices_lead")}>
        <Listing list={notices} empty={language.t("account.notices_none")}>
          {(items) => (
            <ul class="rows">
              {items.map((notice) => (
                <NoticeRow key={notice.id} notice={notice} known={known} />
              ))}
            </ul>
          )}
        </Listing>
      </Panel>
      <Panel title={language.t("account.looks_title")} lead={language.t("account.looks_lead")}>
        <Listing list={looks} empty={language.t("account.looks_none")}>
          {(items) => (
            <ul class="rows">
              {items.map((look) => (
                <LookRow key={look.id} look={look} known={known} />
              ))}
            </ul>
          )}
        </Listing>
      </Panel>
    </>
  );
}

function LookRow({ look, known }: { look: LookOut; known: Known }) {
  const language = useLanguage();
  const what = look.object.type === "conversation" ? conversationWords(known.get(look.object.id), language) : "";
  return (
    <li class="row">
      <div class="row-words">
        <strong>
          {look.who.display_name} <span class="badge">{language.t(`account.role.${look.who.role}`)}</span>
        </strong>
        <span>
          {language.t(LOOKS[look.action] ?? "account.look_any")}
          {what && `: ${what}`}
        </span>
        <span class="quiet">
          {language.t("account.look_purpose", { purpose: language.t(`account.purpose.${look.purpose}`) })} ·{" "}
          {look.count > 1
            ? language.t("account.look_times", { n: look.count, from: language.moment(new Date(look.at)), to: language.time(new Date(look.last_at)) })
            : language.moment(new Date(look.at))}
        </span>
      </div>
    </li>
  );
}

function NoticeRow({ notice, known }: { notice: ExceptionNotice; known: Known }) {
  const language = useLanguage();
  return (
    <li class={notice.kind === "break_glass_opened" ? "row row-marked" : "row"}>
      <div class="row-words">
        <strong>{language.t(`account.notice.${notice.kind}`)}</strong>
        {notice.object.type === "conversation" && <span>{conversationWords(known.get(notice.object.id), language)}</span>}
        <span class="quiet">{language.moment(new Date(notice.at))}</span>
      </div>
    </li>
  );
}
