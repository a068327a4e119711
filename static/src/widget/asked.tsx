// What staff ask the customer of a conversation: whether they may make feedback of it. What draws it comes with the first
// question.
import type { ExtraRow } from "../shared/ui/message-log";
import { failure, type Failure, type Result } from "../shared/result";
import type { Room } from "../shared/room";
import type { FeedbackAskOut, FeedbackAskReply } from "../shared/wire";
import type { WidgetClient } from "./client";
import { lazy } from "../shared/lazy";
import { laterWords } from "./words";

const Card = lazy(() => import("./ask-card").then((module) => module.AskCard), laterWords);

export class Asked {
  ask: FeedbackAskOut | null = null;
  error: Failure | null = null;
  busy = false;
  private readonly listeners = new Set<() => void>();
  private readonly ends: (() => void)[];

  constructor(
    private readonly client: WidgetClient,
    private readonly room: Room,
  ) {
    const { connection } = client;
    this.ends = [
      connection.onEvent((event, data) => {
        if (event === "desk:asked" && "ask" in data) this.take(data.ask);
      }),
      // What was asked meanwhile has come to nobody.
      connection.onState((state) => state === "online" && void this.look()),
    ];
    void this.look();
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): void {
    for (const end of this.ends) end();
  }

  /** Where it stands: after what was said before it was asked. */
  get rows(): ExtraRow[] {
    const { ask } = this;
    if (!ask) return [];
    const { messages } = this.room;
    const at = Date.parse(ask.asked_at);
    const before = messages.findLast((message) => Date.parse(message.created_at) <= at) ?? messages[0];
    // The frame is there at once: the log follows what grows in it.
    const node = (
      <div>
        <Card key={ask.id} asked={this} ask={ask} />
      </div>
    );
    return [{ seq: before?.seq ?? 0, key: `ask-${ask.id}`, node }];
  }

  /** `ask`: the question that was read; another may have come in its place. */
  async answer(ask: FeedbackAskOut, agree: boolean): Promise<void> {
    const path = this.path;
    if (!path || this.busy) return;
    this.busy = true;
    this.error = null;
    this.changed();
    const answer: Result<FeedbackAskReply> = await this.client.api.http.call("POST", path, { ask_id: ask.id, agree });
    this.busy = false;
    if (answer.ok && answer.data.ask) this.take(answer.data.ask);
    else {
      this.error = answer.ok ? failure("not_found").error : answer.error;
      // Answered in another tab, or asked anew: what holds now is shown.
      if (this.error.code === "conflict") await this.look();
    }
    this.changed();
  }

  private get path(): string | null {
    const id = this.room.conversation?.id;
    return id ? `/conversations/${encodeURIComponent(id)}/feedback-ask` : null;
  }

  private async look(): Promise<void> {
    const path = this.path;
    if (!path) return;
    const answer: Result<FeedbackAskReply> = await this.client.api.http.call("GET", path);
    if (answer.ok) this.take(answer.data.ask);
  }

  private take(ask: FeedbackAskOut | null): void {
    if (ask && ask.conversation_id !== this.room.conversation?.id) return;
    this.ask = ask;
    this.client.noteAsk(this.room.conversation?.id ?? "", ask);
    this.changed();
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}
