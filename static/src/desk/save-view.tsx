// Keeps what is looked at now as a view under a name of its own, for oneself or for the whole desk.
import type { Failure, Result } from "../shared/result";
import { useLanguage } from "../shared/ui/hooks";
import type { CaseView, ViewFilter } from "../shared/wire";
import type { DeskClient } from "./client";
import { FormDialog, TextField } from "./dialog";
import type { Chosen } from "./queue";

/** What a built-in view means in the words of a saved one. */
function filterOf(chosen: Chosen, saved: ViewFilter | null): ViewFilter {
  const base: Record<string, Partial<ViewFilter>> = {
    mine: { status: "open", assignee: "me", snoozed: false },
    mine_waiting: { status: "open", assignee: "me", waiting: true, snoozed: false },
    queue: { status: "open", assignee: "none", snoozed: false },
    snoozed: { snoozed: true },
    closed: { status: "closed" },
  };
  return {
    ...(saved ?? base[chosen.view] ?? { status: "open" }),
    ...(chosen.label ? { label: chosen.label } : {}),
    ...(chosen.priority ? { priority: chosen.priority } : {}),
    sort: chosen.sort,
  };
}

export function SaveViewDialog({ client, onClose }: { client: DeskClient; onClose: () => void }) {
  const language = useLanguage();
  const { inbox } = client;
  const submit = async (value: (name: string) => string): Promise<Result<unknown>> => {
    const filter = filterOf(inbox.chosen, inbox.saved(inbox.chosen.view)?.filter ?? null);
    const answer = await client.desk.keepView({ name: value("name").trim(), filter, shared: value("shared") === "on" });
    if (!answer.ok) return answer;
    await inbox.loadViews();
    client.say(answer, { words: "desk.view_kept_toast" });
    await client.choose({ view: answer.data.view.id, label: null, priority: null });
    return answer;
  };
  return (
    <FormDialog id="view" title={language.t("desk.view_keep")} action={language.t("desk.save")} onClose={onClose} onSubmit={submit}>
      {(error) => (
        <>
          <p>{language.t("desk.view_keep_note")}</p>
          <ViewFields error={error} />
        </>
      )}
    </FormDialog>
  );
}

/** Calls a view of one's own otherwise, shares it or keeps it for oneself. What it shows stays. */
export function ChangeViewDialog({ client, view, onClose }: { client: DeskClient; view: CaseView; onClose: () => void }) {
  const language = useLanguage();
  const submit = async (value: (name: string) => string): Promise<Result<unknown>> => {
    const answer = await client.desk.changeView(view.id, { name: value("name").trim(), shared: value("shared") === "on" });
    if (!answer.ok) return answer;
    await client.inbox.loadViews();
    client.say(answer, { words: "desk.saved_toast" });
    return answer;
  };
  return (
    <FormDialog id="view" title={language.t("desk.view_change", { name: view.name ?? "" })} action={language.t("desk.save")} onClose={onClose} onSubmit={submit}>
      {(error) => <ViewFields view={view} error={error} />}
    </FormDialog>
  );
}

function ViewFields({ view, error }: { view?: CaseView; error: Failure | null }) {
  const language = useLanguage();
  return (
    <>
      <TextField name="name" label={language.t("desk.view_name")} rows={1} max={60} required value={view?.name ?? ""} error={error} />
      <label class="switch">
        <input type="checkbox" name="shared" defaultChecked={view?.shared ?? false} />
        {language.t("desk.view_shared")}
      </label>
    </>
  );
}
