// Keys on the moderators' list: J and K go through it, O opens. Only while the focus is inside, so that nobody presses
// one by accident (WCAG 2.1.4); the list is complete without.
export function listenForKeys(list: HTMLElement): void {
  const links = [...list.querySelectorAll<HTMLAnchorElement>("h2 a")];
  list.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const here = links.findIndex((link) => link.closest("li")?.contains(document.activeElement));
    const key = event.key.toLowerCase();
    if (key === "j" || key === "k") links[here + (key === "j" ? 1 : -1)]?.focus();
    else if (key === "o") links[here]?.click();
    else return;
    event.preventDefault();
  });
  const hint = document.querySelector<HTMLElement>("[data-review-keys]");
  if (hint) hint.hidden = links.length === 0;
}
