// Small signs that list and pane share: priority, labels, snooze, what is promised.
import { useLanguage, useNow } from "../shared/ui/hooks";
import type { DeskLabel } from "../shared/wire";
import { DeskIcon } from "./icons";
import { labelOf, pressing, timingNow, type Case, type Priority } from "./model";

export function PriorityMark({ priority, always = false }: { priority: Priority; always?: boolean }) {
  const language = useLanguage();
  // What is as usual needs no sign.
  if (priority === "normal" && !always) return null;
  return (
    <span class={`priority priority-${priority}`}>
      <DeskIcon name="flag" size={14} />
      {language.t(`desk.priority_${priority}`)}
    </span>
  );
}

export function LabelChips({ labels, known, most }: { labels: readonly string[]; known: readonly DeskLabel[]; most: number }) {
  const shown = labels.slice(0, most).map((key) => labelOf(known, key));
  const rest = labels.slice(most).map((key) => labelOf(known, key).name);
  return (
    <span class="label-chips">
      {shown.map((label) => (
        <span key={label.key} class="label-chip">
          <span class={`dot dot-${label.colour}`} aria-hidden="true" />
          {label.name}
        </span>
      ))}
      {rest.length > 0 && (
        <span class="label-chip" title={rest.join(", ")}>
          +{rest.length}
          <span class="sr-only"> {rest.join(", ")}</span>
        </span>
      )}
    </span>
  );
}

export function SnoozeMark({ until }: { until: string }) {
  const language = useLanguage();
  const at = new Date(until);
  const near = at.getTime() - Date.now() < 20 * 3_600_000;
  return (
    <span class="snooze-mark">
      <DeskIcon name="snooze" size={14} />
      {language.t("desk.snoozed_until", { time: near ? language.time(at) : language.day(at, new Date()) })}
    </span>
  );
}

const MINUTE = 60_000;

/** What was promised next, and how long there is for it. */
export function PromiseSign({ item }: { item: Case }) {
  const language = useLanguage();
  const now = useNow(MINUTE);
  const promise = pressing(item);
  if (!promise?.due_at) return null;
  const timing = timingNow(promise, now);
  const left = Date.parse(promise.due_at) - now;
  const words = language.t(left >= 0 ? "desk.sla_left" : "desk.sla_over", { time: language.duration(Math.abs(left)) });
  return (
    <span class={`sla sla-${timing}`} title={language.moment(new Date(promise.due_at))}>
      <span class="sla-aim">{language.t(`desk.sla_${promise.aim}`)}</span> {words}
    </span>
  );
}
