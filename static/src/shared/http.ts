// The only `fetch` of the client. Speaks the JSON envelope and returns a Result; never throws, never logs a body.
import { failure, readEnvelope, type Result } from "./result";

const TIMEOUT_MS = 15_000;

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export class Http {
  /** `token` gives the bearer token. Without it the session cookie speaks; with it no cookie is sent or taken. */
  constructor(
    private readonly token?: () => string | null,
    private readonly base = "/api/v1",
  ) {}

  async call<T>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<Result<T>> {
    const headers: Record<string, string> = { Accept: "application/json" };
    const token = this.token?.();
    if (token) headers["Authorization"] = `Bearer ${token}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), TIMEOUT_MS);
    signal?.addEventListener("abort", () => limit.abort());
    try {
      const response = await fetch(this.base + path, {
        method,
        headers,
        // A customer's widget and a colleague's desk may be open in one browser: neither touches the other's session.
        credentials: this.token ? "omit" : "same-origin",
        cache: "no-store",
        signal: limit.signal,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (response.status === 204) return { ok: true, data: undefined as T };
      const envelope: unknown = await response.json().catch(() => null);
      if (envelope === null) return failure(response.status >= 502 ? "unavailable" : "internal");
      return readEnvelope<T>(envelope);
    } catch {
      return failure(limit.signal.aborted && !signal?.aborted ? "timeout" : "network");
    } finally {
      clearTimeout(timer);
    }
  }
}
