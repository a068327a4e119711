// Lists go on by themselves when their end comes into view; the link that does the same stays where scripts fail.
import { showTimes } from "./times";
import { say } from "./words";

const EARLY_PX = "600px";

export function growList(list: HTMLElement): void {
  const watcher = new IntersectionObserver((entries) => {
    const link = entries.find((entry) => entry.isIntersecting)?.target;
    if (!(link instanceof HTMLAnchorElement)) return;
    watcher.unobserve(link);
    void more(link);
  }, { rootMargin: EARLY_PX });

  const watch = () => {
    const link = document.querySelector<HTMLAnchorElement>("a[data-older]");
    if (link) watcher.observe(link);
  };

  const more = async (link: HTMLAnchorElement) => {
    const words = link.textContent;
    link.textContent = say("loading");
    try {
      const response = await fetch(link.href, { credentials: "same-origin" });
      if (!response.ok) throw new Error(String(response.status));
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const known = new Set([...list.querySelectorAll(".topic-title a")].map((item) => item.getAttribute("href")));
      for (const row of page.querySelectorAll("[data-list] > li")) {
        if (!known.has(row.querySelector(".topic-title a")?.getAttribute("href") ?? "")) list.append(document.importNode(row, true));
      }
      showTimes(list);
      const next = page.querySelector<HTMLAnchorElement>("a[data-older]");
      if (next) {
        link.href = next.href;
        link.textContent = words;
        watch();
      } else link.closest("nav")?.remove();
    } catch {
      link.textContent = words;
    }
  };
  watch();
}
