// What is promised for each priority, when it is warned of, and how a conversation finds somebody.
import { useState } from "preact/hooks";
import type { Failure } from "../../shared/result";
import { FormError, valuesOf } from "../../shared/ui/fields";
import { useLanguage } from "../../shared/ui/hooks";
import type { DeskSettings } from "../../shared/wire";
import type { DeskClient } from "../client";
import { PRIORITIES } from "../model";

const AIMS = ["first_response", "resolution"] as const;
const WAYS = ["by_hand", "round_robin", "least_load"] as const;

export function PolicySettings({ client }: { client: DeskClient }) {
  const language = useLanguage();
  const [error, setError] = useState<Failure | null>(null);
  const { settings } = client.office;
  if (!settings) return null;
  const submit = async (form: HTMLFormElement) => {
    const value = valuesOf(form);
    const minutes = (name: string) => (value(name) ? Number(value(name)) : null);
    const policies = Object.fromEntries(
      PRIORITIES.map((priority) => [
        priority,
        { first_response: minutes(`${priority}-first_response`), resolution: minutes(`${priority}-resolution`) },
      ]),
    ) as DeskSettings["policies"];
    const assigning = value("assigning") as DeskSettings["assigning"];
    const answer = await client.desk.changeSettings({ policies, assigning, warn_at: Number(value("warn_at")) });
    setError(answer.ok ? null : answer.error);
    if (!answer.ok) return;
    client.office.takeSettings(answer.data.settings);
    client.say(answer, { words: "desk.saved_toast" });
  };
  return (
    <form
      class="policies"
      onSubmit={(event) => {
        event.preventDefault();
        void submit(event.currentTarget);
      }}
    >
      <p class="hint">{language.t("desk.policies_note")}</p>
      <div class="numbers">
        <table>
          <caption class="sr-only">{language.t("desk.settings_policies")}</caption>
          <thead>
            <tr>
              <th scope="col">{language.t("desk.priority")}</th>
              {AIMS.map((aim) => (
                <th key={aim} scope="col">
                  {language.t(`desk.sla_${aim}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {PRIORITIES.map((priority) => (
              <tr key={priority}>
                <th scope="row">{language.t(`desk.priority_${priority}`)}</th>
                {AIMS.map((aim) => (
                  <td key={aim}>
                    <input
                      type="number"
                      name={`${priority}-${aim}`}
                      min={1}
                      max={525_600}
                      aria-label={`${language.t(`desk.priority_${priority}`)}: ${language.t(`desk.sla_${aim}`)}`}
                      defaultValue={String(settings.policies[priority]?.[aim] ?? "")}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div class="field">
        <label for="warn-at">{language.t("desk.warn_at")}</label>
        <input id="warn-at" name="warn_at" type="number" min={1} max={99} required defaultValue={String(settings.warn_at)} />
      </div>
      <div class="field">
        <label for="assigning">{language.t("desk.assigning")}</label>
        <select id="assigning" name="assigning" defaultValue={settings.assigning}>
          {WAYS.map((way) => (
            <option key={way} value={way} selected={way === settings.assigning}>
              {language.t(`desk.assigning_${way}`)}
            </option>
          ))}
        </select>
      </div>
      <FormError error={error} />
      <button type="submit" class="button button-main">
        {language.t("desk.save")}
      </button>
    </form>
  );
}
