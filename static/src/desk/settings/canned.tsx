// Ready answers: kept, changed and removed by every agent.
import { useLanguage } from "../../shared/ui/hooks";
import { MessageText } from "../../shared/ui/message-text";
import type { DeskCannedOut } from "../../shared/wire";
import type { DeskClient } from "../client";
import { FormDialog, LineField, TextField } from "../dialog";
import { Things } from "./things";

export function CannedSettings({ client }: { client: DeskClient }) {
  const language = useLanguage();
  const { canned } = client.office;
  const remove = async (one: DeskCannedOut) => {
    const answer = await client.desk.dropCanned(one.id);
    await client.office.load();
    client.say(answer, { words: "desk.removed_toast", params: { name: one.title } });
    return answer;
  };
  return (
    <section aria-label={language.t("desk.settings_canned")}>
      <p class="hint">{language.t("desk.canned_note")}</p>
      <Things
        things={canned}
        keyOf={(one) => one.id}
        nameOf={(one) => one.title}
        words={(one) => (
          <>
            <strong>
              <kbd>/{one.shortcut}</kbd> {one.title}
            </strong>
            <p class="thing-text">
              <MessageText text={one.text} />
            </p>
          </>
        )}
        add={language.t("desk.canned_new")}
        onRemove={remove}
        warning={(one) => {
          const using = client.office.macros.filter((macro) => macro.steps.some((step) => step.canned_id === one.id));
          return using.length > 0 ? language.t("desk.canned_in_macros", { names: using.map((macro) => macro.title).join(", ") }) : null;
        }}
        dialog={(one, onClose) => <CannedDialog client={client} one={one} onClose={onClose} />}
      />
    </section>
  );
}

function CannedDialog({ client, one, onClose }: { client: DeskClient; one: DeskCannedOut | null; onClose: () => void }) {
  const language = useLanguage();
  return (
    <FormDialog
      id="canned"
      title={language.t(one ? "desk.canned_change" : "desk.canned_new")}
      action={language.t("desk.save")}
      onClose={onClose}
      onSubmit={async (value) => {
        const body = { shortcut: value("shortcut").trim().toLowerCase(), title: value("title").trim(), text: value("text") };
        const answer = await client.desk.putCanned(one?.id ?? null, body);
        if (answer.ok) await client.office.load();
        return answer;
      }}
    >
      {(error) => (
        <>
          <LineField name="shortcut" label={language.t("desk.canned_shortcut")} hint={language.t("desk.canned_shortcut_hint")} max={32} pattern="[a-zA-Z0-9][a-zA-Z0-9\-]*" value={one?.shortcut ?? ""} error={error} />
          <LineField name="title" label={language.t("desk.canned_title")} max={120} value={one?.title ?? ""} error={error} />
          <TextField name="text" label={language.t("desk.canned_text")} hint={language.t("desk.canned_text_hint")} rows={6} max={4000} required value={one?.text ?? ""} error={error} />
        </>
      )}
    </FormDialog>
  );
}
