// A passkey in place of password and code, in forms that ask who it is: it is shown for this very form, written into a
// hidden field of it, and sent along with the rest. Forms are complete without; a browser that can't do it shows nothing.
import { FactorApi } from "../../shared/factors";
import { Http } from "../../shared/http";
import { hasPasskeys, showPasskey } from "../../shared/passkey";

const api = new FactorApi(new Http());

/** Shows the button of each form that takes a passkey, to those who have one. */
export async function offerPasskeys(blocks: readonly HTMLElement[]): Promise<void> {
  if (!hasPasskeys()) return;
  const had = await api.factors();
  if (!had.ok || !had.data.passkeys.length) return;
  for (const block of blocks) offer(block);
}

function offer(block: HTMLElement): void {
  const form = block.closest("form");
  const field = form?.querySelector<HTMLInputElement>("input[name=passkey]");
  const button = block.querySelector("button");
  if (!form || !field || !button) return;
  block.hidden = false;
  let asking = false;
  button.addEventListener("click", () => {
    if (asking || !isFilled(form)) return;
    asking = true;
    button.setAttribute("aria-disabled", "true");
    void shown().then((credential) => {
      asking = false;
      button.removeAttribute("aria-disabled");
      said(block, !credential);
      if (!credential) return;
      field.value = credential;
      withoutSecrets(form, () => form.requestSubmit(form.querySelector<HTMLButtonElement>("button[type=submit]")));
      // Only this once: whoever comes back to the page shows it anew.
      field.value = "";
    });
  });
}

/** What the browser made, as JSON; null where the person gave up or the server offers no challenge. */
async function shown(): Promise<string | null> {
  const begun = await api.beginConfirming();
  if (!begun.ok) return null;
  const credential = await showPasskey(begun.data.public_key);
  return credential && JSON.stringify(credential);
}

/** Whether all is filled in but what the passkey stands for. */
function isFilled(form: HTMLFormElement): boolean {
  let filled = false;
  withoutSecrets(form, () => (filled = form.reportValidity()));
  return filled;
}

function withoutSecrets(form: HTMLFormElement, act: () => void): void {
  const secrets = [...form.querySelectorAll<HTMLInputElement>("input[name=password], input[name=code]")];
  const needed = secrets.filter((one) => one.required);
  for (const one of needed) one.required = false;
  act();
  for (const one of needed) one.required = true;
}

function said(block: HTMLElement, failed: boolean): void {
  const words = block.querySelector<HTMLElement>("[role=alert]");
  if (words) words.textContent = failed ? (words.dataset["none"] ?? "") : "";
}
