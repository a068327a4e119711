// How the desk does: load, first answers, resolution, satisfaction, busiest hours. Numbers of all, never what was said.
import "./pages.css";
import { useEffect, useState } from "preact/hooks";
import { dated } from "../shared/dated";
import type { MessageKey, Translator } from "../shared/i18n";
import type { Failure } from "../shared/result";
import { FormError, valuesOf } from "../shared/ui/fields";
import { useLanguage } from "../shared/ui/hooks";
import type { DeskFigures, Spans } from "../shared/wire";
import { Bars, Figure, Heat, Numbers } from "./charts";
import type { PageProps } from "./lazy-page";
import { agentsOf, daysOf, hoursOf, offer, sheet, type Cell } from "./sheet";

const DAYS = 30;
/** A Monday, to name the days of the week from. */
const MONDAY = Date.UTC(2024, 0, 1);

function dayBefore(days: number): string {
  const at = new Date();
  at.setDate(at.getDate() - days);
  return [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

export function FiguresPage({ client }: PageProps) {
  const language = useLanguage();
  const [span, setSpan] = useState({ from: dayBefore(DAYS - 1), to: dayBefore(0) });
  const [figures, setFigures] = useState<DeskFigures | null>(null);
  const [error, setError] = useState<Failure | null>(null);
  useEffect(() => {
    let wanted = true;
    void client.desk.figures(span.from, span.to).then((answer) => {
      if (!wanted) return;
      setError(answer.ok ? null : answer.error);
      if (answer.ok) setFigures(answer.data);
    });
    return () => {
      wanted = false;
    };
  }, [span]);
  return (
    <div class="page-inner">
      <h2>{language.t("desk.page_figures")}</h2>
      <form
        class="span-form"
        onSubmit={(event) => {
          event.preventDefault();
          const value = valuesOf(event.currentTarget);
          setSpan({ from: value("from"), to: value("to") });
        }}
      >
        <div class="field">
          <label for="figures-from">{language.t("desk.from_day")}</label>
          <input id="figures-from" name="from" type="date" required defaultValue={span.from} />
        </div>
        <div class="field">
          <label for="figures-to">{language.t("desk.to_day")}</label>
          <input id="figures-to" name="to" type="date" required defaultValue={span.to} />
        </div>
        <button type="submit" class="button">
          {language.t("desk.figures_show")}
        </button>
      </form>
      <FormError error={error} />
      {figures && <Shown figures={figures} language={language} />}
    </div>
  );
}

function minutes(value: number | null, language: Translator): string {
  return value === null ? "–" : language.duration(value * 60_000);
}

function share(value: number | null | undefined, language: Translator): string {
  return value == null ? "–" : new Intl.NumberFormat(language.locale, { style: "percent" }).format(value);
}

function score(value: number | null, language: Translator): string {
  return value === null ? "–" : new Intl.NumberFormat(language.locale, { maximumFractionDigits: 1 }).format(value);
}

const FILES = {
  days: { words: "desk.csv_days", rows: daysOf },
  hours: { words: "desk.csv_hours", rows: hoursOf },
  agents: { words: "desk.csv_agents", rows: agentsOf },
} as const satisfies Record<string, { words: MessageKey; rows: (figures: DeskFigures, language: Translator) => Cell[][] }>;

/** What is shown, as files for a spreadsheet in the reader's language. */
function Files({ figures, language }: { figures: DeskFigures; language: Translator }) {
  const [first, last] = [figures.days[0]?.day, figures.days.at(-1)?.day];
  return (
    <div class="figure-files" role="group" aria-label={language.t("desk.figures_csv")}>
      {Object.values(FILES).map(({ words, rows }) => (
        <button
          key={words}
          type="button"
          class="button button-small button-quiet"
          onClick={() => offer(`${language.t(words).toLowerCase().replaceAll(" ", "-")}-${first}-${last}.csv`, sheet(rows(figures, language), language.locale))}
        >
          <span class="sr-only">{language.t("desk.figures_csv")}: </span>
          {language.t(words)} (CSV)
        </button>
      ))}
    </div>
  );
}

function Shown({ figures, language }: { figures: DeskFigures; language: Translator }) {
  const { total, days, agents, kept } = figures;
  const short = new Intl.DateTimeFormat(dated(language.locale), { day: "numeric", month: "short", timeZone: "UTC" });
  const weekday = new Intl.DateTimeFormat(dated(language.locale), { weekday: "short", timeZone: "UTC" });
  const names = days.map((day) => short.format(new Date(day.day)));
  const t = language.t.bind(language);
  const tiles: [string, string, string][] = [
    [t("desk.figures_opened"), String(total.opened), t("desk.figures_closed_n", { n: total.closed })],
    [t("desk.sla_first_response"), minutes(total.first_response.median, language), t("desk.figures_kept", { share: share(kept["first_response"], language) })],
    [t("desk.sla_resolution"), minutes(total.resolution.median, language), t("desk.figures_kept", { share: share(kept["resolution"], language) })],
    [t("desk.figures_satisfaction"), score(total.satisfaction.average, language), t("desk.figures_ratings", { n: total.satisfaction.count })],
  ];
  const rounded = (span: Spans) => (span.median === null ? null : Math.round(span.median));
  const clock = new Intl.DateTimeFormat(language.locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "UTC" });
  const hourOf = (hour: number) => clock.format(new Date(MONDAY + hour * 3_600_000));
  const scores = ["1", "2", "3", "4", "5"];
  const week = Array.from({ length: 7 }, (_, day) => weekday.format(new Date(MONDAY + day * 86_400_000)));
  return (
    <>
      <Files figures={figures} language={language} />
      <dl class="tiles">
        {tiles.map(([name, value, beside]) => (
          <div key={name} class="tile">
            <dt>{name}</dt>
            <dd>
              <strong>{value}</strong>
              <span class="hint">{beside}</span>
            </dd>
          </div>
        ))}
      </dl>
      <Figure
        title={t("desk.figures_load")}
        chart={
          <Bars
            label={t("desk.figures_load")}
            names={names}
            series={[
              { name: t("desk.figures_opened"), tone: 1, values: days.map((day) => day.opened) },
              { name: t("desk.figures_closed"), tone: 2, values: days.map((day) => day.closed) },
            ]}
          />
        }
        table={
          <Numbers
            caption={t("desk.figures_load")}
            head={[t("desk.figures_day"), t("desk.figures_opened"), t("desk.figures_closed"), t("desk.figures_messages")]}
            rows={days.map((day, index) => [names[index] ?? day.day, day.opened, day.closed, day.messages]).reverse()}
          />
        }
      />
      <Figure
        title={t("desk.figures_times")}
        note={t("desk.figures_times_note")}
        chart={
          <Bars
            label={t("desk.figures_times")}
            names={names}
            series={[
              { name: t("desk.sla_first_response"), tone: 1, values: days.map((day) => rounded(day.first_response)) },
              { name: t("desk.sla_resolution"), tone: 2, values: days.map((day) => rounded(day.resolution)) },
            ]}
          />
        }
        table={
          <Numbers
            caption={t("desk.figures_times")}
            head={[t("desk.figures_day"), t("desk.sla_first_response"), t("desk.sla_resolution")]}
            rows={days
              .map((day, index) => [names[index] ?? day.day, minutes(day.first_response.median, language), minutes(day.resolution.median, language)])
              .reverse()}
          />
        }
      />
      <Figure
        title={t("desk.figures_satisfaction")}
        chart={
          <Bars
            label={t("desk.figures_satisfaction")}
            names={scores}
            series={[{ name: t("desk.figures_ratings_name"), tone: 1, values: scores.map((one) => total.satisfaction.scores[one] ?? 0) }]}
          />
        }
        table={
          <Numbers
            caption={t("desk.figures_satisfaction")}
            head={[t("desk.figures_score"), t("desk.figures_ratings_name")]}
            rows={scores.map((one) => [one, total.satisfaction.scores[one] ?? 0])}
          />
        }
      />
      <Figure
        title={t("desk.figures_hours")}
        chart={<Heat label={t("desk.figures_hours")} rows={week} hourOf={hourOf} values={figures.hours} />}
        table={
          <Numbers
            caption={t("desk.figures_hours")}
            head={[t("desk.figures_hour"), ...week]}
            rows={Array.from({ length: 24 }, (_, hour) => [hourOf(hour), ...week.map((_name, day) => figures.hours[day]?.[hour] ?? 0)])}
          />
        }
      />
      <section class="figure" aria-label={t("desk.figures_agents")}>
        <h3>{t("desk.figures_agents")}</h3>
        <Numbers
          caption={t("desk.figures_agents")}
          head={[
            t("desk.colleague_choice"),
            t("desk.figures_answers"),
            t("desk.figures_closed"),
            t("desk.figures_now"),
            t("desk.sla_first_response"),
            t("desk.sla_resolution"),
            t("desk.figures_satisfaction"),
          ]}
          rows={agents.map((one) => [
            one.agent.display_name,
            one.answers,
            one.closed,
            one.load,
            minutes(one.first_response.median, language),
            minutes(one.resolution.median, language),
            score(one.satisfaction.average, language),
          ])}
        />
      </section>
    </>
  );
}
