// The account page's state: who is signed in, their second factors, and what has to be proved before something goes on.
// No views here.
import { Http } from "../shared/http";
import { showPasskey } from "../shared/passkey";
import { failure, isTransient, type Failure, type Result } from "../shared/result";
import { Connection } from "../shared/socket";
import type { Account, Confirmation, FactorsReply, MethodsReply, NewAccount, NewSession } from "../shared/wire";
import { AccountApi } from "./account-api";

/** `owing`: signed in, but the server wants a second factor before it answers anything else. */
export type Phase = "loading" | "stuck" | "signed_out" | "owing" | "ready";

const RETRY_MS = 5_000;

export class AccountClient {
  phase: Phase = "loading";
  account: Account | null = null;
  factors: FactorsReply | null = null;
  methods: MethodsReply = { passkey: false, provider: null };
  error: Failure | null = null;
  /** True once a session that was in use has ended: said on the sign-in page. */
  ended = false;
  /** True while the person is asked to prove who they are, for something that they have begun. */
  asking = false;
  /** Rises when the lists may have changed: a notice came, or the line is back. */
  turn = 0;

  readonly api = new AccountApi(new Http());
  readonly connection = new Connection(() => null);
  private answerProof: (proved: boolean) => void = () => {};
  private readonly listeners = new Set<() => void>();

  constructor() {
    let wasOffline = false;
    this.connection.onState((state) => {
      if (state === "refused") return this.sessionEnded();
      if (state === "offline") wasOffline = true;
      if (state === "online" && wasOffline) {
        wasOffline = false;
        this.turn += 1;
      }
      this.changed();
    });
    this.connection.onEvent((event) => {
      if (event !== "notify:new" && event !== "notify:read") return;
      this.turn += 1;
      this.changed();
    });
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  get isStaff(): boolean {
    return this.account !== null && this.account.role !== "customer" && this.account.role !== "visitor";
  }

  async start(): Promise<void> {
    const [me, methods] = await Promise.all([this.api.me(), this.api.methods()]);
    if (methods.ok) this.methods = methods.data;
    if (me.ok) return this.signedIn(me.data.account);
    if (me.error.code === "not_authenticated") return this.enter("signed_out");
    if (me.error.code === "second_factor_required") return this.owes();
    this.error = me.error;
    this.enter("stuck");
    if (isTransient(me.error.code)) setTimeout(() => void (this.phase === "stuck" && this.start()), RETRY_MS);
  }

  // --- coming in and going ---------------------------------------------------------------------------------------------

  async signIn(body: NewSession): Promise<Result<unknown>> {
    return this.entered(await this.api.signIn(body));
  }

  async signInByPasskey(): Promise<Result<unknown>> {
    const begun = await this.api.beginPasskeySignIn();
    if (!begun.ok) return begun;
    const shown = await showPasskey(begun.data.public_key);
    return shown ? this.entered(await this.api.passkeySignIn(shown)) : failure("passkey");
  }

  /** Registers; gives whether a link has to be followed first. Where not, the person is signed in already. */
  async register(body: NewAccount): Promise<Result<boolean>> {
    const made = await this.api.register(body);
    if (!made.ok) return made;
    if (made.data.verify_by_mail) return { ok: true, data: true };
    const answer = await this.signIn({ email: body.email, password: body.password });
    return answer.ok ? { ok: true, data: false } : answer;
  }

  async signOut(): Promise<void> {
    const answer = await this.api.signOut();
    if (answer.ok || answer.error.code === "not_authenticated" || answer.error.code === "second_factor_required") this.leave();
    else {
      this.error = answer.error;
      this.changed();
    }
  }

  // --- what a session must show ----------------------------------------------------------------------------------------

  /** Does something. Where the server wants a fresh proof of who this is, the person is asked, and then it goes on. */
  async run<T>(action: () => Promise<Result<T>>): Promise<Result<T>> {
    let answer = await action();
    if (!answer.ok && answer.error.code === "fresh_sign_in_required") {
      if (!(await this.askProof())) return failure("cancelled");
      answer = await action();
    }
    if (!answer.ok && answer.error.code === "not_authenticated") this.sessionEnded();
    if (!answer.ok && answer.error.code === "second_factor_required" && this.phase === "ready") await this.owes();
    return answer;
  }

  /** The person shows who they are: by password and code, or by the code that is owed. */
  async prove(proof: Confirmation | { passkey: unknown }): Promise<Result<unknown>> {
    const answer = await this.api.confirm(proof);
    if (answer.ok) await this.proved();
    return answer;
  }

  async proveByPasskey(): Promise<Result<unknown>> {
    const begun = await this.api.beginConfirming();
    if (!begun.ok) return begun;
    const shown = await showPasskey(begun.data.public_key);
    return shown ? this.prove({ passkey: shown }) : failure("passkey");
  }

  /** Goes on with what was begun: a proof was given (here or at the provider), or the person gave it up. */
  endAsking(proved: boolean): void {
    this.asking = false;
    this.answerProof(proved);
    this.changed();
  }

  async loadFactors(): Promise<void> {
    const answer = await this.run(() => this.api.factors());
    if (!answer.ok) return;
    this.factors = answer.data;
    this.changed();
  }

  /** The account as it is now, after its address has changed, or once a session owes nothing any more. */
  async reload(): Promise<void> {
    const me = await this.api.me();
    if (me.ok) await this.signedIn(me.data.account);
    else if (me.error.code === "not_authenticated") this.sessionEnded();
  }

  private async proved(): Promise<void> {
    if (this.phase === "owing") await this.reload();
    if (this.asking) this.endAsking(true);
  }

  private askProof(): Promise<boolean> {
    this.asking = true;
    this.changed();
    return new Promise((resolve) => {
      this.answerProof = resolve;
    });
  }

  private async entered(answer: Result<{ account: Account }>): Promise<Result<unknown>> {
    if (answer.ok) {
      // Staff may have to show or set up a second factor first: only the server knows.
      const me = await this.api.me();
      if (!me.ok && me.error.code === "second_factor_required") await this.owes();
      else await this.signedIn(answer.data.account);
    }
    return answer;
  }

  private async signedIn(account: Account): Promise<void> {
    this.account = account;
    this.error = null;
    this.ended = false;
    const factors = await this.api.factors();
    this.factors = factors.ok ? factors.data : null;
    this.enter("ready");
    this.connection.connect();
  }

  private async owes(): Promise<void> {
    const factors = await this.api.factors();
    if (factors.ok) {
      this.factors = factors.data;
      return this.enter("owing");
    }
    if (factors.error.code === "not_authenticated") return this.sessionEnded();
    this.error = factors.error;
    this.enter("stuck");
  }

  private sessionEnded(): void {
    if (this.phase === "signed_out") return;
    this.ended = this.phase === "ready" || this.phase === "owing";
    this.leave();
  }

  /** Nothing of the person stays in memory once the session is over. */
  private leave(): void {
    this.connection.stop();
    this.account = null;
    this.factors = null;
    this.error = null;
    if (this.asking) this.endAsking(false);
    this.enter("signed_out");
  }

  private enter(phase: Phase): void {
    this.phase = phase;
    this.changed();
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}
