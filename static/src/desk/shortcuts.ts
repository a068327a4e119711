// Keys of the desk. Single letters count only outside of fields, and can be turned off (WCAG 2.2, 2.1.4).
import type { MessageKey } from "../shared/i18n";
import { recall, remember } from "../shared/page";

export type Shortcut =
  | "next"
  | "previous"
  | "open"
  | "reply"
  | "note"
  | "assign"
  | "transfer"
  | "close"
  | "labels"
  | "priority"
  | "snooze"
  | "macros"
  | "tick"
  | "tick_all"
  | "search"
  | "help"
  | "escape"
  | `view${number}`;

const KEYS: Record<string, Shortcut> = {
  j: "next",
  k: "previous",
  o: "open",
  r: "reply",
  n: "note",
  a: "assign",
  t: "transfer",
  e: "close",
  l: "labels",
  p: "priority",
  s: "snooze",
  m: "macros",
  x: "tick",
  "*": "tick_all",
  "/": "search",
  "?": "help",
};

/** The shortcuts sheet: every key with what it does, in groups. */
export const SHEET: readonly { title: MessageKey; rows: readonly (readonly [string, MessageKey])[] }[] = [
  {
    title: "desk.keys_list",
    rows: [
      ["j k ↓ ↑", "desk.key_next"],
      ["Enter o", "desk.key_open"],
      ["x *", "desk.key_tick"],
      ["1…9", "desk.key_view"],
      ["/", "desk.key_search"],
      ["Esc", "desk.key_escape"],
    ],
  },
  {
    title: "desk.keys_conversation",
    rows: [
      ["r", "desk.key_reply"],
      ["n", "desk.key_note"],
      ["a", "desk.key_assign"],
      ["t", "desk.key_transfer"],
      ["e", "desk.key_close"],
      ["l p s", "desk.key_case"],
      ["m", "desk.key_macros"],
    ],
  },
  {
    title: "desk.keys_writing",
    rows: [
      ["/", "desk.key_ready"],
      ["Enter", "desk.key_send"],
      ["Shift+Enter", "desk.key_line"],
      ["?", "desk.key_help"],
    ],
  },
];

export const lettersEnabled = (): boolean => recall("amanah.desk.letters") !== "off";
export const enableLetters = (enabled: boolean): void => remember("amanah.desk.letters", enabled ? null : "off");

function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement) || !target.matches("input, textarea, select, [contenteditable]")) return false;
  // A tick takes no letters.
  return !target.matches("input[type=checkbox]");
}

/** What a key press asks for, null when it is meant for something else. */
export function shortcutOf(event: KeyboardEvent): Shortcut | null {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return null;
  if (event.key === "Escape") return "escape";
  if (isField(event.target)) return null;
  const inList = event.target instanceof HTMLElement && event.target.closest(".conversations") !== null;
  if (inList && event.key === "ArrowDown") return "next";
  if (inList && event.key === "ArrowUp") return "previous";
  if (!lettersEnabled()) return null;
  if (/^[1-9]$/.test(event.key)) return `view${Number(event.key)}`;
  return KEYS[event.key] ?? null;
}
