// Charts of the desk's figures, each with a table of the same numbers beside it. Drawn here, as SVG; no library.
import type { ComponentChildren } from "preact";
import { useLanguage } from "../shared/ui/hooks";

const WIDTH = 640;
const HEIGHT = 200;
const LEFT = 40;
const BOTTOM = 24;

export interface Series {
  name: string;
  /** One of the chart's colours, by number. */
  tone: 1 | 2;
  values: readonly (number | null)[];
}

/** The next round number above, for the top of a scale. */
export function roundUp(value: number): number {
  if (value <= 4) return 4;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 4, 5, 10].find((one) => one * power >= value) ?? 10;
  return step * power;
}

interface BarsProps {
  label: string;
  names: readonly string[];
  series: readonly Series[];
  unit?: string;
}

export function Bars({ label, names, series, unit = "" }: BarsProps) {
  const top = roundUp(Math.max(1, ...series.flatMap((one) => one.values.map((value) => value ?? 0))));
  const slot = (WIDTH - LEFT) / Math.max(1, names.length);
  const bar = Math.max(1, (slot * 0.76) / series.length);
  const y = (value: number) => (HEIGHT - BOTTOM) * (1 - value / top) + 8;
  const every = Math.ceil(names.length / 8);
  return (
    <>
      <svg class="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT + 8}`} role="img" aria-label={label}>
        {[0, top / 2, top].map((mark) => (
          <g key={mark}>
            <line class="chart-line" x1={LEFT} x2={WIDTH} y1={y(mark)} y2={y(mark)} />
            <text class="chart-words" x={LEFT - 6} y={y(mark) + 4} text-anchor="end">
              {`${mark}${unit}`}
            </text>
          </g>
        ))}
        {series.map((one, at) =>
          one.values.map((value, index) =>
            value === null ? null : (
              <rect
                key={`${one.name} ${index}`}
                class={`chart-bar tone-${one.tone}`}
                x={LEFT + index * slot + slot * 0.12 + at * bar}
                y={y(value)}
                width={bar}
                height={Math.max(0, y(0) - y(value))}
                rx={Math.min(3, bar / 3)}
              >
                <title>{`${names[index] ?? ""} · ${one.name}: ${value}${unit}`}</title>
              </rect>
            ),
          ),
        )}
        {names.map((name, index) =>
          index % every ? null : (
            <text key={name} class="chart-words" x={LEFT + (index + 0.5) * slot} y={HEIGHT + 4} text-anchor="middle">
              {name}
            </text>
          ),
        )}
      </svg>
      {series.length > 1 && (
        <p class="chart-key" aria-hidden="true">
          {series.map((one) => (
            <span key={one.name}>
              <span class={`swatch tone-${one.tone}`} /> {one.name}
            </span>
          ))}
        </p>
      )}
    </>
  );
}

interface HeatProps {
  label: string;
  rows: readonly string[];
  values: readonly (readonly number[])[];
  /** How an hour of the day, 0 to 23, is written. */
  hourOf: (hour: number) => string;
}

/** Weekdays down, hours across; the more, the stronger. */
export function Heat({ label, rows, values, hourOf }: HeatProps) {
  const most = Math.max(1, ...values.flat());
  const cell = (WIDTH - LEFT) / 24;
  return (
    <svg class="chart" viewBox={`0 0 ${WIDTH} ${rows.length * 26 + 20}`} role="img" aria-label={label}>
      {rows.map((row, day) => (
        <g key={row}>
          <text class="chart-words" x={LEFT - 6} y={day * 26 + 18} text-anchor="end">
            {row}
          </text>
          {(values[day] ?? []).map((value, hour) => (
            <rect
              key={hour}
              class="chart-cell"
              x={LEFT + hour * cell + 1}
              y={day * 26 + 2}
              width={cell - 2}
              height={22}
              rx={4}
              style={{ fillOpacity: value ? 0.15 + (0.85 * value) / most : 0.04 }}
            >
              <title>{`${row} ${hourOf(hour)}: ${value}`}</title>
            </rect>
          ))}
        </g>
      ))}
      {[0, 6, 12, 18].map((hour) => (
        <text key={hour} class="chart-words" x={LEFT + hour * cell} y={rows.length * 26 + 16}>
          {hourOf(hour)}
        </text>
      ))}
    </svg>
  );
}

interface TableProps {
  caption: string;
  head: readonly string[];
  rows: readonly (readonly (string | number)[])[];
}

export function Numbers({ caption, head, rows }: TableProps) {
  const language = useLanguage();
  return (
    <section class="numbers" aria-label={language.t("desk.figures_table", { title: caption })} tabIndex={0}>
      <table>
        <caption class="sr-only">{caption}</caption>
        <thead>
          <tr>
            {head.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row[0]}>
              {row.map((value, index) =>
                index === 0 ? (
                  <th key={index} scope="row">
                    {value}
                  </th>
                ) : (
                  <td key={index}>{value}</td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function Figure({ title, note, chart, table }: { title: string; note?: string; chart: ComponentChildren; table: ComponentChildren }) {
  return (
    <section class="figure" aria-label={title}>
      <h3>{title}</h3>
      {note && <p class="hint">{note}</p>}
      <div class="figure-parts">
        <div class="figure-chart">{chart}</div>
        {table}
      </div>
    </section>
  );
}
