// Sends a sealed form: what the customer enters there never passes through the chat.
import { useEffect, useState } from "preact/hooks";
import { FormCalls } from "../shared/forms/calls";
import { useLanguage } from "../shared/ui/hooks";
import type { TemplateOut } from "../shared/wire";
import type { DeskClient } from "./client";
import { DeskIcon } from "./icons";
import { Menu } from "./menu";

export function FormMenu({ client, id }: { client: DeskClient; id: string }) {
  const language = useLanguage();
  const [templates, setTemplates] = useState<TemplateOut[]>([]);
  useEffect(() => {
    void new FormCalls(client.api.http).templates().then((answer) => answer.ok && setTemplates(answer.data.items.filter((one) => one.active)));
  }, []);
  if (templates.length === 0) return null;
  const send = async (template: string) => {
    client.say(await new FormCalls(client.api.http).begin(id, template), { words: "desk.form_sent_toast" });
    document.getElementById("reply")?.focus();
  };
  return (
    <Menu
      id="case-form"
      class="icon-button"
      label={language.t("desk.form_send")}
      up
      items={templates.map((template) => ({ key: template.id, label: template.title[language.locale] }))}
      onChoose={(template) => void send(template)}
    >
      <DeskIcon name="form" size={20} />
    </Menu>
  );
}
