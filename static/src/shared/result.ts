// What every call to the server comes to: data, or a failure with a code. Nothing in the client throws for a refusal.
import type { WireError } from "./wire";

/** A failure as the interface treats it; `code` is the server's, or `network` / `timeout` when no answer came. */
export interface Failure {
  code: string;
  /** field -> why it was refused: a code, and words in the language the server took for ours. */
  fields: Record<string, { reason: string; message: string }>;
  requestId: string;
  /** Seconds the server asks to wait, null when it does not say. */
  retryAfter: number | null;
}

export type Result<T> = { ok: true; data: T } | { ok: false; error: Failure };

export function failure(code: string): { ok: false; error: Failure } {
  return { ok: false, error: { code, fields: {}, requestId: "", retryAfter: null } };
}

/** Reads the envelope of HTTP bodies and of acknowledgements; anything of another shape is `internal`. */
export function readEnvelope<T>(body: unknown): Result<T> {
  if (typeof body !== "object" || body === null || !("ok" in body)) return failure("internal");
  if (body.ok === true) return { ok: true, data: (body as { data?: T }).data as T };
  const error = (body as { error?: Partial<WireError> }).error;
  if (!error || typeof error.code !== "string") return failure("internal");
  return {
    ok: false,
    error: {
      code: error.code,
      fields: error.fields ?? {},
      requestId: error.request_id ?? "",
      retryAfter: typeof error.retry_after === "number" ? error.retry_after : null,
    },
  };
}

/** True for failures that pass by themselves: the same request may be sent again, unchanged, a little later. */
export function isTransient(code: string): boolean {
  return ["network", "timeout", "unavailable", "redaction_unavailable", "rate_limited"].includes(code);
}
