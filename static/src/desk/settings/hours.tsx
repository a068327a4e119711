// When support answers: promised times run in these hours only, and outside of them visitors are told when it opens.
import { useEffect, useState } from "preact/hooks";
import { dated } from "../../shared/dated";
import type { Failure } from "../../shared/result";
import { FormError, valuesOf } from "../../shared/ui/fields";
import { useLanguage } from "../../shared/ui/hooks";
import type { SupportHoursShape } from "../../shared/wire";
import type { DeskClient } from "../client";
import { ProofFields, useProof } from "../proof";

const WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
/** The zones of the country that this is made for; another one that is set stays to be chosen. */
const ZONES = ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"];
const HOME = "ID";
const SPAN = "[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]";
const DAY_MS = 86_400_000;
/** A Monday, to name the days of the week from. */
const MONDAY = Date.UTC(2024, 0, 1);

function spansOf(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

/** One day a line, `2026-12-24 08:00-12:00`; a day alone is closed. */
function daysOf(text: string): Record<string, string[]> {
  const lines = text.split("\n").map(spansOf).filter((line) => line.length > 0);
  return Object.fromEntries(lines.map(([day = "", ...spans]) => [day, spans]));
}

export function HoursSettings({ client }: { client: DeskClient }) {
  const language = useLanguage();
  const proof = useProof(client);
  const [hours, setHours] = useState<SupportHoursShape | null>(null);
  const [error, setError] = useState<Failure | null>(null);
  useEffect(() => {
    void client.desk.hours().then((answer) => {
      if (answer.ok) setHours(answer.data.hours);
      else setError(answer.error);
    });
  }, []);
  if (!hours) return <FormError error={error} />;
  const submit = async (form: HTMLFormElement) => {
    const value = valuesOf(form);
    const wanted: SupportHoursShape = {
      zone: value("zone"),
      country: value("holidays") === "on" ? hours.country || HOME : "",
      week: Object.fromEntries(WEEK.map((day) => [day, spansOf(value(day))])),
      days: daysOf(value("days")),
    };
    const answer = await proof.with(value, () => client.desk.putHours(wanted));
    setError(answer.ok ? null : answer.error);
    if (answer.ok) client.say(answer, { words: "desk.saved_toast" });
  };
  const weekday = new Intl.DateTimeFormat(dated(language.locale), { weekday: "long", timeZone: "UTC" });
  const days = Object.entries(hours.days).map(([day, spans]) => [day, ...spans].join(" "));
  return (
    <form
      class="policies"
      onSubmit={(event) => {
        event.preventDefault();
        void submit(event.currentTarget);
      }}
    >
      <p class="hint">{language.t("desk.hours_note")}</p>
      <div class="both">
        {WEEK.map((day, index) => (
          <div key={day} class="field">
            <label for={`hours-${day}`}>{weekday.format(new Date(MONDAY + index * DAY_MS))}</label>
            <input
              id={`hours-${day}`}
              name={day}
              autocomplete="off"
              pattern={`\\s*(${SPAN}([\\s,]+${SPAN})*)?\\s*`}
              title={language.t("desk.hours_shape")}
              defaultValue={(hours.week[day] ?? []).join(", ")}
            />
          </div>
        ))}
      </div>
      <div class="field">
        <label for="hours-zone">{language.t("desk.hours_zone")}</label>
        <select id="hours-zone" name="zone" defaultValue={hours.zone}>
          {[...new Set([...ZONES, hours.zone])].map((zone) => (
            <option key={zone} value={zone} selected={zone === hours.zone}>
              {zone}
            </option>
          ))}
        </select>
      </div>
      <label class="switch">
        <input type="checkbox" name="holidays" defaultChecked={hours.country !== ""} />
        {language.t("desk.hours_holidays")}
      </label>
      <div class="field">
        <label for="hours-days">{language.t("desk.hours_days")}</label>
        <textarea id="hours-days" name="days" rows={4} aria-describedby="hours-days-hint" defaultValue={days.join("\n")} />
        <p id="hours-days-hint" class="hint">
          {language.t("desk.hours_days_hint")}
        </p>
      </div>
      {proof.asked && <ProofFields error={error} />}
      <FormError error={error} overrides={{ invalid_input: "desk.hours_refused" }} />
      <button type="submit" class="button button-main">
        {language.t("desk.save")}
      </button>
    </form>
  );
}
