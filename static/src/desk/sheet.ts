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

type Measured = Pick<DeskFigures["days"][number], "first_response" | "resolution" | "satisfaction">;

/** What is measured, of a day as of an agent. Times are minutes, as everywhere in these files: the header says so. */
function measuresOf(language: Translator): string[] {
  const t = language.t.bind(language);
  const timed = (["first_response", "resolution"] as const).flatMap((aim) => {
    const name = t(`desk.sla_${aim}`);
    return [t("desk.csv_median", { name }), t("desk.csv_p90", { name })];
  });
  return [...timed, t("desk.figures_ratings_name"), t("desk.figures_satisfaction")];
}

function measured({ first_response, resolution, satisfaction }: Measured): Cell[] {
  return [first_response.median, first_response.p90, resolution.median, resolution.p90, satisfaction.count, satisfaction.average];
}

export function daysOf({ days }: DeskFigures, language: Translator): Cell[][] {
  const t = language.t.bind(language);
  const head = [t("desk.figures_day"), t("desk.figures_opened"), t("desk.figures_closed"), t("desk.figures_messages"), ...measuresOf(language)];
  return [head, ...days.map((day) => [day.day, day.opened, day.closed, day.messages, ...measured(day)])];
}

export function agentsOf({ agents }: DeskFigures, language: Translator): Cell[][] {
  const t = language.t.bind(language);
  const head = [t("desk.colleague_choice"), t("desk.figures_answers"), t("desk.figures_closed"), t("desk.figures_now"), ...measuresOf(language)];
  return [head, ...agents.map((one) => [one.agent.display_name, one.answers, one.closed, one.load, ...measured(one)])];
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
