// The customer's side of a chat: who they are, whether they agreed, which conversation is on. No views here.
import { Api, SUPPORT_CHAT } from "../shared/api";
import { Http } from "../shared/http";
import { recall, remember } from "../shared/page";
import { isTransient, type Failure, type Result } from "../shared/result";
import type { Room } from "../shared/room";
import { Connection } from "../shared/socket";
import type { Account, Conversation, FeedbackAskOut, SupportHoursReply } from "../shared/wire";
import { Keeping } from "./keeping";
import { Rooms } from "./rooms";
import { loadToken, saveIdentified, saveToken } from "./token";

/** `loading`: not known yet; `stuck`: could not be found out; `consent`: not agreed; `chat`: everything is there. */
export type Phase = "loading" | "stuck" | "consent" | "chat";

const RETRY_START_MS = 5_000;
/** Where it is kept which closed conversation has been looked at. */
const LOOKED_AT = "amanah.closed";

export class WidgetClient {
  phase: Phase = "loading";
  account: Account | null = null;
  conversations: Conversation[] = [];
  error: Failure | null = null;
  busy = false;

  private token = loadToken();
  private readonly http = new Http(() => this.token);
  readonly api = new Api(this.http);
  readonly connection = new Connection(() => this.token);
  private readonly listeners = new Set<() => void>();
  readonly keeping = new Keeping(
    () => ({ owner: this.account?.id ?? "", token: this.token }),
    () => void (this.phase === "chat" && this.rooms.takeUp()),
  );
  readonly rooms = new Rooms(
    () => ({
      connection: this.connection,
      api: this.api,
      me: this.account?.id ?? "",
      begin: (known) => this.begin(known),
      shelf: this.keeping.rooms,
      onFailure: (error) => {
        if (error.code === "consent_required") this.enter("consent");
      },
    }),
    this.keeping,
    {
      find: async (id) => {
        const found = await this.api.conversation(id);
        return found.ok ? { ok: true, data: found.data.conversation } : found;
      },
      refresh: async () => (await this.refreshConversations(), this.conversations),
    },
    () => this.changed(),
  );
  /** When support answers; null: not known. */
  hours: SupportHoursReply | null = null;
  /** How much waits on this device, where the chat itself could not be opened. */
  waiting = 0;
  /** The closed conversation that has been looked at; also where the browser keeps nothing. */
  private lookedAt = recall(LOOKED_AT);
  /** Conversations in which staff asked something that is not answered. */
  readonly asking = new Set<string>();
  private starting: Promise<Result<Conversation>> | null = null;
  /** What was typed and has no room at present. */
  keptDraft = "";

  /** The conversation that the address leads to is not this person's, as far as is known who they are. */
  isMissing = false;

  /** `wanted`: the conversation that the address leads to, until it is shown. */
  constructor(
    private readonly locale: string,
    private wanted: string | null = null,
  ) {
    this.connection.onState((state) => {
      if (state === "online") this.rooms.resume();
      if (state === "refused") this.forget();
      this.changed();
    });
    this.connection.onEvent((event, data) => {
      if (event === "desk:asked" && "ask" in data) this.noteAsk(data.ask.conversation_id, data.ask);
      if (event === "chat:updated" && "conversation" in data && this.phase === "chat") this.rooms.follow([data.conversation]);
      this.rooms.handle(event, data);
    });
  }

  get room(): Room | null {
    return this.rooms.shown;
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async start(): Promise<void> {
    if (!this.token) return this.enter("consent");
    this.enter("loading");
    this.keepDrafts();
    const [me, consents] = await Promise.all([this.api.me(), this.api.consents()]);
    if (!me.ok) return this.lost(me.error);
    if (!consents.ok) return this.lost(consents.error);
    this.account = me.data.account;
    const agreed = consents.data.consents.find((consent) => consent.purpose === SUPPORT_CHAT)?.granted ?? false;
    if (agreed) await this.enterChat();
    else this.enter("consent");
  }

  /** The person agrees: becomes a visitor if they are nobody yet, or nobody any more, and the chat begins. */
  async agree(): Promise<void> {
    await this.whileBusy(() => this.enterAgreed());
  }

  async withdraw(): Promise<void> {
    await this.whileBusy(async () => {
      const answer = await this.api.setConsent(SUPPORT_CHAT, false);
      if (answer.ok) {
        this.keepTexts();
        this.enter("consent");
      }
      return answer;
    });
  }

  /** From here on what is being written outlives the page. */
  keepDrafts(): void {
    import("./drafts").then((module) => module.keepDrafts(this)).catch(() => {});
  }

  get bearer(): string | null {
    return this.token;
  }

  /** The id of a room's conversation, which begins when files come before words. */
  async conversationOf(room: Room): Promise<string | Failure> {
    if (!room.conversation) {
      this.starting ??= this.begin(null);
      const begun = await this.starting;
      this.starting = null;
      if (!begun.ok) return begun.error;
      if (!room.conversation) {
        room.thread = begun.data.id;
        room.adopt(begun.data);
        await room.join();
      }
    }
    return room.conversation?.id ?? "";
  }

  get hasWritten(): boolean {
    return this.conversations.some((conversation) => conversation.last_seq > 0) || (this.room?.messages.length ?? 0) > 0;
  }

  async signOut(): Promise<void> {
    if (this.token) await this.api.signOut();
    this.forget();
    // Whoever is here next reads nothing of it.
    this.keptDraft = "";
  }

  /** Staff wait for an answer: whether they may make feedback of something, or how their help was. */
  get isAsked(): boolean {
    const talk = this.room?.conversation;
    const toRate = talk?.status === "closed" && !talk.rating && talk.id !== this.lookedAt;
    return this.asking.size > 0 || toRate;
  }

  /** The person looks at the chat: how the help was is asked there, and need not be shown from afar. */
  looked(): void {
    if (this.account) this.readHours();
    const talk = this.room?.conversation;
    if (talk?.status !== "closed" || talk.id === this.lookedAt) return;
    this.lookedAt = talk.id;
    remember(LOOKED_AT, talk.id);
    this.changed();
  }

  noteAsk(conversation: string, ask: FeedbackAskOut | null): void {
    if (ask?.state === "asked") this.asking.add(conversation);
    else this.asking.delete(conversation);
    this.changed();
  }

  show(conversation: Conversation | null): void {
    const room = this.rooms.show(conversation);
    if (this.keptDraft) room.setDraft([this.keptDraft, room.draft].filter(Boolean).join("\n\n"));
    this.keptDraft = "";
  }

  async refreshConversations(): Promise<Result<unknown>> {
    const answer = await this.api.conversations({ limit: 20 });
    if (answer.ok) this.conversations = answer.data.items;
    this.changed();
    return answer;
  }

  private async enterChat(): Promise<void> {
    const answer = await this.refreshConversations();
    if (!answer.ok) return this.lost((answer as { error: Failure }).error);
    this.readHours();
    await this.showWanted();
    this.rooms.agreed();
    await this.rooms.takeUp();
    if (!this.room) this.show(this.conversations[0] ?? null);
    this.rooms.follow(this.conversations);
    this.enter("chat");
    this.connection.connect();
    this.room?.open();
  }

  /** They end and begin while a page stays open. */
  private readHours(): void {
    void this.api.hours().then((hours) => {
      if (hours.ok) this.hours = hours.data;
      this.changed();
    });
  }

  /** Whether somebody must say who they are before what the address leads to can be shown. */
  get asksWho(): boolean {
    return this.wanted !== null && this.account?.role !== "customer" && (this.phase === "consent" || this.isMissing);
  }

  private async showWanted(): Promise<void> {
    if (!this.wanted) return;
    const found = await this.api.conversation(this.wanted);
    this.isMissing = !found.ok && !isTransient(found.error.code);
    if (!found.ok) return;
    this.wanted = null;
    this.show(found.data.conversation);
  }

  /** A conversation for the first message: one known from elsewhere, an empty one from an interrupted attempt, or a new one. */
  private async begin(known: string | null): Promise<Result<Conversation>> {
    if (known) {
      const found = await this.api.conversation(known);
      return found.ok ? { ok: true, data: found.data.conversation } : found;
    }
    const list = await this.api.conversations({ status: "open", limit: 20 });
    if (!list.ok) return list;
    const empty = list.data.items.find((item) => item.last_seq === 0);
    if (empty) return { ok: true, data: empty };
    const begun = await this.api.startConversation();
    return begun.ok ? { ok: true, data: begun.data.conversation } : begun;
  }

  private async enterAgreed(): Promise<Result<unknown>> {
    const known = this.token;
    if (!known) {
      const visit = await this.api.startVisit(this.locale);
      if (!visit.ok) return visit;
      this.adopt(visit.data.token, visit.data.account);
    }
    const consent = await this.api.setConsent(SUPPORT_CHAT, true);
    if (consent.ok) await this.enterChat();
    else if (known && consent.error.code === "not_authenticated") {
      this.forget();
      return this.enterAgreed();
    }
    return consent;
  }

  adopt(token: string, account: Account): void {
    this.token = token;
    this.account = account;
    saveToken(token);
  }

  /** The session is over: nothing of it stays, save the person's own unsent words. */
  private forget(): void {
    this.keepTexts();
    this.connection.stop();
    this.token = null;
    this.account = null;
    this.conversations = [];
    this.asking.clear();
    remember(LOOKED_AT, null);
    saveToken(null);
    saveIdentified(null);
    this.enter("consent");
  }

  /** Words that were not sent go back to where one writes, and from the disk. */
  keepTexts(): void {
    const owner = this.account?.id;
    if (owner) void this.keeping.clear(owner);
    this.keptDraft = [this.rooms.clear(), this.keptDraft].filter(Boolean).join("\n\n");
  }

  private lost(error: Failure): void {
    if (error.code === "not_authenticated") return this.forget();
    this.error = error;
    void this.keeping.count().then((count) => {
      this.waiting = count;
      this.changed();
    });
    this.enter("stuck");
    if (isTransient(error.code)) setTimeout(() => void (this.phase === "stuck" && this.start()), RETRY_START_MS);
  }

  private async whileBusy(work: () => Promise<Result<unknown>>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.error = null;
    this.changed();
    const answer = await work();
    this.busy = false;
    if (!answer.ok) this.error = answer.error;
    this.changed();
  }

  private enter(phase: Phase): void {
    this.phase = phase;
    this.changed();
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}
