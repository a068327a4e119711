// The form itself: choose, write, send. Whatever goes wrong, what was typed stays; it is kept in the fields and nowhere
// else, so that closing the window by mistake loses nothing and the page's own storage gets nothing.
import { drawing, element } from "./build";
import type { Failure } from "../shared/result";
import { type Given, pageOf, Sender } from "./sending";
import { type Kind, KINDS, type Language, WORDS, type Words } from "./words";

const CROSS = "M6 6l12 12M18 6 6 18";
const LONGEST_TITLE = 120;
const LONGEST_TEXT = 8000;
const SHORTEST_LIKE = 8;
const PAUSE_MS = 900;
const MOST_LIKE = 3;

const FAILURES: Readonly<Record<string, keyof Words>> = { network: "offline", timeout: "offline", rate_limited: "limited" };

/** Also on pages without TLS, where `randomUUID` is missing. */
const newId = (): string => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

type Typing = HTMLInputElement | HTMLTextAreaElement;

export class Form {
  readonly dialog: HTMLDialogElement;
  private readonly words: Words;
  private readonly sender: Sender;
  private readonly form: HTMLFormElement;
  private readonly title: HTMLInputElement;
  private readonly text: HTMLTextAreaElement;
  private readonly withPage: HTMLInputElement;
  private readonly pageName = element("span");
  private readonly audience = element("p", { class: "soft" });
  private readonly alert = element("p", { class: "alert", role: "alert", hidden: true });
  private readonly like = element("div", { class: "similar", hidden: true });
  private readonly done = element("div", { class: "done", hidden: true, tabindex: "-1" });
  private readonly button: HTMLButtonElement;
  private readonly kinds: HTMLInputElement[];
  private clientId = newId();
  private sending = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asking: AbortController | null = null;

  constructor(
    private readonly home: string,
    private readonly language: Language,
    kind: Kind,
  ) {
    this.words = WORDS[language];
    this.sender = new Sender(home, language);
    const { words } = this;
    this.kinds = KINDS.map((name) => element("input", { type: "radio", name: "kind", value: name, checked: name === kind }));
    this.title = element("input", { id: "title", maxlength: String(LONGEST_TITLE), autocomplete: "off", "aria-describedby": "title-bad" });
    this.text = element("textarea", { id: "text", maxlength: String(LONGEST_TEXT), rows: "5", "aria-describedby": "text-bad" });
    this.withPage = element("input", { type: "checkbox", checked: true });
    this.button = element("button", { class: "send", type: "submit" }, words.send);
    this.form = element(
      "form",
      { novalidate: true },
      this.headOf("heading", words.title),
      element("p", { class: "soft" }, words.lead),
      this.alert,
      element(
        "fieldset",
        {},
        element("legend", {}, words.kind),
        ...this.kinds.map((input, at) => element("label", { class: "kind" }, input, words[KINDS[at] ?? "suggestion"])),
      ),
      this.audience,
      this.field(words.heading, this.title),
      this.like,
      this.field(words.text, this.text),
      element("label", { class: "page" }, this.withPage, this.pageName),
      element("div", { class: "row" }, this.button, this.fullPage()),
    );
    this.dialog = element("dialog", { "aria-labelledby": "heading" }, this.form, this.done);
    this.listen();
    this.showAudience();
  }

  open(kind?: Kind): void {
    for (const input of this.kinds) if (kind) input.checked = input.value === kind;
    this.showAudience();
    const page = pageOf(location.href);
    this.pageName.textContent = `${this.words.page}${page ? `: ${page}` : ""}`;
    (this.withPage.parentElement as HTMLElement).hidden = page === null;
    this.dialog.showModal();
    (this.form.hidden ? this.done : this.title).focus();
  }

  private headOf(id: string, words: string): HTMLElement {
    const close = element("button", { class: "x", type: "button", "aria-label": this.words.cancel }, drawing(CROSS));
    close.addEventListener("click", () => this.dialog.close());
    return element("div", { class: "head" }, element("h2", { id }, words), close);
  }

  private field(label: string, input: Typing): HTMLElement {
    const bad = element("p", { class: "bad", id: `${input.id}-bad` });
    return element("div", { class: "field" }, element("label", { for: input.id }, label), input, bad);
  }

  private listen(): void {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send();
    });
    this.form.addEventListener("change", () => this.showAudience());
    this.title.addEventListener("input", () => this.askSoon());
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.form.requestSubmit();
    });
    // Keys that somebody types here are no shortcuts of the page around.
    for (const name of ["keydown", "keyup", "keypress"] as const) this.dialog.addEventListener(name, (event) => event.stopPropagation());
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
  }

  private get kind(): Kind {
    return KINDS.find((name) => this.kinds.some((input) => input.checked && input.value === name)) ?? "suggestion";
  }

  private showAudience(): void {
    this.audience.textContent = this.kind === "suggestion" ? this.words.public : this.words.private;
    if (this.kind !== "suggestion") this.like.hidden = true;
  }

  private mark(input: Typing, words: string): void {
    const bad = this.form.querySelector(`#${input.id}-bad`);
    if (bad) bad.textContent = words;
    if (words) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }

  private tell(words: string): void {
    this.alert.textContent = words;
    this.alert.hidden = !words;
    if (words) this.alert.scrollIntoView({ block: "nearest" });
  }

  private async send(): Promise<void> {
    if (this.sending) return;
    const empty = [this.title, this.text].filter((input) => input.value.trim() === "");
    for (const input of [this.title, this.text]) this.mark(input, empty.includes(input) ? this.words.required : "");
    this.tell("");
    empty[0]?.focus();
    if (empty.length) return;
    this.busy(true);
    const page = this.withPage.checked ? pageOf(location.href) : null;
    const answer = await this.sender.give({ kind: this.kind, title: this.title.value, text: this.text.value, page, clientId: this.clientId });
    this.busy(false);
    if (answer.ok) this.thank(answer.data.feedback.held ? this.words.held : this.words.thanks, answer.data);
    else if (answer.error.code === "held") this.thank(this.words.held, null);
    else this.refuse(answer.error);
  }

  private busy(sending: boolean): void {
    this.sending = sending;
    this.button.textContent = sending ? this.words.sending : this.words.send;
    this.button.setAttribute("aria-disabled", String(sending));
  }

  private refuse(error: Failure): void {
    this.mark(this.title, error.fields["title"]?.message ?? "");
    this.mark(this.text, error.fields["text"]?.message ?? "");
    const known = error.fields["title"] ?? error.fields["text"];
    this.tell(known ? "" : this.words[FAILURES[error.code] ?? "failed"]);
    this.form.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }

  private thank(words: string, given: Given | null): void {
    this.title.value = this.text.value = "";
    this.like.hidden = true;
    this.clientId = newId();
    const again = element("button", { class: "second", type: "button" }, this.words.again);
    again.addEventListener("click", () => {
      this.done.hidden = true;
      this.form.hidden = false;
      this.dialog.setAttribute("aria-labelledby", "heading");
      this.title.focus();
    });
    const ways = element("div", { class: "row" });
    const parts: HTMLElement[] = [this.headOf("thanks", words)];
    if (given?.code) {
      const { code } = given;
      const copy = element("button", { class: "second", type: "button" }, this.words.copy);
      copy.addEventListener("click", () => {
        void navigator.clipboard?.writeText(code).then(() => (copy.textContent = this.words.copied));
      });
      parts.push(element("p", {}, this.words.code), element("output", { class: "code" }, code), element("p", { class: "soft" }, this.words.keep));
      ways.append(copy, this.link(`/saran/kode?lang=${this.language}`));
    } else if (given?.feedback.visibility === "public" && given.feedback.shown) ways.append(this.link(given.feedback.path));
    ways.append(again);
    this.done.replaceChildren(...parts, ways);
    this.form.hidden = true;
    this.done.hidden = false;
    this.dialog.setAttribute("aria-labelledby", "thanks");
    this.done.focus();
  }

  /** A way to the page that takes files. What was typed goes along behind the `#`, which no browser sends to any server. */
  private fullPage(): HTMLElement {
    const bare = `${this.home}/saran/baru?lang=${this.language}`;
    const way = element("a", { class: "second", href: bare, target: "_blank", rel: "noopener noreferrer" }, this.words.attach);
    way.addEventListener("click", () => {
      const typed = JSON.stringify([this.title.value, this.text.value]);
      (way as HTMLAnchorElement).href = `${bare}&jenis=${this.kind}#isi=${encodeURIComponent(typed)}`;
      // What was typed stands in the page around only while the browser follows it.
      setTimeout(() => ((way as HTMLAnchorElement).href = bare));
    });
    return way;
  }

  private link(path: string): HTMLElement {
    return element("a", { class: "second", href: this.home + path, target: "_blank", rel: "noopener" }, this.words.follow);
  }

  private askSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.askForLike(), PAUSE_MS);
  }

  private async askForLike(): Promise<void> {
    const title = this.title.value;
    this.asking?.abort();
    if (this.kind !== "suggestion" || title.trim().length < SHORTEST_LIKE) {
      this.like.hidden = true;
      return;
    }
    this.asking = new AbortController();
    const answer = await this.sender.similar(title, this.asking.signal);
    if (!answer.ok || this.title.value !== title) return;
    const found = answer.data.items.slice(0, MOST_LIKE);
    const list = element("ul");
    for (const item of found) {
      const href = this.home + item.path;
      list.append(element("li", {}, element("b", {}, item.title), element("a", { href, target: "_blank", rel: "noopener" }, this.words.vote)));
    }
    this.like.replaceChildren(element("p", { class: "soft" }, this.words.similar), list);
    this.like.hidden = found.length === 0;
  }
}
