// What can be done with the open conversation beside talking: priority, labels, snooze, macros. The server decides
// whether it may.
import { useLanguage } from "../shared/ui/hooks";
import type { CaseChange, Conversation } from "../shared/wire";
import type { DeskClient, Notice } from "./client";
import { DeskIcon } from "./icons";
import { Menu } from "./menu";
import { PRIORITIES, SNOOZES, snoozeUntil, type Case, type Priority, type Snooze } from "./model";
import { isSnoozed } from "./queue";
import { LabelChips, PriorityMark, PromiseSign, SnoozeMark } from "./signs";

interface CaseProps {
  client: DeskClient;
  conversation: Conversation;
  item: Case;
}

export async function changeCase(client: DeskClient, id: string, change: CaseChange, notice: Notice | null): Promise<void> {
  client.takeCase(await client.desk.change(id, change), notice);
}

export function snooze(client: DeskClient, id: string, choice: Snooze): Promise<void> {
  const undo = { words: "desk.wake" as const, run: () => void changeCase(client, id, { snoozed_until: null }, null) };
  const until = snoozeUntil(choice, new Date()).toISOString();
  return changeCase(client, id, { snoozed_until: until }, { words: "desk.snoozed_toast", undo });
}

/** Signs and menus in one line: each sign is the button that changes it. */
export function CaseTools({ client, conversation, item }: CaseProps) {
  const language = useLanguage();
  const known = client.office.labels;
  const may = conversation.access === "full" || client.account?.role === "admin";
  const asleep = isSnoozed(item, Date.now());
  if (!may) {
    return (
      <div class="case-tools">
        <PriorityMark priority={item.priority} />
        <LabelChips labels={item.labels} known={known} most={4} />
        {conversation.status === "open" && <PromiseSign item={item} />}
      </div>
    );
  }
  const labels = known.filter((label) => !label.archived || item.labels.includes(label.key));
  const toggle = (key: string) => {
    const kept = item.labels.includes(key) ? item.labels.filter((one) => one !== key) : [...item.labels, key];
    void changeCase(client, conversation.id, { labels: kept }, null);
  };
  return (
    <div class="case-tools">
      <Menu
        id="case-priority"
        class="tool"
        label={language.t("desk.priority")}
        shows
        items={PRIORITIES.map((priority) => ({
          key: priority,
          label: language.t(`desk.priority_${priority}`),
          checked: item.priority === priority,
        }))}
        onChoose={(key) => void changeCase(client, conversation.id, { priority: key as Priority }, null)}
      >
        <PriorityMark priority={item.priority} always />
      </Menu>
      <Menu
        id="case-labels"
        class="tool"
        label={language.t("desk.labels")}
        shows={item.labels.length > 0}
        several
        empty={language.t("desk.labels_none")}
        items={labels.map((label) => ({
          key: label.key,
          label: label.name,
          colour: String(label.colour),
          checked: item.labels.includes(label.key),
        }))}
        onChoose={toggle}
      >
        {item.labels.length ? (
          <LabelChips labels={item.labels} known={known} most={3} />
        ) : (
          <>
            <DeskIcon name="label" size={16} />
            <span class="tool-word">{language.t("desk.labels")}</span>
          </>
        )}
      </Menu>
      <Menu
        id="case-snooze"
        class={asleep ? "tool tool-on" : "tool"}
        label={language.t("desk.snooze")}
        shows={asleep}
        items={[
          ...SNOOZES.map((choice) => ({ key: choice, label: language.t(`desk.snooze_${choice}`) })),
          ...(asleep ? [{ key: "wake", label: language.t("desk.wake") }] : []),
        ]}
        onChoose={(key) =>
          void (key === "wake"
            ? changeCase(client, conversation.id, { snoozed_until: null }, { words: "desk.woken_toast" })
            : snooze(client, conversation.id, key as Snooze))
        }
      >
        {asleep && item.snoozed_until ? (
          <SnoozeMark until={item.snoozed_until} />
        ) : (
          <>
            <DeskIcon name="snooze" size={16} />
            <span class="tool-word">{language.t("desk.snooze")}</span>
          </>
        )}
      </Menu>
      {client.office.macros.length > 0 && (
        <Menu
          id="case-macros"
          class="tool"
          label={language.t("desk.macros")}
          items={client.office.macros.map((macro) => ({ key: macro.id, label: macro.title }))}
          onChoose={(id) => void runMacro(client, conversation.id, id)}
        >
          <DeskIcon name="bolt" size={16} />
          <span class="tool-word">{language.t("desk.macros")}</span>
        </Menu>
      )}
      {conversation.status === "open" && <PromiseSign item={item} />}
    </div>
  );
}

function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Runs all steps of a macro at the server; what it stopped at is said. */
export async function runMacro(client: DeskClient, id: string, macroId: string): Promise<void> {
  const macro = client.office.macros.find((one) => one.id === macroId);
  const answer = await client.desk.runMacro(id, macroId, newId());
  if (!answer.ok) return client.say(answer, null);
  const { done, failed } = answer.data;
  const words = failed ? "desk.macro_stopped" : "desk.macro_done";
  client.say(answer, { words, params: { name: macro?.title ?? "", n: done } });
}
