// Files of conversations: sending them with progress, taking them back, and the short-lived addresses under which they
// are seen.
import type { Http } from "./http";
import { failure, readEnvelope, type Result } from "./result";
import type { AttachmentOut } from "./wire";

export interface FileLink {
  id: string;
  url: string;
  thumbnail_url: string | null;
  expires_at: string;
}

/** Without a sign of life. Not for all of it: ten megabytes take minutes over a slow telephone. */
const PATIENCE_MS = 90_000;

/** What staff may open sealed files for; the customer reads it afterwards. */
export const FILE_PURPOSES = ["support", "complaint", "cover", "technical"] as const;
export type FilePurpose = (typeof FILE_PURPOSES)[number];

/** What somebody opens a sealed file for, and why in their own words. */
export interface FileLook {
  purpose: FilePurpose;
  reason: string;
}

export function linksOf(
  http: Http,
  conversation: string,
  ids: readonly string[],
  look?: FileLook,
): Promise<Result<{ items: FileLink[] }>> {
  const body = { ids: [...ids], ...look };
  return http.call("POST", `/conversations/${encodeURIComponent(conversation)}/attachments/links`, body);
}

export function takeBackFile(http: Http, id: string): Promise<Result<unknown>> {
  return http.call("DELETE", `/attachments/${encodeURIComponent(id)}`);
}

/** Sends a file; `fetch` does not tell how far it has come, so this is the one place that asks an older way. */
export function sendFile(
  token: string | null,
  conversation: string,
  file: File,
  onProgress: (part: number) => void,
  signal: AbortSignal,
): Promise<Result<{ attachment: AttachmentOut }>> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/v1/conversations/${encodeURIComponent(conversation)}/attachments`);
    request.setRequestHeader("Accept", "application/json");
    if (token) request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.responseType = "json";
    let timer: ReturnType<typeof setTimeout> | undefined;
    const end = (result: Result<{ attachment: AttachmentOut }>) => {
      clearTimeout(timer);
      resolve(result);
    };
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        end(failure("timeout"));
        request.abort();
      }, PATIENCE_MS);
    };
    request.upload.onprogress = (event) => {
      alive();
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status === 413) end(failure("too_large"));
      else if (request.response !== null) end(readEnvelope(request.response));
      else end(failure(request.status >= 502 ? "unavailable" : "internal"));
    };
    request.onerror = request.onabort = () => end(failure("network"));
    signal.addEventListener("abort", () => request.abort());
    alive();
    const form = new FormData();
    form.append("file", file, file.name);
    request.send(form);
  });
}

/** A size in the reader's way of writing numbers: "1,4 MB". */
export function sizeOf(bytes: number, locale: string): string {
  const [unit, divisor] = bytes >= 1_000_000 ? ["megabyte", 1_000_000] : ["kilobyte", 1_000];
  return new Intl.NumberFormat(locale, { style: "unit", unit: String(unit), maximumFractionDigits: 1 }).format(
    Math.max(0.1, bytes / Number(divisor)),
  );
}
