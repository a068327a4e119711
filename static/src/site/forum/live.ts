// New answers while a topic is open. A light question every so often, answered from the server's memory with an entity
// tag; none while the page is hidden or the reader saves data.
import { say } from "./words";
import { showTimes } from "./times";

const FIRST_MS = 10_000;
const SLOWEST_MS = 60_000;
const NEAR_PX = 500;

interface Connection {
  saveData?: boolean;
}

export class Live {
  private last: number;
  private readonly number: string;
  private waiting: Element[] = [];
  private pause = FIRST_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly pill: HTMLButtonElement;

  constructor(private readonly list: HTMLElement) {
    this.number = list.dataset["topic"] ?? "";
    this.last = Number(list.dataset["last"]);
    this.pill = document.createElement("button");
    this.pill.type = "button";
    this.pill.className = "button button-main";
    this.pill.addEventListener("click", () => this.show(true));
    const place = document.createElement("div");
    place.className = "news";
    place.hidden = true;
    place.append(this.pill);
    list.after(place);
  }

  start(): void {
    const connection = (navigator as { connection?: Connection }).connection;
    if (connection?.saveData) return;
    document.addEventListener("visibilitychange", () => {
      this.pause = FIRST_MS;
      this.plan();
    });
    this.plan();
  }

  /** Asks now, and shows what came; resolves with whether anything did. */
  async ask(): Promise<boolean> {
    const response = await fetch(`/forum/t/${this.number}/kabar?setelah=${this.last}`, { credentials: "same-origin" });
    if (!response.ok) return false;
    this.last = Math.max(this.last, Number(response.headers.get("X-Last-Seq") ?? 0));
    const parsed = new DOMParser().parseFromString(await response.text(), "text/html");
    // Whoever answers asks too, perhaps while this was on its way: an answer may come twice.
    const isNew = ({ id }: Element) => !document.getElementById(id) && this.waiting.every((post) => post.id !== id);
    const fresh = [...parsed.querySelectorAll("article[data-seq]")].filter(isNew);
    this.waiting.push(...fresh);
    return fresh.length > 0;
  }

  /** Puts what is waiting at the end of the list. */
  show(follow: boolean): void {
    const first = this.waiting[0];
    for (const post of this.waiting) this.list.append(document.importNode(post, true));
    const said = document.querySelector("[data-said]");
    if (said && first) said.textContent = say("news", { n: this.waiting.length });
    this.waiting = [];
    showTimes(this.list);
    this.tell();
    if (follow && first) document.getElementById(first.id)?.scrollIntoView({ block: "start" });
  }

  private plan(): void {
    clearTimeout(this.timer);
    if (document.hidden) return;
    this.timer = setTimeout(() => void this.turn(), this.pause);
  }

  private async turn(): Promise<void> {
    try {
      const came = await this.ask();
      this.pause = came ? FIRST_MS : Math.min(this.pause * 1.3, SLOWEST_MS);
      if (came && this.isNearEnd()) this.show(false);
      else this.tell();
    } catch {
      this.pause = SLOWEST_MS;
    }
    this.plan();
  }

  private isNearEnd(): boolean {
    return this.list.getBoundingClientRect().bottom < innerHeight + NEAR_PX;
  }

  private tell(): void {
    const place = this.pill.parentElement;
    if (place) place.hidden = this.waiting.length === 0;
    this.pill.textContent = say("news", { n: this.waiting.length });
  }
}
