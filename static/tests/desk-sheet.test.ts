// Figures as a file for a spreadsheet: Indonesian settings part cells at `;` and write decimals with a comma.
import { describe, expect, it } from "vitest";
import en from "../src/desk/locales/en.json";
import id from "../src/desk/locales/id.json";
import { agentsOf, daysOf, hoursOf, sheet } from "../src/desk/sheet";
import { Translator } from "../src/shared/i18n";
import type { DeskFigures, FigureDay } from "../src/shared/wire";

const spans = { count: 2, average: 7.5, median: 7.5, p90: 1234.5 };
const none = { count: 0, average: null, median: null, p90: null };
const day: FigureDay = {
  day: "2026-11-23",
  opened: 3,
  closed: 2,
  messages: 9,
  first_response: spans,
  resolution: none,
  satisfaction: { count: 2, average: 4.5, scores: {} },
};
const agent = { id: "1", display_name: '=HYPERLINK("x"); +62', role: "agent" as const };
const figures: DeskFigures = {
  days: [day],
  total: day,
  agents: [{ agent, answers: 4, closed: 2, load: 1, first_response: spans, resolution: none, satisfaction: { count: 0, average: null, scores: {} } }],
  hours: Array.from({ length: 7 }, (_, weekday) => Array.from({ length: 24 }, (_hour, hour) => weekday * 100 + hour)),
  kept: { first_response: null, resolution: null },
};
const indonesian = new Translator("id", id);
const english = new Translator("en", en);

describe("sheet", () => {
  it("is what Indonesian spreadsheets part and count with", () => {
    const [head, row, end] = sheet(daysOf(figures, indonesian), "id").split("\r\n");
    expect(head).toBe(
      "\ufeffHari;Dibuka;Ditutup;" + id["desk.figures_messages"] + ";\"Jawaban pertama, median (menit)\";\"Jawaban pertama, 90% paling lama (menit)\";" +
        "\"Penyelesaian, median (menit)\";\"Penyelesaian, 90% paling lama (menit)\";Penilaian;Kepuasan",
    );
    expect(row).toBe("2026-11-23;3;2;9;7,5;1234,5;;;2;4,5");
    expect(end).toBe("");
  });

  it("is what English ones do", () => {
    expect(sheet(daysOf(figures, english), "en").split("\r\n")[1]).toBe("2026-11-23,3,2,9,7.5,1234.5,,,2,4.5");
  });

  it("lets no name be a formula or a second cell", () => {
    expect(sheet(agentsOf(figures, indonesian), "id").split("\r\n")[1]).toBe("\"'=HYPERLINK(\"\"x\"\"); +62\";4;2;1;7,5;1234,5;;;0;");
    for (const risk of ["+1", "-1", "@a", "\ta"]) expect(sheet([[risk]], "id")).toBe(`\ufeff'${risk}\r\n`);
  });

  it("has every hour of every weekday", () => {
    const rows = hoursOf(figures, indonesian);
    expect(rows[0]).toEqual([id["desk.figures_hour"], "Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"]);
    expect(rows[24]).toEqual(["23:00", 23, 123, 223, 323, 423, 523, 623]);
  });
});
