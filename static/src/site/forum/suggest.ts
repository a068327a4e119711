// Suggestions under a search box while somebody types (WAI-ARIA 1.2, combobox with a list). Enter without a choice
// searches, as without scripts.
import { Http } from "../../shared/http";
import { readable, say } from "./words";

interface Suggestions {
  topics: { number: number; slug: string; title: string }[];
  tags: string[];
}

interface Suggestion {
  text: string;
  address: string;
  kind: string;
}

const PAUSE_MS = 250;
const SHORTEST = 2;

export class Suggest {
  private readonly http = new Http();
  private readonly list = document.createElement("ul");
  private readonly said = document.createElement("span");
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asking: AbortController | undefined;
  private active = -1;

  constructor(
    private readonly field: HTMLInputElement,
    id: string,
  ) {
    this.list.id = id;
    this.list.className = "suggestions";
    this.list.hidden = true;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", say("suggestions"));
    this.said.className = "sr-only";
    this.said.setAttribute("role", "status");
  }

  start(): void {
    const { field } = this;
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-expanded", "false");
    field.setAttribute("aria-controls", this.list.id);
    field.parentElement?.classList.add("suggesting");
    field.after(this.list, this.said);
    field.addEventListener("input", () => this.soon());
    field.addEventListener("keydown", (event) => this.key(event));
    field.addEventListener("blur", () => this.close());
    // A press must not take the focus away before it is a click.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
  }

  private soon(): void {
    clearTimeout(this.timer);
    this.asking?.abort();
    if (this.field.value.trim().length < SHORTEST) this.close();
    else this.timer = setTimeout(() => void this.ask(), PAUSE_MS);
  }

  private async ask(): Promise<void> {
    const typed = this.field.value;
    this.asking = new AbortController();
    const answer = await this.http.call<Suggestions>("GET", `/search/suggestions?q=${encodeURIComponent(typed)}`, undefined, this.asking.signal);
    if (!answer.ok || this.field.value !== typed || document.activeElement !== this.field) return;
    this.show([
      ...answer.data.tags.map((tag) => ({ text: tag, address: `/forum/tag/${tag}`, kind: say("suggest_tag") })),
      ...answer.data.topics.map((topic) => ({ text: readable(topic.title), address: `/forum/t/${topic.number}/${topic.slug}`, kind: "" })),
    ]);
  }

  private show(found: Suggestion[]): void {
    // Who has begun to choose from what an earlier answer brought goes on from there.
    const chosen = this.options()[this.active]?.dataset["address"];
    this.list.replaceChildren(...found.map((item, place) => this.option(item, place)));
    this.choose(found.findIndex((item) => item.address === chosen));
    this.list.hidden = found.length === 0;
    this.field.setAttribute("aria-expanded", String(found.length > 0));
    this.said.textContent = found.length ? say("suggestions", { n: found.length }) : "";
  }

  private option(item: Suggestion, place: number): HTMLLIElement {
    const option = Object.assign(document.createElement("li"), { id: `${this.list.id}-${place}`, textContent: item.text });
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.dataset["address"] = item.address;
    if (item.kind) option.prepend(Object.assign(document.createElement("span"), { className: "hint", textContent: `${item.kind} ` }));
    option.addEventListener("click", () => location.assign(item.address));
    return option;
  }

  private key(event: KeyboardEvent): void {
    if (this.list.hidden || event.isComposing) return;
    const last = this.list.children.length - 1;
    if (event.key === "ArrowDown") this.choose(this.active < last ? this.active + 1 : -1);
    else if (event.key === "ArrowUp") this.choose(this.active < 0 ? last : this.active - 1);
    else if (event.key === "Escape") this.close();
    else if (event.key === "Enter" && this.active >= 0) location.assign(this.options()[this.active]?.dataset["address"] ?? "");
    else return;
    event.preventDefault();
  }

  private options(): HTMLElement[] {
    return [...this.list.children] as HTMLElement[];
  }

  private choose(place: number): void {
    this.active = place;
    for (const [index, option] of this.options().entries()) option.setAttribute("aria-selected", String(index === place));
    const chosen = this.options()[place];
    if (chosen) {
      this.field.setAttribute("aria-activedescendant", chosen.id);
      chosen.scrollIntoView({ block: "nearest" });
    } else this.field.removeAttribute("aria-activedescendant");
  }

  private close(): void {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.show([]);
  }
}
