// What can be done at once with the rows that are ticked. Each is asked for by itself at the server: what may not be
// done to one of them does not keep the others back, and stays ticked.
import { useLanguage } from "../shared/ui/hooks";
import type { BulkChange } from "../shared/wire";
import type { DeskClient } from "./client";
import { DeskIcon } from "./icons";
import { Menu } from "./menu";
import { PRIORITIES, SNOOZES, snoozeUntil, type Priority, type Snooze } from "./model";

type Work = Omit<BulkChange, "ids">;

export async function changeMany(client: DeskClient, ids: readonly string[], work: Work): Promise<void> {
  const answer = await client.desk.bulk({ ids: [...ids], ...work });
  if (!answer.ok) return client.say(answer, null);
  const { done, failed } = answer.data;
  for (const id of done) client.inbox.selected.delete(id);
  const undo =
    work.action === "close" && done.length > 0
      ? { undo: { words: "desk.reopen" as const, run: () => void changeMany(client, done, { action: "reopen" }) } }
      : {};
  const words = failed.length === 0 ? "desk.bulk_done" : "desk.bulk_partly";
  client.say(answer, { words, params: { n: done.length, failed: failed.length }, ...undo });
}

export function BulkBar({ client }: { client: DeskClient }) {
  const language = useLanguage();
  const { selected } = client.inbox;
  const { office } = client;
  const labels = office.labels.filter((label) => !label.archived);
  const run = (work: Work) => void changeMany(client, [...selected], work);
  const closed = client.inbox.chosen.view === "closed";
  const agents = office.agents.map((agent) => ({ key: agent.id, label: agent.display_name }));
  return (
    <div class="bulk" role="toolbar" aria-label={language.t("desk.bulk")}>
      <span class="bulk-count" role="status">
        {language.t("desk.bulk_count", { n: selected.size })}
      </span>
      <button type="button" class="button button-small" onClick={() => run({ action: closed ? "reopen" : "close" })}>
        {language.t(closed ? "desk.reopen" : "desk.bulk_close")}
      </button>
      <Menu
        id="bulk-assign"
        label={language.t("desk.assign_to")}
        class="tool"
        empty={language.t("desk.no_colleague")}
        items={[{ key: "", label: language.t("desk.release") }, ...agents]}
        onChoose={(id) => run(id ? { action: "assign", agent_id: id } : { action: "release" })}
      >
        <DeskIcon name="person" size={16} />
      </Menu>
      <Menu
        id="bulk-label"
        label={language.t("desk.label_add")}
        class="tool"
        empty={language.t("desk.labels_none")}
        items={labels.map((label) => ({ key: label.key, label: label.name, colour: String(label.colour) }))}
        onChoose={(label) => run({ action: "label", label })}
      >
        <DeskIcon name="label" size={16} />
      </Menu>
      <Menu
        id="bulk-priority"
        label={language.t("desk.priority")}
        class="tool"
        items={PRIORITIES.map((priority) => ({ key: priority, label: language.t(`desk.priority_${priority}`) }))}
        onChoose={(key) => run({ action: "priority", priority: key as Priority })}
      >
        <DeskIcon name="flag" size={16} />
      </Menu>
      <Menu
        id="bulk-snooze"
        label={language.t("desk.snooze")}
        class="tool"
        end
        items={[
          ...SNOOZES.map((choice) => ({ key: choice, label: language.t(`desk.snooze_${choice}`) })),
          { key: "wake", label: language.t("desk.wake") },
        ]}
        onChoose={(key) =>
          run(
            key === "wake"
              ? { action: "wake" }
              : { action: "snooze", snoozed_until: snoozeUntil(key as Snooze, new Date()).toISOString() },
          )
        }
      >
        <DeskIcon name="snooze" size={16} />
      </Menu>
      <button
        type="button"
        class="button button-small button-quiet"
        onClick={() => {
          client.inbox.selected.clear();
          client.dismissNotice();
        }}
      >
        {language.t("desk.bulk_none")}
      </button>
    </div>
  );
}
