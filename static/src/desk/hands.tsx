// In whose hands a conversation is: take it, give it to a colleague or back to the queue, bring one in, let one go.
import { useEffect, useState } from "preact/hooks";
import { useLanguage, useMedia } from "../shared/ui/hooks";
import { Icon } from "../shared/ui/icons";
import type { Translator } from "../shared/i18n";
import type { AgentOut, Conversation, DeskAgentOut } from "../shared/wire";
import { LazyCaseDialog, type LazyDialog } from "./case-dialogs-lazy";
import type { DeskClient } from "./client";
import { FormDialog, TextField } from "./dialog";
import { GlassDialog } from "./glass";
import { Menu } from "./menu";

type Colleague = AgentOut & Partial<Pick<DeskAgentOut, "status" | "load">>;

/** As in narrow.css. */
const NARROW = "(max-width: 760px)";

type Open = "assign" | "bring_in" | "glass" | LazyDialog | null;

/** What its access and the reader's role allow to be done with it; the server's table decides. */
export function Hands({ client, conversation }: { client: DeskClient; conversation: Conversation }) {
  const language = useLanguage();
  const [open, setOpen] = useState<Open>(null);
  const { id, access, assignee, status } = conversation;
  const { account } = client;
  const mine = assignee?.id === account?.id;
  const mayGive = mine || account?.role === "admin" || (account?.role === "agent" && assignee === null);
  // On a phone the head would take a third of the screen: there all but taking stands in the menu.
  const narrow = useMedia(NARROW);
  const turn = status === "open" ? "close" : "reopen";
  const often = narrow ? [...(mine ? [turn] as const : []), ...(mayGive ? ["assign_to"] as const : [])] : [];
  const more = [...often, ...moreOf(client, conversation, mine)].map((key) => ({ key, label: language.t(`desk.${key}`) }));
  const choose = (key: string) => {
    if (key === "release" || key === "close" || key === "reopen") void client.change(id, key);
    else if (key === "assign_to") setOpen("assign");
    else if (key === "break_glass") setOpen("glass");
    else setOpen(key as Open);
  };
  const close = () => setOpen(null);
  return (
    <div class="pane-actions">
      {account?.role === "agent" && assignee === null && access === "row" && (
        <button type="button" class="button button-small button-main" onClick={() => void client.change(id, "assign")}>
          {language.t("desk.take")}
        </button>
      )}
      {mayGive && !narrow && (
        <button id="case-assign" type="button" class="button button-small" onClick={() => setOpen("assign")}>
          {language.t("desk.assign_to")}
        </button>
      )}
      {mine && !narrow && (
        <button type="button" class="button button-small" onClick={() => void client.change(id, turn)}>
          {language.t(turn === "close" ? "desk.close" : "desk.reopen")}
        </button>
      )}
      {more.length === 1 && !narrow && (
        <button type="button" class="button button-small button-quiet" onClick={() => choose(more[0]?.key ?? "")}>
          {more[0]?.label}
        </button>
      )}
      {more.length > (narrow ? 0 : 1) && (
        // The key for handing on opens what holds it.
        <Menu id={narrow && mayGive ? "case-assign" : "case-more"} label={language.t("desk.more_actions")} class="icon-button" end items={more} onChoose={choose}>
          <Icon name="more" />
        </Menu>
      )}
      {open === "glass" && <GlassDialog client={client} id={id} onClose={close} />}
      {(open === "assign" || open === "bring_in") && (
        <ColleagueDialog client={client} conversation={conversation} action={open} onClose={close} />
      )}
      {(open === "rename" || open === "merge" || open === "split" || open === "to_feedback") && (
        <LazyCaseDialog name={open} client={client} conversation={conversation} onClose={close} />
      )}
    </div>
  );
}

const MORE = ["bring_in", "release", "rename", "merge", "split", "to_feedback", "break_glass"] as const;

function moreOf(client: DeskClient, conversation: Conversation, mine: boolean): (typeof MORE)[number][] {
  const beside = mine && !client.inbox.plain;
  const may = {
    bring_in: mine,
    release: mine,
    rename: conversation.access === "full",
    merge: beside,
    split: beside,
    to_feedback: beside,
    break_glass: conversation.access === "row",
  };
  return MORE.filter((name) => may[name]);
}

interface ColleagueProps {
  client: DeskClient;
  conversation: Conversation;
  action: "assign" | "bring_in";
  onClose: () => void;
}

/** Of each colleague how they stand: present, available, how much they have. */
function useColleagues(client: DeskClient): Colleague[] | null {
  const [found, setFound] = useState<Colleague[] | null>(null);
  useEffect(() => {
    if (client.inbox.plain) {
      void client.staff.agents().then((answer) => setFound(answer.ok ? answer.data.items : []));
    } else void client.office.loadAgents().then(() => setFound(client.office.agents));
  }, []);
  return found;
}

function ColleagueDialog({ client, conversation, action, onClose }: ColleagueProps) {
  const language = useLanguage();
  const agents = useColleagues(client);
  const there = new Set([conversation.assignee?.id, ...conversation.participants.map((person) => person.id)]);
  if (action === "assign") for (const person of conversation.participants) there.delete(person.id);
  const choices = agents?.filter((agent) => !there.has(agent.id)) ?? [];
  const title = language.t(action === "assign" ? "desk.assign_to" : "desk.bring_in");
  const submit = async (value: (name: string) => string) => {
    const note = value("note").trim();
    if (action === "bring_in" || client.inbox.plain) return client.hand(conversation.id, action, value("agent"));
    return client.transfer(conversation.id, value("agent"), note);
  };
  return (
    <FormDialog id="colleague" title={title} action={title} onClose={onClose} onSubmit={submit}>
      {(error) =>
        agents !== null && choices.length === 0 ? (
          <p>{language.t("desk.no_colleague")}</p>
        ) : (
          <>
            <div class="field">
              <label for="field-agent">{language.t("desk.colleague_choice")}</label>
              <select id="field-agent" name="agent" required>
                {choices.map((agent) => (
                  <option key={agent.id} value={agent.id}>
                    {agent.display_name}
                    {standing(agent, language)}
                  </option>
                ))}
              </select>
            </div>
            {action === "assign" && !client.inbox.plain && (
              <TextField name="note" label={language.t("desk.transfer_note")} hint={language.t("desk.transfer_note_hint")} error={error} />
            )}
          </>
        )
      }
    </FormDialog>
  );
}

function standing(agent: Colleague, language: Translator): string {
  // Who says that they are away is not called online too: the one word that counts is whether they take it.
  const busy = agent.status && agent.status !== "available" ? agent.status : null;
  const words = [busy ? language.t(`desk.status_${busy}`).toLocaleLowerCase(language.locale) : agent.online && language.t("desk.online")];
  if (agent.load !== undefined) words.push(language.t("desk.load", { n: agent.load }));
  const said = words.filter(Boolean);
  return said.length ? ` (${said.join(", ")})` : "";
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
