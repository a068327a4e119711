// Macros: several steps under one name, done in their order.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Translator } from "../../shared/i18n";
import type { Result } from "../../shared/result";
import { useLanguage } from "../../shared/ui/hooks";
import type { MacroOut, MacroStep } from "../../shared/wire";
import type { DeskClient } from "../client";
import { FormDialog, LineField } from "../dialog";
import { labelOf, PRIORITIES, type Priority } from "../model";
import { Things } from "./things";

const KINDS = ["answer", "label", "unlabel", "priority", "snooze", "assign", "release", "close"] as const;
const MOST = 10;

function stepWords(step: MacroStep, client: DeskClient, language: Translator): string {
  const { office } = client;
  const what = {
    answer: () => office.canned.find((one) => one.id === step.canned_id)?.title ?? language.t("desk.step_canned_gone"),
    label: () => labelOf(office.labels, step.label ?? "").name,
    unlabel: () => labelOf(office.labels, step.label ?? "").name,
    priority: () => language.t(`desk.priority_${step.priority ?? "normal"}`),
    snooze: () => language.duration((step.hours ?? 0) * 3_600_000),
    assign: () => office.nameOf(step.agent_id ?? "") ?? "?",
    release: () => "",
    close: () => "",
  }[step.kind]();
  return language.t(`desk.step_${step.kind}`) + (what ? `: ${what}` : "");
}

export function MacroSettings({ client }: { client: DeskClient }) {
  const language = useLanguage();
  const remove = async (one: MacroOut) => {
    const answer = await client.desk.dropMacro(one.id);
    await client.office.load();
    client.say(answer, { words: "desk.removed_toast", params: { name: one.title } });
    return answer;
  };
  return (
    <section aria-label={language.t("desk.settings_macros")}>
      <p class="hint">{language.t("desk.macros_note")}</p>
      <Things
        things={client.office.macros}
        keyOf={(one) => one.id}
        nameOf={(one) => one.title}
        words={(one) => (
          <>
            <strong>{one.title}</strong>
            <p class="thing-text">{one.steps.map((step) => stepWords(step, client, language)).join(" → ")}</p>
          </>
        )}
        add={language.t("desk.macro_new")}
        onRemove={remove}
        dialog={(one, onClose) => <MacroDialog client={client} one={one} onClose={onClose} />}
      />
    </section>
  );
}

/** What the second field of a step offers; null where its kind needs none. */
function choicesOf(kind: MacroStep["kind"], client: DeskClient, language: Translator): [string, string][] | null {
  const { office } = client;
  if (kind === "answer") return office.canned.map((one) => [one.id, one.title]);
  if (kind === "label" || kind === "unlabel") {
    return (office.labels).filter((label) => !label.archived).map((label) => [label.key, label.name]);
  }
  if (kind === "priority") return PRIORITIES.map((one) => [one, language.t(`desk.priority_${one}`)]);
  if (kind === "snooze") return [1, 4, 24, 72, 168].map((hours) => [String(hours), language.duration(hours * 3_600_000)]);
  if (kind === "assign") return office.agents.map((agent) => [agent.id, agent.display_name]);
  return null;
}

function valueOf(step: MacroStep): string {
  return step.canned_id ?? step.label ?? step.priority ?? step.agent_id ?? (step.hours ? String(step.hours) : "");
}

function stepOf(kind: MacroStep["kind"], value: string): MacroStep {
  if (kind === "answer") return { kind, canned_id: value };
  if (kind === "label" || kind === "unlabel") return { kind, label: value };
  if (kind === "priority") return { kind, priority: value as Priority };
  if (kind === "snooze") return { kind, hours: Number(value) };
  return kind === "assign" ? { kind, agent_id: value } : { kind };
}

function MacroDialog({ client, one, onClose }: { client: DeskClient; one: MacroOut | null; onClose: () => void }) {
  const language = useLanguage();
  const [steps, setSteps] = useState<MacroStep[]>(one?.steps ?? [{ kind: "close" }]);
  const list = useRef<HTMLOListElement>(null);
  useLayoutEffect(() => {
    // The button that took the last step away has gone with it, and the only step's can't be pressed.
    const left = document.activeElement;
    if (left === document.body || (left instanceof HTMLButtonElement && left.disabled)) list.current?.querySelector<HTMLElement>("li:last-child select")?.focus();
  }, [steps.length]);
  const put = (index: number, step: MacroStep) => setSteps(steps.map((old, at) => (at === index ? step : old)));
  const submit = async (value: (name: string) => string): Promise<Result<unknown>> => {
    const answer = await client.desk.putMacro(one?.id ?? null, { title: value("title").trim(), steps });
    if (answer.ok) await client.office.load();
    return answer;
  };
  return (
    <FormDialog id="macro" title={language.t(one ? "desk.macro_change" : "desk.macro_new")} action={language.t("desk.save")} onClose={onClose} onSubmit={submit}>
      {(error) => (
        <>
          <LineField name="title" label={language.t("desk.macro_title")} max={120} value={one?.title ?? ""} error={error} />
          <ol ref={list} class="steps">
            {steps.map((step, index) => {
              const choices = choicesOf(step.kind, client, language);
              return (
                <li key={index} class="step">
                  <select
                    aria-label={language.t("desk.step_kind", { n: index + 1 })}
                    value={step.kind}
                    onChange={(event) => {
                      const kind = event.currentTarget.value as MacroStep["kind"];
                      put(index, stepOf(kind, choicesOf(kind, client, language)?.[0]?.[0] ?? ""));
                    }}
                  >
                    {KINDS.map((kind) => (
                      <option key={kind} value={kind}>
                        {language.t(`desk.step_${kind}`)}
                      </option>
                    ))}
                  </select>
                  {choices && (
                    <select
                      aria-label={language.t("desk.step_value", { n: index + 1 })}
                      value={valueOf(step)}
                      required
                      onChange={(event) => put(index, stepOf(step.kind, event.currentTarget.value))}
                    >
                      {choices.map(([value, name]) => (
                        <option key={value} value={value}>
                          {name}
                        </option>
                      ))}
                    </select>
                  )}
                  <button
                    type="button"
                    class="button button-small button-quiet"
                    disabled={steps.length === 1}
                    onClick={() => setSteps(steps.filter((_, at) => at !== index))}
                  >
                    {language.t("desk.remove")}
                    <span class="sr-only"> {index + 1}</span>
                  </button>
                </li>
              );
            })}
          </ol>
          {steps.length < MOST && (
            <button type="button" class="button button-small" onClick={() => setSteps([...steps, { kind: "close" }])}>
              {language.t("desk.step_add")}
            </button>
          )}
        </>
      )}
    </FormDialog>
  );
}
