// The follow-up code is shown once: a button takes it along.
import { say } from "../forum/words";

export function offerCode(): void {
  const code = document.querySelector<HTMLElement>("[data-code]");
  const copy = document.querySelector<HTMLButtonElement>("[data-copy]");
  if (!code || !copy || !navigator.clipboard) return;
  copy.hidden = false;
  copy.addEventListener("click", () => {
    void navigator.clipboard.writeText(code.textContent?.trim() ?? "").then(() => {
      copy.textContent = say("copied");
    });
  });
}
