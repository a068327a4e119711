// The HTTP calls of the client, by name and type. No state, no retries: those belong to who calls.
import type { Http } from "./http";
import type { Result } from "./result";
import type {
  AccountReply,
  ConsentsReply,
  ConversationPage,
  ConversationReply,
  Message,
  MessagePage,
  MessageReply,
  PreviewReply,
  SessionReply,
  SupportHoursReply,
} from "./wire";

export interface ConversationQuery {
  status?: "open" | "closed";
  assignee?: string;
  cursor?: string;
  limit?: number;
}

export const SUPPORT_CHAT = "support_chat";

function query(values: Record<string, string | number | undefined>): string {
  const pairs = Object.entries(values).filter(([, value]) => value !== undefined);
  return pairs.length ? "?" + new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString() : "";
}

function messagePath({ conversation_id, seq }: Message): string {
  return `/conversations/${encodeURIComponent(conversation_id)}/messages/${seq}`;
}

export class Api {
  /** `http`: also for the calls of what is loaded when it is asked for. */
  constructor(readonly http: Http) {}

  startVisit(locale: string): Promise<Result<SessionReply>> {
    return this.http.call("POST", "/visitors", { locale });
  }
  signIn(email: string, password: string, totp: string): Promise<Result<SessionReply>> {
    return this.http.call("POST", "/sessions", { email, password, ...(totp && { totp }) });
  }
  /** By the signed word of the page that the chat stands in. */
  identify(token: string): Promise<Result<SessionReply>> {
    return this.http.call("POST", "/identifications", { token });
  }
  signOut(): Promise<Result<unknown>> {
    return this.http.call("DELETE", "/sessions/current");
  }
  me(): Promise<Result<AccountReply>> {
    return this.http.call("GET", "/me");
  }
  consents(): Promise<Result<ConsentsReply>> {
    return this.http.call("GET", "/me/consents");
  }
  setConsent(purpose: string, granted: boolean): Promise<Result<unknown>> {
    return this.http.call("PUT", "/me/consents", { purpose, granted });
  }
  preview(text: string, signal: AbortSignal): Promise<Result<PreviewReply>> {
    return this.http.call("POST", "/redactions/preview", { text }, signal);
  }
  conversations(filter: ConversationQuery): Promise<Result<ConversationPage>> {
    return this.http.call("GET", "/conversations" + query({ ...filter }));
  }
  conversation(id: string): Promise<Result<ConversationReply>> {
    return this.http.call("GET", `/conversations/${encodeURIComponent(id)}`);
  }
  startConversation(): Promise<Result<ConversationReply>> {
    return this.http.call("POST", "/conversations", {});
  }
  messagesBefore(id: string, seq: number, limit: number): Promise<Result<MessagePage>> {
    return this.http.call("GET", `/conversations/${encodeURIComponent(id)}/messages` + query({ before_seq: seq, limit }));
  }
  edit(message: Message, text: string): Promise<Result<MessageReply>> {
    return this.http.call("PATCH", messagePath(message), { text, revision: message.revision });
  }
  remove(message: Message): Promise<Result<MessageReply>> {
    return this.http.call("DELETE", messagePath(message));
  }
  react(message: Message, emoji: string, given: boolean): Promise<Result<MessageReply>> {
    return this.http.call(given ? "PUT" : "DELETE", `${messagePath(message)}/reactions/${encodeURIComponent(emoji)}`, given ? {} : undefined);
  }
  hours(): Promise<Result<SupportHoursReply>> {
    return this.http.call("GET", "/support/hours");
  }
  /** The signed-in person takes over the conversations of the visitor that they were. */
  adopt(visitorToken: string): Promise<Result<unknown>> {
    return this.http.call("POST", "/me/conversations/adoption", { token: visitorToken });
  }
}
