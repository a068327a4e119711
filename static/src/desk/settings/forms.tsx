// Templates of sealed forms, for administrators: what is asked of customers, what for, for how long. A change makes the
// next version; what was sent stays as it was sent. None is removed for good, for what was filled in goes on needing it.
import { useEffect, useRef, useState } from "preact/hooks";
import { LABELS } from "../../shared/labels";
import type { Failure, Result } from "../../shared/result";
import { useLanguage } from "../../shared/ui/hooks";
import { MessageText } from "../../shared/ui/message-text";
import type { FieldType, Label, LabelIn, NewFormField, NewFormTemplate, TemplateOut } from "../../shared/wire";
import type { DeskClient } from "../client";
import { FormDialog } from "../dialog";
import { Things } from "./things";

/** What people fill sealed forms for; a conversation is looked at for other purposes. */
const PURPOSES = ["delivery", "billing", "registration", "invoice"] as const;
/** The type says so: a new one of the server's does not go unnamed. */
const NAMED: Record<FieldType, true> = {
  name: true,
  phone: true,
  email: true,
  street: true,
  place: true,
  postcode: true,
  nik: true,
  npwp: true,
  birth_date: true,
  date: true,
  bank_account: true,
  text: true,
  number: true,
  choice: true,
};
const TYPES = Object.keys(NAMED) as FieldType[];
const MOST_FIELDS = 20;
const MOST_CHOICES = 12;
const MOST_DAYS = 3_650;
const SHORT = 80;
const LONG = 400;
const NOTHING: LabelIn = { id: "", en: "" };
const newField = (): NewFormField => ({ type: "text", label: NOTHING, required: true, keep_days: 30, choices: [] });

export function FormSettings({ client }: { client: DeskClient }) {
  const language = useLanguage();
  const [templates, setTemplates] = useState<TemplateOut[]>([]);
  const load = async () => {
    const answer = await client.desk.templates();
    if (answer.ok) setTemplates(answer.data.items);
    else client.say(answer, null);
  };
  useEffect(() => void load(), []);
  return (
    <section aria-label={language.t("desk.settings_forms")}>
      <p class="hint">{language.t("desk.tpl_note")}</p>
      <Things
        things={templates}
        keyOf={(one) => one.id}
        nameOf={(one) => one.title[language.locale]}
        words={(one) => (
          <>
            <strong>
              <MessageText text={one.title[language.locale]} />
            </strong>
            <p class="thing-text">
              {[
                language.t(`desk.tpl_purpose_${one.purpose as (typeof PURPOSES)[number]}`),
                one.wants_location ? language.t("desk.tpl_location") : language.t("desk.tpl_fields_n", { n: one.fields.length }),
                !one.active && language.t(one.wants_location ? "desk.tpl_idle_location" : "desk.label_archived"),
              ]
                .filter(Boolean)
                .join(" · ")}
            </p>
          </>
        )}
        add={language.t("desk.tpl_new")}
        dialog={(one, onClose) => <TemplateDialog client={client} one={one} onSaved={load} onClose={onClose} />}
      />
    </section>
  );
}

function draftOf(one: TemplateOut | null): NewFormTemplate {
  if (!one) {
    return { purpose: "delivery", title: NOTHING, about: NOTHING, consent: NOTHING, fields: [newField()], fits: [], grant_days: 30, document: false, active: true };
  }
  const fields = one.fields.map(({ type, label, required, keep_days, choices }) => ({ type, label, required, keep_days, choices: choices.map((choice) => choice.label) }));
  const { purpose, title, about, consent, fits, grant_days, document, active } = one;
  return { purpose, title, about, consent, fields, fits, grant_days, document, active };
}

interface TemplateDialogProps {
  client: DeskClient;
  one: TemplateOut | null;
  onSaved: () => Promise<void>;
  onClose: () => void;
}

function TemplateDialog({ client, one, onSaved, onClose }: TemplateDialogProps) {
  const language = useLanguage();
  const [draft, setDraft] = useState(() => draftOf(one));
  const put = (change: Partial<NewFormTemplate>) => setDraft((before) => ({ ...before, ...change }));
  const submit = async (): Promise<Result<unknown>> => {
    const answer = await client.desk.putTemplate(one, draft);
    if (answer.ok) client.say(answer, { words: one ? "desk.tpl_changed_toast" : "desk.saved_toast" });
    // Somebody was quicker: what they made of it is what is changed next.
    if (answer.ok || answer.error.code === "conflict") await onSaved();
    return answer;
  };
  const fits = draft.fits ?? [];
  return (
    <FormDialog id="template" title={language.t(one ? "desk.tpl_change" : "desk.tpl_new")} action={language.t("desk.save")} onClose={onClose} onSubmit={submit}>
      {(error) => (
        <>
          {one && <p class="hint">{language.t("desk.tpl_sent_stay")}</p>}
          <Both name="title" label={language.t("desk.tpl_title")} value={draft.title} onChange={(title) => put({ title })} />
          <div class="field">
            <label for="template-purpose">{language.t("desk.tpl_purpose")}</label>
            <select id="template-purpose" value={draft.purpose} onChange={(event) => put({ purpose: event.currentTarget.value as NewFormTemplate["purpose"] })}>
              {PURPOSES.map((purpose) => (
                <option key={purpose} value={purpose}>
                  {language.t(`desk.tpl_purpose_${purpose}`)}
                </option>
              ))}
            </select>
          </div>
          <Both name="about" label={language.t("desk.tpl_about")} value={draft.about} long onChange={(about) => put({ about })} />
          <Both name="consent" label={language.t("desk.tpl_consent")} value={draft.consent} long onChange={(consent) => put({ consent })} />
          {!one?.wants_location && <Fields fields={draft.fields} onChange={(fields) => put({ fields })} />}
          <NumberField name="grant" label={language.t("desk.tpl_grant_days")} value={draft.grant_days ?? 30} onChange={(grant_days) => put({ grant_days })} />
          <fieldset class="fits">
            <legend>{language.t("desk.tpl_fits")}</legend>
            {LABELS.map((label: Label) => (
              <label key={label} class="fit">
                <input
                  type="checkbox"
                  checked={fits.includes(label)}
                  onChange={(event) => put({ fits: event.currentTarget.checked ? [...fits, label] : fits.filter((known) => known !== label) })}
                />
                {language.label(label)}
              </label>
            ))}
          </fieldset>
          {!one?.wants_location && (
            <Switch label={language.t("desk.tpl_document")} on={draft.document ?? false} onChange={(document) => put({ document })} />
          )}
          {one && <Switch label={language.t("desk.tpl_archive")} on={!draft.active} onChange={(archived) => put({ active: !archived })} />}
          <Refusals error={error} />
        </>
      )}
    </FormDialog>
  );
}

/** The parts that the server names in a refusal, in the words that stand beside them. */
const PARTS = {
  title: "desk.tpl_title",
  about: "desk.tpl_about",
  consent: "desk.tpl_consent",
  label: "desk.tpl_label",
  choices: "desk.tpl_choices",
  keep_days: "desk.tpl_keep_days",
  grant_days: "desk.tpl_grant_days",
} as const;

function Refusals({ error }: { error: Failure | null }) {
  const language = useLanguage();
  const refused = Object.entries(error?.fields ?? {});
  if (refused.length === 0) return null;
  return (
    <ul class="reason">
      {refused.map(([place, refusal]) => {
        const part = place.split(".").find((name): name is keyof typeof PARTS => name in PARTS);
        return <li key={place}>{`${language.t(part ? PARTS[part] : "desk.tpl_fields")}: ${language.field(refusal.reason) ?? refusal.message}`}</li>;
      })}
    </ul>
  );
}

/** One thing said in both languages: customers read theirs. */
function Both({ name, label, value, long = false, onChange }: { name: string; label: string; value: LabelIn; long?: boolean; onChange: (value: LabelIn) => void }) {
  const language = useLanguage();
  return (
    <div class="both">
      {(["id", "en"] as const).map((locale) => {
        const control = {
          id: `template-${name}-${locale}`,
          value: value[locale],
          required: true,
          maxLength: long ? LONG : SHORT,
          autocomplete: "off",
          onInput: (event: { currentTarget: { value: string } }) => onChange({ ...value, [locale]: event.currentTarget.value }),
        };
        return (
          <div key={locale} class="field">
            <label for={control.id}>{`${label} (${language.t(`desk.tpl_in_${locale}`)})`}</label>
            {long ? <textarea {...control} rows={3} /> : <input {...control} />}
          </div>
        );
      })}
    </div>
  );
}

function NumberField({ name, label, value, onChange }: { name: string; label: string; value: number; onChange: (value: number) => void }) {
  const id = `template-${name}`;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input id={id} type="number" required min={1} max={MOST_DAYS} value={Number.isNaN(value) ? "" : value} onInput={(event) => onChange(event.currentTarget.valueAsNumber)} />
    </div>
  );
}

function Switch({ label, on, onChange }: { label: string; on: boolean; onChange: (on: boolean) => void }) {
  return (
    <label class="switch">
      <input type="checkbox" checked={on} onChange={(event) => onChange(event.currentTarget.checked)} />
      {label}
    </label>
  );
}

/** What is asked, in its order. */
function Fields({ fields, onChange }: { fields: NewFormField[]; onChange: (fields: NewFormField[]) => void }) {
  const language = useLanguage();
  // Rows are told apart by numbers of their own: what is typed stays with its row when another leaves.
  const numbers = useRef<{ next: number; rows: number[] }>({ next: fields.length, rows: fields.map((_, index) => index) });
  const put = (index: number, change: Partial<NewFormField>) => onChange(fields.map((field, at) => (at === index ? { ...field, ...change } : field)));
  const move = (index: number, to: number) => {
    const { rows } = numbers.current;
    rows.splice(to, 0, ...rows.splice(index, 1));
    const moved = [...fields];
    moved.splice(to, 0, ...moved.splice(index, 1));
    onChange(moved);
  };
  const remove = (index: number) => {
    numbers.current.rows.splice(index, 1);
    onChange(fields.filter((_, at) => at !== index));
  };
  const add = () => {
    numbers.current.rows.push(numbers.current.next++);
    onChange([...fields, newField()]);
  };
  return (
    <>
      {fields.map((field, index) => {
        const number = numbers.current.rows[index] ?? index;
        return (
          <fieldset key={number} class="template-field">
            <legend>{language.t("desk.tpl_field_n", { n: index + 1 })}</legend>
            <Both name={`${number}-label`} label={language.t("desk.tpl_label")} value={field.label} onChange={(label) => put(index, { label })} />
            <div class="both">
              <div class="field">
                <label for={`template-${number}-type`}>{language.t("desk.tpl_type")}</label>
                <select
                  id={`template-${number}-type`}
                  value={field.type}
                  onChange={(event) => {
                    const type = event.currentTarget.value as FieldType;
                    put(index, { type, choices: type === "choice" ? [NOTHING, NOTHING] : [] });
                  }}
                >
                  {TYPES.map((type) => (
                    <option key={type} value={type}>
                      {language.t(`desk.tpl_type_${type}`)}
                    </option>
                  ))}
                </select>
              </div>
              <NumberField name={`${number}-keep`} label={language.t("desk.tpl_keep_days")} value={field.keep_days} onChange={(keep_days) => put(index, { keep_days })} />
            </div>
            {field.type === "choice" && <Choices number={number} choices={field.choices ?? []} onChange={(choices) => put(index, { choices })} />}
            <Switch label={language.t("desk.tpl_required")} on={field.required ?? true} onChange={(required) => put(index, { required })} />
            <div class="template-tools">
              <button type="button" class="button button-small button-quiet" disabled={index === 0} onClick={() => move(index, index - 1)}>
                {language.t("desk.tpl_up")}
                <span class="sr-only"> {index + 1}</span>
              </button>
              <button type="button" class="button button-small button-quiet" disabled={fields.length === 1} onClick={() => remove(index)}>
                {language.t("desk.remove")}
                <span class="sr-only"> {index + 1}</span>
              </button>
            </div>
          </fieldset>
        );
      })}
      {fields.length < MOST_FIELDS && (
        <button type="button" class="button button-small" onClick={add}>
          {language.t("desk.tpl_field_add")}
        </button>
      )}
    </>
  );
}

function Choices({ number, choices, onChange }: { number: number; choices: LabelIn[]; onChange: (choices: LabelIn[]) => void }) {
  const language = useLanguage();
  return (
    <>
      {choices.map((choice, index) => (
        <Both
          key={index}
          name={`${number}-choice-${index}`}
          label={language.t("desk.tpl_choice_n", { n: index + 1 })}
          value={choice}
          onChange={(value) => onChange(choices.map((known, at) => (at === index ? value : known)))}
        />
      ))}
      <div class="template-tools">
        <button type="button" class="button button-small" disabled={choices.length >= MOST_CHOICES} onClick={() => onChange([...choices, NOTHING])}>
          {language.t("desk.tpl_choice_add")}
        </button>
        <button type="button" class="button button-small button-quiet" disabled={choices.length <= 2} onClick={() => onChange(choices.slice(0, -1))}>
          {language.t("desk.tpl_choice_drop")}
        </button>
      </div>
    </>
  );
}
