// The HTTP calls about what the desk keeps beside conversations. No state, no retries.
import type { Http } from "../shared/http";
import type { Result } from "../shared/result";
import type {
  BulkChange, CaseBulkReply, CaseChange, CasePage, CaseReply, CaseViewList, CaseViewReply, ConversationReply,
  DeskAgentChange, DeskAgentList, DeskAgentReply, DeskCannedIn, DeskCannedList, DeskCannedReply, DeskFigures, DeskLabelList, DeskMeReply,
  DeskSearchPage, DeskSettingsChange, DeskSettingsReply, FeedbackAsk, FeedbackAskReply, FilledReply, MacroIn, MacroList, MacroReply,
  MacroRunReply, NewFormTemplate, NewView, NoteList, NoteReply, SupportHoursSetting, SupportHoursShape, TemplateList, TemplateOut, TemplateReply, ViewChange,
} from "../shared/wire"; // prettier-ignore

export type Values = Record<string, string | number | null | undefined>;

export function query(values: Values): string {
  const pairs = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return pairs.length ? "?" + new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString() : "";
}

const of = (id: string) => `/desk/cases/${encodeURIComponent(id)}`;

export class DeskApi {
  constructor(private readonly http: Http) {}

  assign(id: string, agentId: string): Promise<Result<ConversationReply>> {
    return this.http.call("POST", `/conversations/${encodeURIComponent(id)}/assign`, { agent_id: agentId });
  }
  close(id: string): Promise<Result<ConversationReply>> {
    return this.http.call("POST", `/conversations/${encodeURIComponent(id)}/close`, {});
  }
  reopen(id: string): Promise<Result<ConversationReply>> {
    return this.http.call("POST", `/conversations/${encodeURIComponent(id)}/reopen`, {});
  }
  views(): Promise<Result<CaseViewList>> {
    return this.http.call("GET", "/desk/views");
  }
  keepView(body: NewView): Promise<Result<CaseViewReply>> {
    return this.http.call("POST", "/desk/views", body);
  }
  changeView(id: string, body: ViewChange): Promise<Result<CaseViewReply>> {
    return this.http.call("PATCH", `/desk/views/${encodeURIComponent(id)}`, body);
  }
  dropView(id: string): Promise<Result<unknown>> {
    return this.http.call("DELETE", `/desk/views/${encodeURIComponent(id)}`);
  }
  cases(chosen: Values): Promise<Result<CasePage>> {
    return this.http.call("GET", "/desk/cases" + query(chosen));
  }
  case(id: string): Promise<Result<CaseReply>> {
    return this.http.call("GET", of(id));
  }
  change(id: string, body: CaseChange): Promise<Result<CaseReply>> {
    return this.http.call("PATCH", of(id), body);
  }
  bulk(body: BulkChange): Promise<Result<CaseBulkReply>> {
    return this.http.call("POST", "/desk/cases/bulk", body);
  }
  notes(id: string): Promise<Result<NoteList>> {
    return this.http.call("GET", `${of(id)}/notes`);
  }
  addNote(id: string, text: string): Promise<Result<NoteReply>> {
    return this.http.call("POST", `${of(id)}/notes`, { text });
  }
  transfer(id: string, agentId: string, note: string): Promise<Result<CaseReply>> {
    return this.http.call("POST", `${of(id)}/transfer`, { agent_id: agentId, ...(note ? { note } : {}) });
  }
  rename(id: string, subject: string): Promise<Result<ConversationReply>> {
    return this.http.call("PUT", `/conversations/${encodeURIComponent(id)}/subject`, { subject });
  }
  /** The same customer's other open conversations in which one takes part. */
  mergeable(id: string): Promise<Result<CasePage>> {
    return this.http.call("GET", `${of(id)}/merge`);
  }
  merge(id: string, into: string): Promise<Result<CaseReply>> {
    return this.http.call("POST", `${of(id)}/merge`, { into });
  }
  split(id: string, fromSeq: number, subject: string): Promise<Result<CaseReply>> {
    return this.http.call("POST", `${of(id)}/split`, { from_seq: fromSeq, ...(subject ? { subject } : {}) });
  }
  /** What the customer was asked last, and what they said. */
  feedback(id: string): Promise<Result<FeedbackAskReply>> {
    return this.http.call("GET", `/conversations/${encodeURIComponent(id)}/feedback-ask`);
  }
  askFeedback(id: string, body: FeedbackAsk): Promise<Result<FeedbackAskReply>> {
    return this.http.call("POST", `${of(id)}/feedback`, body);
  }
  runMacro(id: string, macro: string, clientId: string): Promise<Result<MacroRunReply>> {
    return this.http.call("POST", `${of(id)}/macros/${encodeURIComponent(macro)}`, { client_id: clientId });
  }
  search(chosen: Values): Promise<Result<DeskSearchPage>> {
    return this.http.call("GET", "/desk/search" + query(chosen));
  }

  canned(): Promise<Result<DeskCannedList>> {
    return this.http.call("GET", "/desk/canned");
  }
  putCanned(id: string | null, body: DeskCannedIn): Promise<Result<DeskCannedReply>> {
    return id
      ? this.http.call("PATCH", `/desk/canned/${encodeURIComponent(id)}`, body)
      : this.http.call("POST", "/desk/canned", body);
  }
  /** A ready answer with its variables filled in for a conversation. */
  fill(id: string, conversationId: string): Promise<Result<FilledReply>> {
    return this.http.call("POST", `/desk/canned/${encodeURIComponent(id)}/fill`, { conversation_id: conversationId });
  }
  dropCanned(id: string): Promise<Result<unknown>> {
    return this.http.call("DELETE", `/desk/canned/${encodeURIComponent(id)}`);
  }
  macros(): Promise<Result<MacroList>> {
    return this.http.call("GET", "/desk/macros");
  }
  putMacro(id: string | null, body: MacroIn): Promise<Result<MacroReply>> {
    return id
      ? this.http.call("PATCH", `/desk/macros/${encodeURIComponent(id)}`, body)
      : this.http.call("POST", "/desk/macros", body);
  }
  dropMacro(id: string): Promise<Result<unknown>> {
    return this.http.call("DELETE", `/desk/macros/${encodeURIComponent(id)}`);
  }

  /** To administrators also those that are not sent any more. */
  templates(): Promise<Result<TemplateList>> {
    return this.http.call("GET", "/forms/templates");
  }
  /** A change names the version that was seen. */
  putTemplate(seen: TemplateOut | null, body: NewFormTemplate): Promise<Result<TemplateReply>> {
    return seen
      ? this.http.call("PUT", `/forms/templates/${encodeURIComponent(seen.id)}`, { ...body, version: seen.version })
      : this.http.call("POST", "/forms/templates", body);
  }

  me(): Promise<Result<DeskMeReply>> {
    return this.http.call("GET", "/desk/me");
  }
  setMe(status: string): Promise<Result<DeskMeReply>> {
    return this.http.call("PUT", "/desk/me", { status });
  }
  agents(): Promise<Result<DeskAgentList>> {
    return this.http.call("GET", "/desk/agents");
  }
  changeAgent(id: string, body: DeskAgentChange): Promise<Result<DeskAgentReply>> {
    return this.http.call("PATCH", `/desk/agents/${encodeURIComponent(id)}`, body);
  }
  labels(): Promise<Result<DeskLabelList>> {
    return this.http.call("GET", "/desk/labels");
  }
  settings(): Promise<Result<DeskSettingsReply>> {
    return this.http.call("GET", "/desk/settings");
  }
  changeSettings(body: DeskSettingsChange): Promise<Result<DeskSettingsReply>> {
    return this.http.call("PATCH", "/desk/settings", body);
  }
  hours(): Promise<Result<SupportHoursSetting>> {
    return this.http.call("GET", "/support/hours/setting");
  }
  putHours(hours: SupportHoursShape): Promise<Result<SupportHoursSetting>> {
    return this.http.call("PUT", "/support/hours/setting", { hours });
  }
  figures(from: string, to: string): Promise<Result<DeskFigures>> {
    return this.http.call("GET", "/desk/figures" + query({ from, to }));
  }
}
