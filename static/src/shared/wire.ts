// The wire's types under the names the client uses; the shapes themselves come from the server's schemas.
import type {
  AccountOut,
  ConsentOut,
  ConversationOut,
  ErrorCode,
  JoinReply,
  MessageOut,
  RedactionOut,
  SpanOut,
} from "./wire.gen";

export type * from "./wire.gen";
export type Account = AccountOut;
export type Consent = ConsentOut;
export type Conversation = ConversationOut;
export type Message = MessageOut;
export type Redaction = RedactionOut;
/** A span with the place and kind of what is hidden; in code points or in UTF-16 units, as its holder says. */
export type Span = Pick<SpanOut, "start" | "end"> & { label: string };
export type Replay = Pick<JoinReply, "messages" | "last_seq"> & Partial<JoinReply>;

/** The `error` of the envelope. */
export interface WireError {
  code: ErrorCode;
  message: string;
  fields: Record<string, { reason: string; message: string }>;
  request_id: string;
  retry_after?: number | null;
}
