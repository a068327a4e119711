// What narrows and orders the list of a view: by label, by priority, and in which order.
import { useLanguage } from "../shared/ui/hooks";
import type { DeskClient } from "./client";
import { DeskIcon } from "./icons";
import { Menu } from "./menu";
import { PRIORITIES, type Priority } from "./model";
import { SORTS, type Sort } from "./queue";

const ANY = "*";

export function ListTools({ client }: { client: DeskClient }) {
  const language = useLanguage();
  const { chosen } = client.inbox;
  const labels = client.office.labels.filter((label) => !label.archived);
  const chosenLabel = labels.find((label) => label.key === chosen.label);
  return (
    <div class="list-tools">
      {labels.length > 0 && (
        <Menu
          id="narrow-label"
          label={language.t("desk.narrow_label")}
          shows={chosenLabel !== undefined}
          class={chosen.label ? "tool tool-on" : "tool"}
          end
          items={[
            { key: ANY, label: language.t("desk.narrow_any"), checked: chosen.label === null },
            ...labels.map((label) => ({
              key: label.key,
              label: label.name,
              colour: String(label.colour),
              checked: chosen.label === label.key,
            })),
          ]}
          onChoose={(key) => void client.choose({ label: key === ANY ? null : key })}
        >
          <DeskIcon name="label" size={16} />
          {chosenLabel?.name}
        </Menu>
      )}
      <Menu
        id="narrow-priority"
        label={language.t("desk.narrow_priority")}
        shows={chosen.priority !== null}
        class={chosen.priority ? "tool tool-on" : "tool"}
        end
        items={[
          { key: ANY, label: language.t("desk.narrow_any"), checked: chosen.priority === null },
          ...PRIORITIES.map((priority) => ({
            key: priority,
            label: language.t(`desk.priority_${priority}`),
            checked: chosen.priority === priority,
          })),
        ]}
        onChoose={(key) => void client.choose({ priority: key === ANY ? null : (key as Priority) })}
      >
        <DeskIcon name="flag" size={16} />
        {chosen.priority && language.t(`desk.priority_${chosen.priority}`)}
      </Menu>
      <Menu
        id="list-order"
        label={language.t("desk.order")}
        class="tool"
        end
        items={SORTS.map((sort) => ({ key: sort, label: language.t(`desk.order_${sort}`), checked: chosen.sort === sort }))}
        onChoose={(key) => void client.choose({ sort: key as Sort })}
      >
        <DeskIcon name="order" size={16} />
      </Menu>
    </div>
  );
}
