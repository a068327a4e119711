// The desk's own HTTP calls: colleagues, whose hands a conversation is in, and reading by way of exception.
import { Http } from "../shared/http";
import type { Result } from "../shared/result";
import type {
  AgentList,
  BreakGlassList,
  BreakGlassPage,
  BreakGlassReply,
  ConversationReply,
  NewBreakGlass,
  NewReview,
} from "../shared/wire";

const of = (id: string) => `/conversations/${encodeURIComponent(id)}`;
const glass = (id: string) => `/privacy/break-glass/${encodeURIComponent(id)}`;

export class StaffApi {
  constructor(private readonly http: Http) {}

  agents(): Promise<Result<AgentList>> {
    return this.http.call("GET", "/agents");
  }
  release(id: string): Promise<Result<ConversationReply>> {
    return this.http.call("POST", `${of(id)}/release`, {});
  }
  bringIn(id: string, agentId: string): Promise<Result<ConversationReply>> {
    return this.http.call("POST", `${of(id)}/participants`, { agent_id: agentId });
  }
  letGo(id: string, accountId: string): Promise<Result<ConversationReply>> {
    return this.http.call("DELETE", `${of(id)}/participants/${encodeURIComponent(accountId)}`);
  }
  breakGlass(id: string, body: NewBreakGlass): Promise<Result<BreakGlassReply>> {
    return this.http.call("POST", `${of(id)}/break-glass`, body);
  }
  endGlass(id: string): Promise<Result<BreakGlassReply>> {
    return this.http.call("POST", `${glass(id)}/end`, {});
  }
  myGlass(): Promise<Result<BreakGlassList>> {
    return this.http.call("GET", "/me/break-glass");
  }
  allGlass(cursor: string | null): Promise<Result<BreakGlassPage>> {
    return this.http.call("GET", "/privacy/break-glass" + (cursor ? `?cursor=${encodeURIComponent(cursor)}` : ""));
  }
  review(id: string, body: NewReview): Promise<Result<BreakGlassReply>> {
    return this.http.call("POST", `${glass(id)}/review`, body);
  }
  /** Proves again who is at the desk, for what needs a sign-in of just now. */
  confirm(password: string, totp: string): Promise<Result<unknown>> {
    return this.http.call("POST", "/sessions/current/confirm", { password, ...(totp ? { totp } : {}) });
  }
}
