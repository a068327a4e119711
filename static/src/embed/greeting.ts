// A greeting beside the launcher, by rules of the page's owner. Loads nothing, stores nothing: a visitor who does not
// answer leaves no trace.

export interface GreetingRules {
  text: string;
  /** Seconds on the page. */
  after: number;
  /** Patterns of paths, `*` for anything; none: every page. */
  pages: readonly string[];
}

export function rulesOf(data: DOMStringMap): GreetingRules | null {
  const text = data["greeting"]?.trim();
  if (!text) return null;
  const pages = (data["greetingPages"] ?? "").split(/[\s,]+/).filter(Boolean);
  return { text: text.slice(0, 200), after: Math.max(0, Number(data["greetingAfter"]) || 0), pages };
}

/** Whether a path fits one of the patterns. */
export function fits(path: string, pages: readonly string[]): boolean {
  const escaped = (page: string) => page.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace(/\*/g, ".*");
  return pages.length === 0 || pages.some((page) => new RegExp(`^${escaped(page)}$`).test(path));
}

export class Greeting {
  private readonly box = document.createElement("div");
  private readonly words = document.createElement("button");
  private timer: ReturnType<typeof setTimeout> | undefined;
  private refused = false;

  constructor(root: ParentNode & Node, closeLabel: string, onAnswer: () => void) {
    this.box.className = "greet";
    this.box.hidden = true;
    this.box.setAttribute("role", "status");
    const close = document.createElement("button");
    close.type = this.words.type = "button";
    close.textContent = "×";
    close.setAttribute("aria-label", closeLabel);
    this.words.addEventListener("click", onAnswer);
    close.addEventListener("click", () => {
      this.refused = true;
      this.hide();
    });
    this.box.append(this.words, close);
    root.append(this.box);
  }

  plan(rules: GreetingRules): void {
    clearTimeout(this.timer);
    if (!fits(location.pathname, rules.pages)) return;
    this.timer = setTimeout(() => this.show(rules.text), rules.after * 1_000);
  }

  hide(): void {
    clearTimeout(this.timer);
    this.box.hidden = true;
  }

  private show(text: string): void {
    if (this.refused) return;
    this.words.textContent = text;
    this.box.hidden = false;
  }
}
