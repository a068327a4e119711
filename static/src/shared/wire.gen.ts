// Generated from the server's schemas by `python -m server.web.wire`. Do not edit.

export type Role = "visitor" | "customer" | "agent" | "moderator" | "privacy_officer" | "admin";

export interface Account {
  id: string;
  display_name: string;
  role: Role;
  locale: string;
  created_at: string;
}

export interface Person {
  id: string;
  display_name: string;
  role: Role;
}

export interface Redaction {
  placeholder: string;
  label: string;
}

export interface Message {
  id: string;
  conversation_id: string;
  seq: number;
  client_message_id: string;
  author: Person;
  text: string;
  redactions: Redaction[];
  created_at: string;
}

export interface Conversation {
  id: string;
  subject: string | null;
  subject_redactions: Redaction[];
  status: "open" | "closed";
  customer: Person;
  assignee: Person | null;
  last_seq: number;
  last_message_at: string | null;
  created_at: string;
  unread: number | null;
  read_marks: Record<string, number>;
  waiting_since: string | null;
}

export interface Consent {
  purpose: string;
  granted: boolean;
  version: string;
  at: string;
}

export interface Span {
  start: number;
  end: number;
  label: string;
}

export interface WireError {
  code: string;
  message: string;
  fields: Record<string, { reason: string; message: string }>;
  request_id: string;
  retry_after?: number | null;
}
