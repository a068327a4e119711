// The HTTP calls about sites that embed the chat and may say who their people are. No state, no retries.
import type { Http } from "../shared/http";
import type { Result } from "../shared/result";
import type { SiteKeyReply, SiteList, SiteReply } from "../shared/wire";

const of = (id: string) => `/sites/${encodeURIComponent(id)}`;

export class SiteApi {
  constructor(private readonly http: Http) {}

  sites(): Promise<Result<SiteList>> {
    return this.http.call("GET", "/sites");
  }
  register(label: string): Promise<Result<SiteReply>> {
    return this.http.call("POST", "/sites", { label });
  }
  enable(id: string, enabled: boolean): Promise<Result<SiteReply>> {
    return this.http.call("PATCH", of(id), { enabled });
  }
  remove(id: string): Promise<Result<unknown>> {
    return this.http.call("DELETE", of(id));
  }
  /** One more key; without a public key a secret is made, and given this once. */
  addKey(id: string, publicKey: string): Promise<Result<SiteKeyReply>> {
    return this.http.call("POST", `${of(id)}/keys`, publicKey ? { public_key: publicKey } : {});
  }
  revoke(id: string, kid: string): Promise<Result<SiteReply>> {
    return this.http.call("DELETE", `${of(id)}/keys/${encodeURIComponent(kid)}`);
  }
}
