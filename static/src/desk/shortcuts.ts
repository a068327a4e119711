// Keys of the desk. Single letters count only outside of fields, and can be turned off (WCAG 2.2, 2.1.4).
import { recall, remember } from "../shared/page";

export type Shortcut = "next" | "previous" | "reply" | "assign" | "close" | "help" | "escape" | "filter1" | "filter2" | "filter3" | "filter4";

const KEYS: Record<string, Shortcut> = {
  j: "next",
  k: "previous",
  r: "reply",
  a: "assign",
  e: "close",
  "?": "help",
  "1": "filter1",
  "2": "filter2",
  "3": "filter3",
  "4": "filter4",
};

export const lettersEnabled = (): boolean => recall("amanah.desk.letters") !== "off";
export const enableLetters = (enabled: boolean): void => remember("amanah.desk.letters", enabled ? null : "off");

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}

/** What a key press asks for, null when it is meant for something else. */
export function shortcutOf(event: KeyboardEvent): Shortcut | null {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return null;
  if (event.key === "Escape") return "escape";
  if (isField(event.target)) return null;
  const inList = event.target instanceof HTMLElement && event.target.closest(".conversations") !== null;
  if (inList && event.key === "ArrowDown") return "next";
  if (inList && event.key === "ArrowUp") return "previous";
  return lettersEnabled() ? (KEYS[event.key] ?? null) : null;
}
