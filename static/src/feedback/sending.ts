// What the embedded form asks the server: nobody's cookie goes along, and of the page's address neither query nor
// fragment, which may hold who is looking.
import { Http } from "../shared/http";
import type { Result } from "../shared/result";
import type { Kind, Language } from "./words";

const LONGEST_PAGE = 300;

export interface Draft {
  kind: Kind;
  title: string;
  text: string;
  page: string | null;
  /** Of this one form: sent again after a lost answer, it is not taken twice. */
  clientId: string;
}

export interface Given {
  feedback: { path: string; shown: boolean; held: boolean; visibility: string };
  code: string | null;
}

export interface Similar {
  items: { path: string; title: string }[];
}

/** The address of a page without query and fragment; null where it is none that the web has. */
export function pageOf(href: string): string | null {
  if (!URL.canParse(href)) return null;
  const url = new URL(href);
  if (url.protocol !== "https:" && url.protocol !== "http:") return null;
  const page = url.origin + url.pathname;
  return page.length <= LONGEST_PAGE ? page : url.origin + "/";
}

export class Sender {
  private readonly http: Http;

  constructor(
    home: string,
    private readonly language: Language,
  ) {
    // An empty token: no cookie is sent, no session shown.
    this.http = new Http(() => "", `${home}/api/v1`);
  }

  give(draft: Draft): Promise<Result<Given>> {
    const { kind, title, text, page, clientId } = draft;
    const body = { kind, title, text, client_id: clientId, ...(page ? { page } : {}) };
    return this.http.call<Given>("POST", `/feedback?lang=${this.language}`, body);
  }

  similar(title: string, signal: AbortSignal): Promise<Result<Similar>> {
    return this.http.call<Similar>("POST", `/feedback/similar?lang=${this.language}`, { text: title }, signal);
  }
}
