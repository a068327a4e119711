// The HTTP calls around second factors, by name and type. No state.
import type { Http } from "./http";
import type { Result } from "./result";
import type {
  Confirmation,
  ConfirmReply,
  FactorsReply,
  MethodsReply,
  PasskeyOptions,
  RecoveryReply,
  SessionReply,
  TotpReply,
} from "./wire";

export class FactorApi {
  constructor(protected readonly http: Http) {}

  methods(): Promise<Result<MethodsReply>> {
    return this.http.call("GET", "/sessions/methods");
  }
  beginPasskeySignIn(): Promise<Result<PasskeyOptions>> {
    return this.http.call("POST", "/sessions/passkey/options", {});
  }
  passkeySignIn(credential: unknown): Promise<Result<SessionReply>> {
    return this.http.call("POST", "/sessions/passkey", { credential });
  }
  beginConfirming(): Promise<Result<PasskeyOptions>> {
    return this.http.call("POST", "/sessions/current/confirm/options", {});
  }
  confirm(proof: Confirmation | { passkey: unknown }): Promise<Result<ConfirmReply>> {
    return this.http.call("POST", "/sessions/current/confirm", proof);
  }
  factors(): Promise<Result<FactorsReply>> {
    return this.http.call("GET", "/me/factors");
  }
  beginTotp(): Promise<Result<TotpReply>> {
    return this.http.call("POST", "/me/factors/totp", {});
  }
  completeTotp(code: string): Promise<Result<RecoveryReply>> {
    return this.http.call("POST", "/me/factors/totp/confirm", { code });
  }
}
