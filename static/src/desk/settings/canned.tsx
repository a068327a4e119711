// Ready answers: kept, changed and removed by every agent.
import { useState } from "preact/hooks";
import { useLanguage } from "../../shared/ui/hooks";
import { MessageText } from "../../shared/ui/message-text";
import type { DeskCannedOut } from "../../shared/wire";
import type { DeskClient } from "../client";
import { FormDialog, LineField, TextField } from "../dialog";

export function CannedSettings({ client }: { client: DeskClient }) {
  const language = useLanguage();
  const [open, setOpen] = useState<DeskCannedOut | "new" | null>(null);
  const { canned } = client.office;
  const remove = async (one: DeskCannedOut) => {
    const answer = await client.desk.dropCanned(one.id);
    await client.office.load();
    client.say(answer, { words: "desk.removed_toast", params: { name: one.title } });
  };
  return (
    <section aria-label={language.t("desk.settings_canned")}>
      <p class="hint">{language.t("desk.canned_note")}</p>
      <ul class="things">
        {canned.map((one) => (
          <li key={one.id} class="thing">
            <div class="thing-words">
              <strong>
                <kbd>/{one.shortcut}</kbd> {one.title}
              </strong>
              <p class="thing-text">
                <MessageText text={one.text} />
              </p>
            </div>
            <button type="button" class="button button-small" onClick={() => setOpen(one)}>
              {language.t("desk.change")}
              <span class="sr-only"> {one.title}</span>
            </button>
            <button type="button" class="button button-small button-quiet" onClick={() => void remove(one)}>
              {language.t("desk.remove")}
              <span class="sr-only"> {one.title}</span>
            </button>
          </li>
        ))}
      </ul>
      <button type="button" class="button" onClick={() => setOpen("new")}>
        {language.t("desk.canned_new")}
      </button>
      {open && <CannedDialog client={client} one={open === "new" ? null : open} onClose={() => setOpen(null)} />}
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
