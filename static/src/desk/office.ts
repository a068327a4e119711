// What the desk keeps for itself: who works here and how, its labels and promises, ready answers and macros.
import type { Result } from "../shared/result";
import type { DeskAgentOut, DeskCannedOut, DeskLabel, DeskSettings, MacroOut } from "../shared/wire";
import type { DeskApi } from "./desk-api";

export class Office {
  me: DeskAgentOut | null = null;
  agents: DeskAgentOut[] = [];
  labels: DeskLabel[] = [];
  /** For administrators; null for everybody else. */
  settings: DeskSettings | null = null;
  canned: DeskCannedOut[] = [];
  macros: MacroOut[] = [];

  constructor(
    private readonly desk: DeskApi,
    private readonly changed: () => void,
  ) {}

  /** Everything at once; what is refused stays empty, for not every role is given all of it. */
  async load(): Promise<void> {
    const [me, agents, labels, settings, canned, macros] = await Promise.all([
      this.desk.me(),
      this.desk.agents(),
      this.desk.labels(),
      this.desk.settings(),
      this.desk.canned(),
      this.desk.macros(),
    ]);
    if (me.ok) this.me = me.data.me;
    if (agents.ok) this.agents = agents.data.items;
    if (labels.ok) this.labels = labels.data.items;
    if (settings.ok) this.settings = settings.data.settings;
    if (canned.ok) this.canned = canned.data.items;
    if (macros.ok) this.macros = macros.data.items;
    this.changed();
  }

  async setStatus(status: string): Promise<Result<unknown>> {
    const answer = await this.desk.setMe(status);
    if (answer.ok) this.me = answer.data.me;
    this.changed();
    return answer;
  }

  /** Who works here and what they have, as it stands now. */
  async loadAgents(): Promise<void> {
    const agents = await this.desk.agents();
    if (agents.ok) this.agents = agents.data.items;
    this.changed();
  }

  takeSettings(settings: DeskSettings): void {
    this.settings = settings;
    this.labels = settings.labels;
  }

  nameOf(id: string): string | null {
    return this.agents.find((agent) => agent.id === id)?.display_name ?? null;
  }

  forget(): void {
    this.me = null;
    this.agents = [];
    this.labels = [];
    this.settings = null;
    this.canned = [];
    this.macros = [];
  }
}
