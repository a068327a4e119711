// Where one is signed in, and when one was here: what is kept of that and for how long.
import { useRef, useState } from "preact/hooks";
import type { Failure } from "../shared/result";
import { Row, useHeir } from "../shared/ui/heir";
import { useLanguage } from "../shared/ui/hooks";
import type { SessionOut, VisitOut } from "../shared/wire";
import type { AccountClient } from "./client";
import { Done, Listing, Panel, Refusal, useLoaded, usePaged } from "./panel";
import { calendar, deviceWords, placeWords } from "./words";

export function Devices({ client, visitDays }: { client: AccountClient; visitDays: number }) {
  return (
    <>
      <SessionsPanel client={client} />
      <VisitsPanel client={client} visitDays={visitDays} />
    </>
  );
}

function SessionsPanel({ client }: { client: AccountClient }) {
  const language = useLanguage();
  const { data, error: loading, reload } = useLoaded(client, () => client.api.sessions());
  const [error, setError] = useState<Failure | null>(null);
  const [said, setSaid] = useState("");
  const end = async (session: SessionOut) => {
    setError(null);
    setSaid("");
    const answer = await client.run(() => client.api.endSession(session.id));
    if (answer.ok) setSaid(language.t("account.session_ended", { device: deviceWords(session.device, language) }));
    else setError(answer.error);
    reload();
  };
  const endOthers = async () => {
    setError(null);
    setSaid("");
    const answer = await client.run(() => client.api.endOtherSessions());
    if (answer.ok) setSaid(language.t("account.sessions_ended", { n: answer.data.ended }));
    else setError(answer.error);
    reload();
  };
  const others = data?.items.filter((session) => !session.current) ?? [];
  return (
    <Panel title={language.t("account.sessions_title")} lead={language.t("account.sessions_lead")}>
      <Refusal error={error} />
      <Done words={said} />
      <Listing list={{ data: data?.items ?? null, error: loading, reload }} empty={language.t("account.sessions_none")}>
        {(sessions) => (
          <ul class="rows">
            {sessions.map((session) => (
              <SessionRow key={session.id} session={session} onEnd={() => void end(session)} />
            ))}
          </ul>
        )}
      </Listing>
      {others.length > 0 && <EndOthers onEnd={() => void endOthers()} />}
    </Panel>
  );
}

function EndOthers({ onEnd }: { onEnd: () => void }) {
  const language = useLanguage();
  const part = useRef<HTMLDivElement>(null);
  useHeir(part, (gone) => gone.closest("section")?.querySelector("h3"));
  return (
    <div ref={part} class="actions">
      <button type="button" class="button" onClick={onEnd}>
        {language.t("account.sessions_end_others")}
      </button>
    </div>
  );
}

function SessionRow({ session, onEnd }: { session: SessionOut; onEnd: () => void }) {
  const language = useLanguage();
  const device = deviceWords(session.device, language);
  const seen = language.moment(new Date(session.seen_at));
  return (
    <Row class="row">
      <div class="row-words">
        <strong>
          {device} {session.current && <span class="badge">{language.t("account.this_device")}</span>}
        </strong>
        <span class="quiet">{placeWords(session.place, language)}</span>
        <span class="quiet">
          {language.t("account.session_dates", {
            seen,
            began: calendar(new Date(session.created_at), language),
            ends: calendar(new Date(session.expires_at), language),
          })}
        </span>
      </div>
      {!session.current && (
        <button type="button" class="button button-small" aria-label={language.t("account.session_end_named", { device, seen })} onClick={onEnd}>
          {language.t("account.session_end")}
        </button>
      )}
    </Row>
  );
}

function VisitsPanel({ client, visitDays }: { client: AccountClient; visitDays: number }) {
  const language = useLanguage();
  const visits = usePaged(client, (cursor) => client.api.visits(cursor));
  return (
    <Panel title={language.t("account.visits_title")} lead={language.t("account.visits_lead", { n: visitDays })}>
      <Listing list={visits} empty={language.t("account.visits_none")}>
        {(items) => (
          <ul class="rows">
            {items.map((visit) => (
              <VisitRow key={visit.id} visit={visit} />
            ))}
          </ul>
        )}
      </Listing>
    </Panel>
  );
}

function VisitRow({ visit }: { visit: VisitOut }) {
  const language = useLanguage();
  return (
    <li class="row">
      <div class="row-words">
        <strong>
          {language.moment(new Date(visit.at))} {visit.current && <span class="badge">{language.t("account.this_device")}</span>}
        </strong>
        <span>
          {language.t(visit.signed_in ? "account.visit_signed_in" : "account.visit_again")} · {deviceWords(visit.device, language)} ·{" "}
          {placeWords(visit.place, language)}
        </span>
        <details>
          <summary>{language.t("account.visit_kept")}</summary>
          {visit.address === null && visit.user_agent === null ? (
            <p class="quiet">{language.t("account.visit_dropped")}</p>
          ) : (
            <dl class="facts">
              <div>
                <dt>{language.t("account.visit_address")}</dt>
                <dd>{visit.address ?? "—"}</dd>
              </div>
              <div>
                <dt>{language.t("account.visit_agent")}</dt>
                <dd>{visit.user_agent ?? "—"}</dd>
              </div>
            </dl>
          )}
        </details>
      </div>
    </li>
  );
}
