// Keys of the staff's inbox and of the page of one item. Each presses what is on the page anyway. They can be switched
// off in the sheet that `?` opens, and never act while somebody writes (WCAG 2.1.4).
import { recall, remember } from "../../shared/page";
import { say } from "../forum/words";

const OFF = "amanah.keys-off";
const PLACES = "amanah.triage";
const WRITING = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";

type Act = () => void;

export function listen(): void {
  const sheet = document.querySelector<HTMLDialogElement>("dialog[data-keys]");
  if (!sheet) return;
  const list = document.querySelector<HTMLElement>("[data-triage]");
  const one = document.querySelector<HTMLElement>("[data-case]");
  offerSheet(sheet);
  const acts = list ? keysOfList(list) : one ? keysOfCase(one) : {};
  if (list) markChosen(list);
  if (one) fillCanned(one);
  addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.isComposing || recall(OFF)) return;
    if (event.target instanceof Element && event.target.closest(WRITING)) {
      if (event.key === "Escape") (event.target as HTMLElement).blur();
      return;
    }
    if (sheet.open) return;
    const act = event.key === "?" ? () => sheet.showModal() : acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

function offerSheet(sheet: HTMLDialogElement): void {
  const button = document.querySelector<HTMLButtonElement>("[data-keys-open]");
  if (button) {
    button.hidden = false;
    button.addEventListener("click", () => sheet.showModal());
  }
  const on = sheet.querySelector<HTMLInputElement>("[data-keys-on]");
  if (!on) return;
  on.checked = !recall(OFF);
  on.addEventListener("change", () => remember(OFF, on.checked ? null : "1"));
}

function keysOfList(list: HTMLElement): Record<string, Act> {
  const rows = [...list.querySelectorAll<HTMLElement>(".case")];
  remember(PLACES, JSON.stringify({ back: location.pathname + location.search, numbers: rows.map((row) => Number(row.dataset["number"])) }));
  const here = () => rows.findIndex((row) => row.contains(document.activeElement));
  const go = (step: number) => {
    const at = here();
    const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step))];
    next?.querySelector<HTMLElement>("h2 a")?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };
  const inRow = (selector: string) => rows[Math.max(0, here())]?.querySelector<HTMLElement>(selector) ?? null;
  const mark = () => {
    const box = inRow(".case-mark");
    if (box instanceof HTMLInputElement) box.click();
  };
  const every = () => {
    const boxes = [...list.querySelectorAll<HTMLInputElement>(".case-mark")];
    const all = boxes.every((box) => box.checked);
    for (const box of boxes) if (box.checked === all) box.click();
  };
  return {
    j: () => go(1),
    k: () => go(-1),
    o: () => inRow("h2 a")?.click(),
    a: () => inRow("[data-accept] button")?.click(),
    c: () => inRow("[data-correct]")?.click(),
    x: mark,
    "*": every,
    b: () => document.querySelector<HTMLElement>("[data-bulk] select")?.focus(),
    "/": () => document.querySelector<HTMLElement>("[data-filters] select")?.focus(),
  };
}

function keysOfCase(one: HTMLElement): Record<string, Act> {
  const press = (selector: string) => document.querySelector<HTMLElement>(selector)?.click();
  const focus = (selector: string) => {
    const field = document.querySelector<HTMLElement>(selector);
    field?.focus();
    field?.scrollIntoView({ block: "center" });
  };
  const kept = JSON.parse(recall(PLACES) ?? "null") as { back: string; numbers: number[] } | null;
  const inbox = document.querySelector<HTMLAnchorElement>("a[data-inbox]");
  if (inbox && kept?.back.startsWith("/triase")) inbox.href = kept.back;
  const go = (step: number) => {
    const numbers = kept?.numbers ?? [];
    const next = numbers[numbers.indexOf(Number(one.dataset["case"])) + step];
    if (next && numbers.includes(Number(one.dataset["case"]))) location.assign(`/triase/${next}`);
  };
  if (location.hash === "#usulan") focus("[data-correct-form] select");
  return {
    j: () => go(1),
    k: () => go(-1),
    u: () => inbox?.click(),
    a: () => press("[data-accept] button"),
    c: () => focus("[data-correct-form] select"),
    m: () => press("[data-mine] button"),
    s: () => focus("#state"),
    p: () => focus("#priority"),
    r: () => focus("#text"),
    t: () => focus("#canned"),
  };
}

function markChosen(list: HTMLElement): void {
  const said = document.querySelector<HTMLElement>("[data-bulk-count]");
  list.addEventListener("change", () => {
    const n = list.querySelectorAll(".case-mark:checked").length;
    if (said) said.textContent = n ? say("fb_chosen", { n }) : "";
  });
}

/** A canned answer goes into the text at the cursor; nothing that was typed is lost. */
function fillCanned(one: HTMLElement): void {
  const chosen = one.querySelector<HTMLSelectElement>("[data-canned]");
  const text = one.querySelector<HTMLTextAreaElement>("textarea[name=text]");
  chosen?.addEventListener("change", () => {
    const words = chosen.selectedOptions[0]?.dataset["text"];
    if (!words || !text) return;
    text.setRangeText(words, text.selectionStart, text.selectionEnd, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
    text.focus();
  });
}
