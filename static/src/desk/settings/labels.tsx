// Labels: what conversations are sorted by, and what who is to get such a conversation must know.
import type { Result } from "../../shared/result";
import { useLanguage } from "../../shared/ui/hooks";
import type { DeskLabel } from "../../shared/wire";
import type { DeskClient } from "../client";
import { FormDialog, LineField } from "../dialog";
import { Things } from "./things";

const COLOURS = Array.from({ length: 12 }, (_, colour) => colour);

/** A key made of a name, in what the server takes for one. */
function keyOf(name: string): string {
  const slug = name.toLowerCase().normalize("NFKD").replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  return slug.slice(0, 32).replace(/-+$/, "");
}

export function LabelSettings({ client }: { client: DeskClient }) {
  const language = useLanguage();
  return (
    <section aria-label={language.t("desk.settings_labels")}>
      <Things
        things={client.office.labels}
        keyOf={(label) => label.key}
        nameOf={(label) => label.name}
        words={(label) => (
          <>
            <strong>
              <span class={`dot dot-${label.colour}`} aria-hidden="true" /> {label.name}
            </strong>
            <p class="thing-text">
              {[label.skill && language.t("desk.label_skill_is", { skill: label.skill }), label.archived && language.t("desk.label_archived")]
                .filter(Boolean)
                .join(" · ")}
            </p>
          </>
        )}
        add={language.t("desk.label_new")}
        dialog={(label, onClose) => <LabelDialog client={client} one={label} onClose={onClose} />}
      />
    </section>
  );
}

function LabelDialog({ client, one, onClose }: { client: DeskClient; one: DeskLabel | null; onClose: () => void }) {
  const language = useLanguage();
  const submit = async (value: (name: string) => string): Promise<Result<unknown>> => {
    const name = value("name").trim();
    const label = {
      key: one?.key ?? keyOf(name),
      name,
      colour: Number(value("colour")),
      skill: value("skill").trim().toLowerCase() || null,
      archived: value("archived") === "on",
    };
    const answer = await client.desk.changeSettings({ labels: [label] });
    if (answer.ok) client.office.takeSettings(answer.data.settings);
    if (answer.ok) client.say(answer, null);
    return answer;
  };
  return (
    <FormDialog id="label" title={language.t(one ? "desk.label_change" : "desk.label_new")} action={language.t("desk.save")} onClose={onClose} onSubmit={submit}>
      {(error) => (
        <>
          <LineField name="name" label={language.t("desk.label_name")} max={60} value={one?.name ?? ""} error={error} />
          <fieldset class="colours">
            <legend>{language.t("desk.label_colour")}</legend>
            {COLOURS.map((colour) => (
              <label key={colour} class="colour">
                <input type="radio" name="colour" value={colour} defaultChecked={colour === (one?.colour ?? 0)} />
                <span class={`dot dot-${colour}`} aria-hidden="true" />
                <span class="sr-only">{language.t("desk.label_colour_n", { n: colour + 1 })}</span>
              </label>
            ))}
          </fieldset>
          <LineField name="skill" label={language.t("desk.label_skill")} hint={language.t("desk.label_skill_hint")} max={32} pattern="[a-zA-Z0-9][a-zA-Z0-9\-]*" optional value={one?.skill ?? ""} error={error} />
          {one && (
            <label class="switch">
              <input type="checkbox" name="archived" defaultChecked={one.archived} />
              {language.t("desk.label_archive")}
            </label>
          )}
        </>
      )}
    </FormDialog>
  );
}
