// The HTTP calls of the account page, by name and type. No state, no retries: those belong to who calls.
import { FactorApi } from "../shared/factors";
import type { Result } from "../shared/result";
import type {
  AccountReply,
  AddressChangeReply,
  ChoiceIn,
  ChoicesReply,
  ConsentsReply,
  ConversationPage,
  DeviceKind,
  EndedReply,
  LookPage,
  MyProfileReply,
  NewAccount,
  NewSession,
  NotificationPage,
  OpenedReply,
  PasskeyOptions,
  PasskeyReply,
  ProfileChange,
  PushReply,
  RecoveryReply,
  RegisteredReply,
  SessionList,
  SessionReply,
  VisitPage,
} from "../shared/wire";

const PAGE = 20;
const FACTORS = "/me/factors";

function page(path: string, cursor: string | null): string {
  return `${path}?${new URLSearchParams({ limit: String(PAGE), ...(cursor ? { cursor } : {}) }).toString()}`;
}

export class AccountApi extends FactorApi {
  // --- coming in ---------------------------------------------------------------------------------------------------
  me(): Promise<Result<AccountReply>> {
    return this.http.call("GET", "/me");
  }
  register(body: NewAccount): Promise<Result<RegisteredReply>> {
    return this.http.call("POST", "/accounts", body);
  }
  signIn(body: NewSession): Promise<Result<SessionReply>> {
    return this.http.call("POST", "/sessions", body);
  }
  signOut(): Promise<Result<unknown>> {
    return this.http.call("DELETE", "/sessions/current");
  }
  askVerification(email: string): Promise<Result<unknown>> {
    return this.http.call("POST", "/email-verifications", { email });
  }
  askReset(email: string): Promise<Result<unknown>> {
    return this.http.call("POST", "/password-resets", { email });
  }

  // --- what the account is entered with ------------------------------------------------------------------------------
  changePassword(password: string): Promise<Result<EndedReply>> {
    return this.http.call("PUT", "/me/password", { password });
  }
  changeEmail(email: string): Promise<Result<AddressChangeReply>> {
    return this.http.call("PUT", "/me/email", { email });
  }
  removeTotp(): Promise<Result<unknown>> {
    return this.http.call("DELETE", `${FACTORS}/totp`);
  }
  renewRecovery(): Promise<Result<RecoveryReply>> {
    return this.http.call("POST", `${FACTORS}/recovery-codes`, {});
  }
  beginPasskey(): Promise<Result<PasskeyOptions>> {
    return this.http.call("POST", `${FACTORS}/passkeys/options`, {});
  }
  addPasskey(kind: DeviceKind, credential: unknown): Promise<Result<PasskeyReply>> {
    return this.http.call("POST", `${FACTORS}/passkeys`, { kind, credential });
  }
  setPasskeyKind(id: string, kind: DeviceKind): Promise<Result<unknown>> {
    return this.http.call("PATCH", `${FACTORS}/passkeys/${encodeURIComponent(id)}`, { kind });
  }
  removePasskey(id: string): Promise<Result<unknown>> {
    return this.http.call("DELETE", `${FACTORS}/passkeys/${encodeURIComponent(id)}`);
  }

  // --- what is kept about the person -----------------------------------------------------------------------------------
  sessions(): Promise<Result<SessionList>> {
    return this.http.call("GET", "/me/sessions");
  }
  endSession(id: string): Promise<Result<unknown>> {
    return this.http.call("DELETE", `/me/sessions/${encodeURIComponent(id)}`);
  }
  endOtherSessions(): Promise<Result<EndedReply>> {
    return this.http.call("DELETE", "/me/sessions");
  }
  visits(cursor: string | null): Promise<Result<VisitPage>> {
    return this.http.call("GET", page("/me/visits", cursor));
  }
  accessLog(cursor: string | null): Promise<Result<LookPage>> {
    return this.http.call("GET", page("/me/access-log", cursor));
  }
  notifications(cursor: string | null): Promise<Result<NotificationPage>> {
    return this.http.call("GET", page("/me/notifications", cursor));
  }
  readAllNotifications(): Promise<Result<unknown>> {
    return this.http.call("POST", "/me/notifications/read", {});
  }
  openNotification(id: string): Promise<Result<OpenedReply>> {
    return this.http.call("POST", `/me/notifications/${encodeURIComponent(id)}/open`, {});
  }
  notificationChoices(): Promise<Result<ChoicesReply>> {
    return this.http.call("GET", "/me/notification-choices");
  }
  chooseNotification(change: ChoiceIn): Promise<Result<ChoicesReply>> {
    return this.http.call("PUT", "/me/notification-choices", change);
  }
  pushDevices(): Promise<Result<PushReply>> {
    return this.http.call("GET", "/me/push");
  }
  addPush(endpoint: string): Promise<Result<unknown>> {
    return this.http.call("POST", "/me/push", { endpoint });
  }
  removePush(id: string): Promise<Result<unknown>> {
    return this.http.call("DELETE", `/me/push/${encodeURIComponent(id)}`);
  }

  // --- who one is in the forum -----------------------------------------------------------------------------------------
  profile(): Promise<Result<MyProfileReply>> {
    return this.http.call("GET", "/me/profile");
  }
  changeProfile(change: ProfileChange): Promise<Result<MyProfileReply>> {
    return this.http.call("PATCH", "/me/profile", change);
  }
  conversations(status: "open" | "closed"): Promise<Result<ConversationPage>> {
    return this.http.call("GET", `/conversations?status=${status}&limit=100`);
  }
  consents(): Promise<Result<ConsentsReply>> {
    return this.http.call("GET", "/me/consents");
  }
  setConsent(purpose: string, granted: boolean): Promise<Result<ConsentsReply>> {
    return this.http.call("PUT", "/me/consents", { purpose, granted });
  }
}
