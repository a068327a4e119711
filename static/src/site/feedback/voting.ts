// A vote needs no new page. Where the server refuses, the form's own way shows why.
export function voteInPlace(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.matches("[data-vote]")) return;
    const button = form.querySelector<HTMLButtonElement>("button");
    if (!button || button.dataset["sure"]) return;
    event.preventDefault();
    void vote(form, button);
  });
}

async function vote(form: HTMLFormElement, button: HTMLButtonElement): Promise<void> {
  const given = button.value === "1";
  try {
    const body = new URLSearchParams({ [button.name]: button.value });
    const response = await fetch(form.action, { method: "POST", body, credentials: "same-origin", redirect: "manual" });
    if (response.type !== "opaqueredirect") throw new Error("refused");
  } catch {
    button.dataset["sure"] = "1";
    form.requestSubmit(button);
    return;
  }
  button.value = given ? "" : "1";
  button.setAttribute("aria-pressed", String(given));
  const count = button.querySelector("[data-count]");
  const shown = count?.textContent ?? "";
  // A rounded number stays as it is.
  if (count && /^\d+$/.test(shown)) count.textContent = String(Math.max(0, Number(shown) + (given ? 1 : -1)));
}
