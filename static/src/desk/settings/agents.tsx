// What each agent knows and how much they can take; used where conversations find somebody by themselves.
import { useEffect, useState } from "preact/hooks";
import type { Failure } from "../../shared/result";
import { FormError, valuesOf } from "../../shared/ui/fields";
import { useLanguage } from "../../shared/ui/hooks";
import type { DeskAgentOut } from "../../shared/wire";
import type { DeskClient } from "../client";

export function AgentSettings({ client }: { client: DeskClient }) {
  const language = useLanguage();
  useEffect(() => void client.office.loadAgents(), []);
  return (
    <section aria-label={language.t("desk.settings_agents")}>
      <p class="hint">{language.t("desk.agents_note")}</p>
      <ul class="things">
        {client.office.agents.map((agent) => (
          <AgentRow key={agent.id} client={client} agent={agent} />
        ))}
      </ul>
    </section>
  );
}

function AgentRow({ client, agent }: { client: DeskClient; agent: DeskAgentOut }) {
  const language = useLanguage();
  const [error, setError] = useState<Failure | null>(null);
  const submit = async (form: HTMLFormElement) => {
    const value = valuesOf(form);
    const skills = value("skills").toLowerCase().split(/[\s,]+/).filter(Boolean);
    const answer = await client.desk.changeAgent(agent.id, { skills, capacity: Number(value("capacity")) });
    setError(answer.ok ? null : answer.error);
    if (answer.ok) await client.office.loadAgents();
    if (answer.ok) client.say(answer, { words: "desk.saved_toast" });
  };
  return (
    <li class="thing">
      <form
        class="agent-form"
        onSubmit={(event) => {
          event.preventDefault();
          void submit(event.currentTarget);
        }}
      >
        <strong class="agent-name">
          {agent.display_name}
          <span class="hint">
            {language.t(`desk.status_${agent.status}`)} · {language.t("desk.load", { n: agent.load })}
          </span>
        </strong>
        <div class="field">
          <label for={`skills-${agent.id}`}>{language.t("desk.agent_skills")}</label>
          <input id={`skills-${agent.id}`} name="skills" autocomplete="off" defaultValue={agent.skills.join(", ")} />
        </div>
        <div class="field">
          <label for={`capacity-${agent.id}`}>{language.t("desk.agent_capacity")}</label>
          <input id={`capacity-${agent.id}`} name="capacity" type="number" min={0} max={500} required defaultValue={String(agent.capacity)} />
        </div>
        <button type="submit" class="button button-small">
          {language.t("desk.save")}
          <span class="sr-only"> {agent.display_name}</span>
        </button>
        <FormError error={error} />
      </form>
    </li>
  );
}
