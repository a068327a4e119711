// What can be done at once with the rows that are ticked. Each is asked for by itself at the server: what may not be
// done to one of them does not keep the others back, and stays ticked.
import { useRef } from "preact/hooks";
import { useHeir } from "../shared/ui/heir";
import { useLanguage } from "../shared/ui/hooks";
import { Icon } from "../shared/ui/icons";
import type { BulkChange } from "../shared/wire";
import type { DeskClient } from "./client";
import { DeskIcon } from "./icons";
import { Menu } from "./menu";
import { PRIORITIES, SNOOZES, snoozeUntil, type Priority, type Snooze } from "./model";

type Work = Omit<BulkChange, "ids">;

/** What only who has a conversation may do; of these a refusal says how one comes to have it. */
const HOLDERS: readonly Work["action"][] = ["close", "reopen", "release"];
const REFUSED = ["not_permitted", "not_found"];

export async function changeMany(client: DeskClient, ids: readonly string[], work: Work): Promise<void> {
  if (client.inbox.working > 0) return;
  client.inbox.working = ids.length;
  // Tens of them take seconds: what was said before would stand there as if it were their outcome.
  client.dismissNotice();
  const answer = await client.desk.bulk({ ids: [...ids], ...work });
  client.inbox.working = 0;
  if (!answer.ok) return client.say(answer, null);
  const { done, failed } = answer.data;
  for (const id of done) client.inbox.selected.delete(id);
  const undo =
    work.action === "close" && done.length > 0
      ? { undo: { words: "desk.reopen" as const, run: () => void changeMany(client, done, { action: "reopen" }) } }
      : {};
  const notOurs = HOLDERS.includes(work.action) && failed.every((one) => REFUSED.includes(one.code));
  const words = failed.length === 0 ? "desk.bulk_done" : notOurs ? "desk.bulk_not_held" : "desk.bulk_partly";
  client.say(answer, { words, params: { n: done.length, failed: failed.length }, ...undo });
}

export function BulkBar({ client }: { client: DeskClient }) {
  const language = useLanguage();
  const { selected, working } = client.inbox;
  const { office } = client;
  const bar = useRef<HTMLDivElement>(null);
  useHeir(bar, () => document.getElementById("conversations"));
  const labels = office.labels.filter((label) => !label.archived);
  const run = (work: Work) => void changeMany(client, [...selected], work);
  const closed = client.inbox.chosen.view === "closed";
  const agents = office.agents.map((agent) => ({ key: agent.id, label: agent.display_name }));
  return (
    <div ref={bar} class="bulk" role="toolbar" aria-busy={working > 0} aria-label={language.t("desk.bulk")}>
      <button
        type="button"
        class="tool"
        aria-label={language.t("desk.bulk_none")}
        title={language.t("desk.bulk_none")}
        onClick={() => {
          client.inbox.selected.clear();
          client.dismissNotice();
        }}
      >
        <Icon name="close" size={16} />
      </button>
      <span class="bulk-count" role="status">
        {language.t(working > 0 ? "desk.bulk_working" : "desk.bulk_count", { n: working || selected.size })}
      </span>
      <button type="button" class="button button-small" aria-disabled={working > 0} onClick={() => run({ action: closed ? "reopen" : "close" })}>
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
    </div>
  );
}
