// Buttons that need no new page: reactions. And menus that close when one is done with them.
export function pressInPlace(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.matches("[data-react]")) return;
    const button = (event as SubmitEvent).submitter;
    if (!(button instanceof HTMLButtonElement)) return;
    event.preventDefault();
    void react(form, button);
  });
}

async function react(form: HTMLFormElement, button: HTMLButtonElement): Promise<void> {
  const body = new URLSearchParams({ [button.name]: button.value });
  try {
    const response = await fetch(form.action, { method: "POST", body, credentials: "same-origin", redirect: "manual" });
    if (response.type !== "opaqueredirect") throw new Error("refused");
  } catch {
    // The way without scripts shows what is wrong.
    form.requestSubmit = HTMLFormElement.prototype.requestSubmit;
    const sent = Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value });
    form.append(sent);
    form.submit();
    return;
  }
  const count = button.querySelector("[data-count]");
  if (!count) {
    // From the menu of others: the page knows how it looks then.
    const hash = form.closest("article")?.id ?? "";
    location.hash = hash;
    location.reload();
    return;
  }
  const given = button.name === "give";
  button.name = given ? "take" : "give";
  button.setAttribute("aria-pressed", String(given));
  count.textContent = String(Math.max(0, Number(count.textContent || 0) + (given ? 1 : -1)) || "");
}

export function closeMenus(): void {
  const open = () => document.querySelectorAll<HTMLDetailsElement>("details.menu[open]");
  document.addEventListener("click", (event) => {
    for (const menu of open()) if (!menu.contains(event.target as Node)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  });
}
