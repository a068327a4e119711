// Figures as a file that the reader's spreadsheet opens by itself. Programs have `/api/v1/desk/figures.csv`, which is the
// same in every language. Pure but for `offer`.
import type { Translator } from "../shared/i18n";
import type { DeskFigures } from "../shared/wire";

export type Cell = string | number | null;

/** What a spreadsheet takes for a formula at the beginning of a cell. Names are people's own. */
const RISKY = /^[=+\-@\t\r]/;
/** Without it Excel takes UTF-8 for a code page of its own. */
const MARK = "\ufeff";
const DAY_MS = 86_400_000;
/** A Monday, to name the days of the week from. */
const MONDAY = Date.UTC(2024, 0, 1);

/**
 * A table as CSV. Where decimals have a comma, spreadsheets part cells at `;`: with Indonesian settings Excel puts a line
 * with commas into one cell, and takes 7.5 for the seventh of May.
 */
export function sheet(rows: readonly (readonly Cell[])[], locale: string): string {
  const comma = new Intl.NumberFormat(locale).format(0.5).includes(",");
  const part = comma ? ";" : ",";
  const written = (cell: Cell) => {
    if (cell === null) return "";
    if (typeof cell === "number") return comma ? String(cell).replace(".", ",") : String(cell);
    const text = RISKY.test(cell) ? `'${cell}` : cell;
    return /[",;\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return MARK + rows.map((row) => row.map(written).join(part) + "\r\n").join("");
}

/** Minutes, as everywhere in these files: the header says so. */
function timed(language: Translator, aim: "first_response" | "resolution"): string[] {
  const name = language.t(`desk.sla_${aim}`);
  return [language.t("desk.csv_median", { name }), language.t("desk.csv_p90", { name })];
}

export function daysOf({ days }: DeskFigures, language: Translator): Cell[][] {
  const t = language.t.bind(language);
  const head = [
    t("desk.figures_day"),
    t("desk.figures_opened"),
    t("desk.figures_closed"),
    t("desk.figures_messages"),
    ...timed(language, "first_response"),
    ...timed(language, "resolution"),
    t("desk.figures_ratings_name"),
    t("desk.figures_satisfaction"),
  ];
  const rows = days.map((day) => [
    day.day,
    day.opened,
    day.closed,
    day.messages,
    day.first_response.median,
    day.first_response.p90,
    day.resolution.median,
    day.resolution.p90,
    day.satisfaction.count,
    day.satisfaction.average,
  ]);
  return [head, ...rows];
}

export function agentsOf({ agents }: DeskFigures, language: Translator): Cell[][] {
  const t = language.t.bind(language);
  const head = [
    t("desk.colleague_choice"),
    t("desk.figures_answers"),
    t("desk.figures_closed"),
    t("desk.figures_now"),
    ...timed(language, "first_response"),
    ...timed(language, "resolution"),
    t("desk.figures_ratings_name"),
    t("desk.figures_satisfaction"),
  ];
  const rows = agents.map((one) => [
    one.agent.display_name,
    one.answers,
    one.closed,
    one.load,
    one.first_response.median,
    one.first_response.p90,
    one.resolution.median,
    one.resolution.p90,
    one.satisfaction.count,
    one.satisfaction.average,
  ]);
  return [head, ...rows];
}

export function hoursOf({ hours }: DeskFigures, language: Translator): Cell[][] {
  const weekday = new Intl.DateTimeFormat(language.locale, { weekday: "long", timeZone: "UTC" });
  const head = [language.t("desk.figures_hour"), ...hours.map((_, day) => weekday.format(new Date(MONDAY + day * DAY_MS)))];
  const rows = Array.from({ length: 24 }, (_, hour) => [`${String(hour).padStart(2, "0")}:00`, ...hours.map((day) => day[hour] ?? 0)]);
  return [head, ...rows];
}

/** Gives a file to whoever asked for it. */
export function offer(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = name;
  link.click();
  // The browser has taken it by the next turn of the page's work.
  setTimeout(() => URL.revokeObjectURL(link.href));
}
