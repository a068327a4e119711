// Writing: drafts, a look ahead at what will be hidden, sending without leaving the page. The server's form does the
// rest: whatever happens, what was typed stays in the field.
import { addressOf } from "./contacts";
import { type Fields, dropDraft, keepDraft, recallDraft } from "./drafts";
import { Images } from "./images";
import type { Live } from "./live";
import { watchText } from "./preview";
import { setClock } from "./schedule";
import { forgetOnServer, keepOnServer, recallFromServer } from "./server-drafts";
import { say } from "./words";

const SAVE_MS = 400;
const FARTHER_MS = 8_000;
const DROPPING_MS = 3_000;
const KEPT = ["title", "tags", "text"] as const;

type Typing = HTMLInputElement | HTMLTextAreaElement;

export class Writer {
  private readonly place: string;
  private readonly fields: Typing[];
  private readonly saved: HTMLElement | null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private fartherTimer: ReturnType<typeof setTimeout> | undefined;
  private sending = false;
  private images: Images | null = null;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly live: Live | null,
  ) {
    this.place = `${form.dataset["writer"]}:${form.dataset["place"]}`;
    this.fields = KEPT.map((name) => form.elements.namedItem(name)).filter((item): item is Typing => item instanceof HTMLInputElement || item instanceof HTMLTextAreaElement);
    this.saved = form.querySelector("[data-saved]");
  }

  start(): void {
    const text = this.form.querySelector<HTMLTextAreaElement>("[data-compose]");
    const preview = this.form.querySelector<HTMLElement>("[data-preview]");
    // This comes after the page: what was typed until then is kept, too.
    if (this.fields.some((field) => field.value !== field.defaultValue)) this.keepSoon();
    if (this.form.dataset["place"]) void this.restore();
    if (text && preview) watchText(text, preview);
    const fold = this.form.querySelector<HTMLDetailsElement>("[data-images]");
    if (text && fold) {
      this.images = new Images(fold, text);
      this.images.start();
    }
    const schedule = this.form.querySelector<HTMLElement>("[data-schedule]");
    if (schedule) setClock(schedule);
    const title = this.form.querySelector<HTMLInputElement>("[data-similar]");
    const similar = this.form.querySelector<HTMLElement>("[data-similar-list]");
    if (title && similar && this.form.dataset["writer"] === "topic") {
      // Only who begins a topic pays for it; it waits for a pause in typing anyway.
      void import("./similar").then(({ watchTitle }) => watchTitle(title, similar));
    }
    this.form.addEventListener("input", () => this.keepSoon());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (event.submitter instanceof HTMLElement && event.submitter.dataset["sign"]) {
        // What was typed stays in this browser, unredacted for nobody else's eyes, and is there again on the way back.
        this.keep();
        location.assign(addressOf(this.form) || event.submitter.dataset["sign"]);
        return;
      }
      void this.send();
    });
    text?.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.form.requestSubmit();
    });
  }

  /** Begins an answer to a post with a piece of it. */
  quote(handle: string, seq: number, said: string): void {
    const text = this.form.querySelector<HTMLTextAreaElement>("[data-compose]");
    if (!text) return;
    const quoted = `> @${handle} #${seq}\n> ${said.replace(/\s*\n\s*/g, "\n> ")}\n\n`;
    text.value = text.value.trim() === "" ? quoted : `${text.value.trimEnd()}\n\n${quoted}`;
    let replyTo = this.form.elements.namedItem("reply_to") as HTMLInputElement | null;
    if (!replyTo) {
      replyTo = Object.assign(document.createElement("input"), { type: "hidden", name: "reply_to" });
      this.form.append(replyTo);
    }
    replyTo.value = String(seq);
    this.form.scrollIntoView({ block: "center" });
    text.focus();
    text.setSelectionRange(text.value.length, text.value.length);
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }

  private values(): Fields {
    return Object.fromEntries(this.fields.map((field) => [field.name, field.value]));
  }

  private async restore(): Promise<void> {
    // A form that came back refused, or with a quote in it, is newer than any draft.
    const isEmpty = () => this.fields.every((field) => field.value.trim() === "");
    if (!isEmpty()) return;
    const draft = recallDraft(this.place) ?? (this.isNew() ? await recallFromServer(this.form.dataset["place"] ?? "") : null);
    if (!draft || !isEmpty()) return;
    for (const field of this.fields) field.value = draft[field.name] ?? "";
    if (!this.saved) return;
    const discard = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: say("draft_discard") });
    discard.addEventListener("click", () => {
      void this.drop();
      for (const field of this.fields) field.value = "";
      if (this.saved) this.saved.textContent = "";
    });
    this.saved.replaceChildren(say("draft_restored"), " ", discard);
  }

  private keepSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), SAVE_MS);
  }

  private keep(): void {
    if (!this.form.dataset["place"] || this.sending) return;
    keepDraft(this.place, this.values());
    this.keepFarther();
    this.tell(this.fields.some((field) => field.value.trim()) ? say("draft_saved") : "");
  }

  /** The server keeps it too, redacted: for another device. Rarely, and whatever becomes of it. */
  private keepFarther(): void {
    if (!this.isNew()) return;
    clearTimeout(this.fartherTimer);
    this.fartherTimer = setTimeout(() => {
      const { title = "", text = "" } = this.values();
      keepOnServer(this.form.dataset["place"] ?? "", title, text);
    }, FARTHER_MS);
  }

  private isNew(): boolean {
    return ["topic", "reply"].includes(this.form.dataset["writer"] ?? "") && Boolean(this.form.dataset["place"]);
  }

  private tell(text: string): void {
    if (this.saved) this.saved.textContent = text;
  }

  private async send(): Promise<void> {
    if (this.sending || (this.images?.waits && !(await this.images.attach()))) return;
    this.sending = true;
    clearTimeout(this.timer);
    if (this.form.dataset["place"]) keepDraft(this.place, this.values());
    const button = this.form.querySelector<HTMLButtonElement>(".writer-end button[type=submit]");
    button?.setAttribute("aria-disabled", "true");
    this.tell(say("sending"));
    try {
      const body = new URLSearchParams();
      for (const [name, value] of new FormData(this.form)) if (typeof value === "string") body.append(name, value);
      const response = await fetch(this.form.action, { method: "POST", body, credentials: "same-origin", headers: { Accept: "text/html" } });
      if (response.ok && response.redirected) await this.done(response.url);
      else this.refused(await response.text());
    } catch {
      this.complain(say("not_sent"), {});
    } finally {
      this.sending = false;
      button?.removeAttribute("aria-disabled");
    }
  }

  private async drop(): Promise<void> {
    dropDraft(this.place);
    clearTimeout(this.fartherTimer);
    if (this.isNew()) await forgetOnServer(this.form.dataset["place"] ?? "");
  }

  private async done(address: string): Promise<void> {
    const dropped = this.drop();
    const target = new URL(address);
    if (this.form.dataset["writer"] !== "reply" || !this.live || !document.querySelector("[data-live]")) {
      // A page that goes asks for nothing more; nobody waits long for it.
      await Promise.race([dropped, new Promise((late) => setTimeout(late, DROPPING_MS))]);
      location.assign(target);
      // Only the fragment differs: nothing would be loaded.
      if (target.pathname === location.pathname && target.search === location.search) location.reload();
      return;
    }
    await this.live.ask();
    this.live.show(true);
    this.clear();
    this.tell(say("sent"));
  }

  private clear(): void {
    this.complain("", {});
    for (const field of this.fields) {
      field.value = "";
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    clearTimeout(this.timer);
    (this.form.elements.namedItem("reply_to") as HTMLInputElement | null)?.remove();
    const id = this.form.elements.namedItem("client_id") as HTMLInputElement | null;
    if (id) id.value = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /** The server's page with the form again: its messages are taken over, what was typed is here already. */
  private refused(html: string): void {
    const page = new DOMParser().parseFromString(html, "text/html");
    const message = page.querySelector(".form-error")?.textContent ?? page.querySelector(".blank p:not(.blank-number)")?.textContent;
    const reasons = Object.fromEntries([...page.querySelectorAll(".reason[id]")].map((item) => [item.id.replace(/-reason$/, ""), item.textContent ?? ""]));
    this.complain(message?.trim() || say("refused"), reasons);
  }

  private complain(message: string, reasons: Record<string, string>): void {
    for (const old of this.form.querySelectorAll(".form-error, .reason")) old.remove();
    for (const field of this.form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    this.tell("");
    if (!message) return;
    const error = Object.assign(document.createElement("p"), { className: "form-error", textContent: message });
    error.setAttribute("role", "alert");
    const heading = this.form.querySelector("h2");
    if (heading) heading.after(error);
    else this.form.prepend(error);
    for (const [name, reason] of Object.entries(reasons)) {
      const field = this.form.querySelector<HTMLElement>(`[name="${name}"], [name="${name.replace(/_id$/, "")}"]`);
      if (!field) continue;
      field.setAttribute("aria-invalid", "true");
      const said = Object.assign(document.createElement("p"), { className: "reason", id: `${name}-reason`, textContent: reason });
      field.setAttribute("aria-describedby", `${field.id}-hint ${said.id}`);
      field.closest(".field")?.append(said);
    }
    this.form.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }
}
