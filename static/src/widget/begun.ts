// A conversation that another tab, or the service worker, has begun: the room in which its words were, or would have been,
// written takes it over, where nothing else can be meant. Fetched when it comes to that.
import type { Room } from "../shared/room";
import type { Conversation } from "../shared/wire";
import type { Rooms } from "./rooms";

/** How far from a conversation's beginning its first words are looked for. */
const FIRST = 50;

/** `lost`: the client_message_id of what waited in the room and was sent from elsewhere; else the room has shown nothing. */
export async function adoptBegun(rooms: Rooms, room: Room, lost?: string): Promise<void> {
  const spoken = (await rooms.finding.refresh()).filter((one) => one.last_seq > 0);
  const begun = lost ? await holding(spoken, room, lost) : spoken.length === 1 && !room.unsent ? spoken[0] : undefined;
  if (!begun || room.conversation) return;
  const followed = rooms.of(begun);
  // Who has gone there by themselves stays there.
  if (followed && followed === rooms.shown) return;
  rooms.all = rooms.all.filter((one) => one !== followed);
  room.thread = begun.id;
  room.adopt(begun);
  room.open();
  rooms.changed();
}

/** Which of a person's conversations holds a message; the newest need not be it. */
async function holding(conversations: readonly Conversation[], room: Room, id: string): Promise<Conversation | undefined> {
  for (const one of conversations) {
    const page = await room.sources.api.messagesBefore(one.id, FIRST, FIRST);
    if (page.ok && page.data.items.some((message) => message.client_message_id === id)) return one;
  }
  return undefined;
}
