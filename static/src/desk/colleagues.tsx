// The notice of a collision: which colleague is here too, who of them types an answer, who has just given one while one
// was writing oneself.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Room } from "../shared/room";
import { useLanguage } from "../shared/ui/hooks";
import type { Conversation } from "../shared/wire";
import type { DeskClient } from "./client";
import { DeskIcon } from "./icons";

interface ColleaguesProps {
  client: DeskClient;
  conversation: Conversation;
  room: Room;
}

export function Colleagues({ client, conversation, room }: ColleaguesProps) {
  const language = useLanguage();
  const nameOf = (id: string): string | null => {
    const people = [conversation.assignee, ...conversation.participants];
    const said = room.messages.findLast((message) => message.author.id === id)?.author;
    return people.find((person) => person?.id === id)?.display_name ?? said?.display_name ?? client.office.nameOf(id);
  };
  const staff = (id: string) => id !== client.me && id !== conversation.customer?.id;
  const names = (ids: Iterable<string>) => [...ids].filter(staff).flatMap((id) => nameOf(id) ?? []);
  const typing = names(room.typing.keys());
  const here = names(room.online).filter((name) => !typing.includes(name));
  const answered = useAnswered(client, conversation, room);
  if (!typing.length && !here.length && !answered) return null;
  return (
    <p class={typing.length || answered ? "collision collision-now" : "collision"} role="status">
      <DeskIcon name="eye" size={16} />
      {answered && <span>{language.t("desk.collision_answered", { name: answered })} </span>}
      {typing.length > 0 && <span>{language.t("desk.collision_types", { n: typing.length, names: typing.join(", ") })} </span>}
      {here.length > 0 && <span>{language.t("desk.collision_looks", { n: here.length, names: here.join(", ") })}</span>}
    </p>
  );
}

/** Who of the colleagues answered since one began to write; null where nobody did, or nothing is being written. */
function useAnswered(client: DeskClient, conversation: Conversation, room: Room): string | null {
  const begun = useRef<number | null>(null);
  const [name, setName] = useState<string | null>(null);
  const writes = room.draft.trim() !== "";
  const last = room.messages.at(-1);
  useEffect(() => {
    if (!writes) {
      begun.current = null;
      return setName(null);
    }
    begun.current ??= last?.seq ?? 0;
    const author = last?.author;
    const another = author && author.id !== client.me && author.id !== conversation.customer?.id;
    if (another && last.seq > begun.current) setName(author.display_name);
  }, [writes, last?.seq]);
  return name;
}
