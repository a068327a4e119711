// What one was told, how one wants to be told of what, and whether this device is woken.
import { useEffect, useState } from "preact/hooks";
import type { Translator } from "../shared/i18n";
import type { Failure } from "../shared/result";
import { useLanguage } from "../shared/ui/hooks";
import type { ChoiceIn, ChoiceOut, NotificationOut, Pace } from "../shared/wire";
import type { AccountClient } from "./client";
import { Done, Listing, Panel, Refusal, useLoaded, usePaged } from "./panel";
import { canPush, isPushed, startPush, stopPush } from "./push-device";
import { calendar } from "./words";

const PACES: readonly Pace[] = ["immediate", "daily", "weekly", "off"];

export function Notices({ client }: { client: AccountClient }) {
  return (
    <>
      <ListPanel client={client} />
      <ChoicesPanel client={client} />
      {canPush() && <PushPanel client={client} />}
    </>
  );
}

function ListPanel({ client }: { client: AccountClient }) {
  const language = useLanguage();
  const notices = usePaged(client, (cursor) => client.api.notifications(cursor));
  const [error, setError] = useState<Failure | null>(null);
  const readAll = async () => {
    const answer = await client.run(() => client.api.readAllNotifications());
    setError(answer.ok ? null : answer.error);
    notices.reload();
  };
  const open = async (notice: NotificationOut) => {
    const answer = await client.run(() => client.api.openNotification(notice.id));
    if (answer.ok) location.assign(answer.data.path);
    else setError(answer.error);
  };
  const unread = notices.data?.some((notice) => !notice.read) ?? false;
  return (
    <Panel title={language.t("account.told_title")} lead={language.t("account.told_lead")}>
      <Refusal error={error} />
      <Listing list={notices} empty={language.t("account.told_none")}>
        {(items) => (
          <div class="days">
            {byDay(items, language).map(([day, told]) => (
              <section key={day}>
                <h4>{day}</h4>
                <ul class="rows">
                  {told.map((notice) => (
                    <NoticeRow key={notice.id} notice={notice} onOpen={() => void open(notice)} />
                  ))}
                </ul>
              </section>
            ))}
          </div>
        )}
      </Listing>
      {unread && (
        <div class="actions">
          <button type="button" class="button" onClick={() => void readAll()}>
            {language.t("account.told_read_all")}
          </button>
        </div>
      )}
    </Panel>
  );
}

/** Notices under the words for the day on which they came, in the order in which they are. */
function byDay(notices: NotificationOut[], language: Translator): [string, NotificationOut[]][] {
  const now = new Date();
  const days = new Map<string, NotificationOut[]>();
  for (const notice of notices) {
    const day = language.day(new Date(notice.at), now);
    days.set(day, [...(days.get(day) ?? []), notice]);
  }
  return [...days];
}

function NoticeRow({ notice, onOpen }: { notice: NotificationOut; onOpen: () => void }) {
  const language = useLanguage();
  return (
    <li class={notice.read ? "row row-tight" : "row row-tight row-marked"}>
      <button type="button" class="link" onClick={onOpen}>
        {language.t(`account.notice.${notice.kind}`)}
        {notice.count > 1 && ` (${notice.count}×)`}
      </button>
      <span class="quiet">
        {language.time(new Date(notice.at))}
        {!notice.read && ` · ${language.t("account.told_new")}`}
      </span>
    </li>
  );
}

function ChoicesPanel({ client }: { client: AccountClient }) {
  const language = useLanguage();
  const loaded = useLoaded(client, () => client.api.notificationChoices());
  const [error, setError] = useState<Failure | null>(null);
  const [said, setSaid] = useState("");
  const choose = async (change: ChoiceIn) => {
    setSaid("");
    const answer = await client.run(() => client.api.chooseNotification(change));
    setError(answer.ok ? null : answer.error);
    if (!answer.ok) return;
    loaded.put(answer.data);
    setSaid(language.t("account.saved"));
  };
  return (
    <Panel title={language.t("account.choices_title")} lead={language.t("account.choices_lead")}>
      <Refusal error={error} />
      <Done words={said} />
      <Listing list={{ data: loaded.data?.choices ?? null, error: loaded.error, reload: loaded.reload }} empty={language.t("account.told_none")}>
        {(choices) => (
          <div class="folds">
            {[...new Set(choices.map((choice) => choice.section))].map((section) => (
              <details key={section}>
                <summary>
                  <h4>{language.t(`account.about.${section}`)}</h4>
                </summary>
                <ul class="rows">
                  {choices
                    .filter((choice) => choice.section === section)
                    .map((choice) => (
                      <ChoiceRow key={choice.kind} choice={choice} onChoose={(change) => void choose({ kind: choice.kind, ...change })} />
                    ))}
                </ul>
              </details>
            ))}
          </div>
        )}
      </Listing>
    </Panel>
  );
}

function ChoiceRow({ choice, onChoose }: { choice: ChoiceOut; onChoose: (change: Omit<ChoiceIn, "kind">) => void }) {
  const language = useLanguage();
  const id = `choice-${choice.kind}`;
  return (
    <li class="row">
      <fieldset class="row-words told">
        <legend>
          <strong>{language.t(`account.notice.${choice.kind}`)}</strong>
        </legend>
        {choice.locked ? (
          <span class="quiet">{language.t("account.choices_locked")}</span>
        ) : (
          <>
            <label class="check">
              <input type="checkbox" checked={choice.in_app} onChange={(event) => onChoose({ in_app: event.currentTarget.checked })} />
              {language.t("account.choices_here")}
            </label>
            <span class="choice">
              <label for={id}>{language.t("account.choices_mail")}</label>
              <select id={id} value={choice.mail} onChange={(event) => onChoose({ mail: event.currentTarget.value as Pace })}>
                {PACES.map((pace) => (
                  <option key={pace} value={pace}>
                    {language.t(`account.pace.${pace}`)}
                  </option>
                ))}
              </select>
            </span>
          </>
        )}
        <label class="check">
          <input type="checkbox" checked={choice.push} onChange={(event) => onChoose({ push: event.currentTarget.checked })} />
          {language.t("account.choices_push")}
        </label>
      </fieldset>
    </li>
  );
}

function PushPanel({ client }: { client: AccountClient }) {
  const language = useLanguage();
  const devices = useLoaded(client, () => client.api.pushDevices());
  const [tied, setTied] = useState(false);
  const [error, setError] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => void isPushed().then(setTied), []);
  // A browser stays tied when its session ends; the server wakes only what this session has added.
  const own = devices.data?.items.filter((device) => device.current) ?? [];
  const here = tied && own.length > 0;
  const change = async () => {
    if (busy || !devices.data) return;
    const key = devices.data.public_key;
    setBusy(true);
    if (here) {
      const gone = await Promise.all(own.map((device) => client.api.removePush(device.id)));
      const kept = gone.find((answer) => !answer.ok);
      setError((await stopPush()) ?? (kept && !kept.ok ? kept.error : null));
    } else {
      const answer = await client.run(() => startPush(client.api, key, language.locale));
      setError(answer.ok ? null : answer.error);
    }
    setTied(await isPushed());
    setBusy(false);
    devices.reload();
  };
  const remove = async (id: string) => {
    const answer = await client.run(() => client.api.removePush(id));
    setError(answer.ok ? null : answer.error);
    devices.reload();
  };
  return (
    <Panel title={language.t("account.push_title")} lead={language.t("account.push_lead")}>
      <Refusal error={error} overrides={{ push_denied: "account.push_denied", push_failed: "account.push_failed" }} />
      <div class="actions">
        <button type="button" class="button" aria-disabled={busy || !devices.data} onClick={() => void change()}>
          {language.t(here ? "account.push_stop" : "account.push_start")}
        </button>
      </div>
      {devices.data && devices.data.items.length > 0 && (
        <ul class="rows">
          {devices.data.items.map((device) => {
            const since = language.t("account.push_since", { date: calendar(new Date(device.made_at), language) });
            return (
              <li key={device.id} class="row">
                <span class="row-words">{since}</span>
                <button type="button" class="button button-small" aria-label={`${language.t("account.remove")}: ${since}`} onClick={() => void remove(device.id)}>
                  {language.t("account.remove")}
                </button>
              </li>
            );
          })}
        </ul>
      )}
    </Panel>
  );
}
