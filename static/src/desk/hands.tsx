// In whose hands a conversation is: take it, give it to a colleague or back to the queue, bring one in, let one go.
import { useEffect, useState } from "preact/hooks";
import { useLanguage } from "../shared/ui/hooks";
import type { AgentOut, Conversation } from "../shared/wire";
import type { DeskClient } from "./client";
import { FormDialog } from "./dialog";
import { GlassDialog } from "./glass";

type Open = "assign" | "bring_in" | "glass" | null;

/** What its access and the reader's role allow to be done with it; the server's table decides. */
export function Hands({ client, conversation }: { client: DeskClient; conversation: Conversation }) {
  const language = useLanguage();
  const [open, setOpen] = useState<Open>(null);
  const { id, access, assignee, status } = conversation;
  const { account } = client;
  const mine = assignee?.id === account?.id;
  const mayGive = mine || account?.role === "admin" || (account?.role === "agent" && assignee === null);
  return (
    <div class="pane-actions">
      {account?.role === "agent" && assignee === null && access === "row" && (
        <button type="button" class="button button-small button-main" onClick={() => void client.change(id, "assign")}>
          {language.t("desk.take")}
        </button>
      )}
      {mayGive && (
        <button type="button" class="button button-small" onClick={() => setOpen("assign")}>
          {language.t("desk.assign_to")}
        </button>
      )}
      {mine && (
        <>
          <button type="button" class="button button-small" onClick={() => setOpen("bring_in")}>
            {language.t("desk.bring_in")}
          </button>
          <button type="button" class="button button-small button-quiet" onClick={() => void client.change(id, "release")}>
            {language.t("desk.release")}
          </button>
          <button
            type="button"
            class="button button-small button-quiet"
            onClick={() => void client.change(id, status === "open" ? "close" : "reopen")}
          >
            {language.t(status === "open" ? "desk.close" : "desk.reopen")}
          </button>
        </>
      )}
      {access === "row" && (
        <button type="button" class="button button-small button-quiet" onClick={() => setOpen("glass")}>
          {language.t("desk.break_glass")}
        </button>
      )}
      {open === "glass" && <GlassDialog client={client} id={id} onClose={() => setOpen(null)} />}
      {(open === "assign" || open === "bring_in") && (
        <ColleagueDialog client={client} conversation={conversation} action={open} onClose={() => setOpen(null)} />
      )}
    </div>
  );
}

interface ColleagueProps {
  client: DeskClient;
  conversation: Conversation;
  action: "assign" | "bring_in";
  onClose: () => void;
}

function ColleagueDialog({ client, conversation, action, onClose }: ColleagueProps) {
  const language = useLanguage();
  const [agents, setAgents] = useState<AgentOut[] | null>(null);
  useEffect(() => {
    void client.staff.agents().then((answer) => setAgents(answer.ok ? answer.data.items : []));
  }, []);
  const there = new Set([conversation.assignee?.id, ...conversation.participants.map((person) => person.id)]);
  const choices = agents?.filter((agent) => !there.has(agent.id)) ?? [];
  const title = language.t(action === "assign" ? "desk.assign_to" : "desk.bring_in");
  return (
    <FormDialog
      id="colleague"
      title={title}
      action={title}
      onClose={onClose}
      onSubmit={(value) => client.hand(conversation.id, action, value("agent"))}
    >
      {() =>
        agents !== null && choices.length === 0 ? (
          <p>{language.t("desk.no_colleague")}</p>
        ) : (
          <div class="field">
            <label for="field-agent">{language.t("desk.colleague_choice")}</label>
            <select id="field-agent" name="agent" required>
              {choices.map((agent) => (
                <option key={agent.id} value={agent.id}>
                  {agent.display_name}
                  {agent.online ? ` (${language.t("desk.online")})` : ""}
                </option>
              ))}
            </select>
          </div>
        )
      }
    </FormDialog>
  );
}

/** Who else takes part, each with a way to let them go for whom that is allowed. */
export function Participants({ client, conversation }: { client: DeskClient; conversation: Conversation }) {
  const language = useLanguage();
  const me = client.account?.id;
  if (conversation.participants.length === 0) return null;
  return (
    <ul class="participants" aria-label={language.t("desk.participants")}>
      {conversation.participants.map((person) => (
        <li key={person.id}>
          {person.display_name}
          {(conversation.assignee?.id === me || person.id === me) && (
            <button
              type="button"
              class="button button-small button-quiet"
              onClick={() => void client.letGo(conversation.id, person.id)}
            >
              {person.id === me ? language.t("desk.leave") : language.t("desk.let_go", { name: person.display_name })}
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}
