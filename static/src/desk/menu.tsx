// A button that opens a menu beside it: arrows walk, letters jump, Escape and a click elsewhere close. What can be
// chosen together (labels) stays open while one chooses.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

export interface MenuItem {
  key: string;
  label: string;
  /** The key of the keyboard that does the same; shown, not spoken. */
  keys?: string;
  /** Set where one of several, or several of several, can be chosen. */
  checked?: boolean;
  danger?: boolean;
  /** A dot before the words, of this colour's name. */
  colour?: string;
}

interface MenuProps {
  id: string;
  /** What the button is called; also the menu's name. */
  label: string;
  /** The button shows what is chosen: then its name is the label and those words. */
  shows?: boolean | undefined;
  items: readonly MenuItem[];
  onChoose: (key: string) => void;
  class?: string;
  /** Several may be chosen: the menu stays open. */
  several?: boolean;
  /** Which side of the button the menu begins at. */
  end?: boolean;
  /** Opens above the button, where there is no room below. */
  up?: boolean;
  /** Said when there is nothing to choose. */
  empty?: string;
  children: ComponentChildren;
}

function focusItem(menu: HTMLElement, choose: (items: HTMLElement[], at: number) => HTMLElement | undefined): void {
  const items = [...menu.querySelectorAll<HTMLElement>("[role^=menuitem]")];
  choose(items, items.indexOf(document.activeElement as HTMLElement))?.focus();
}

export function Menu(props: MenuProps) {
  const [open, setOpen] = useState(false);
  const frame = useRef<HTMLSpanElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLUListElement>(null);

  const close = (back: boolean) => {
    setOpen(false);
    if (back) button.current?.focus();
  };
  useEffect(() => {
    if (!open) return;
    const list = menu.current;
    const checked = list?.querySelector<HTMLElement>('[role="menuitemradio"][aria-checked="true"]');
    (checked ?? list?.querySelector<HTMLElement>("[role^=menuitem]") ?? list)?.focus();
    if (list && button.current) place(list, button.current, props);
    const scrolled = (event: Event) => {
      if (!list?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("scroll", scrolled, true);
    const outside = (event: Event) => {
      if (!frame.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("focusin", outside);
    return () => {
      document.removeEventListener("scroll", scrolled, true);
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("focusin", outside);
    };
  }, [open]);

  const onKey = (event: KeyboardEvent) => {
    const list = menu.current;
    if (!open || !list) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // Nothing that is typed in a menu is a shortcut of the desk.
    event.stopPropagation();
    if (event.key === "Escape") close(true);
    else if (event.key === "Tab") return setOpen(false);
    else if (event.key === "ArrowDown") focusItem(list, (items, at) => items[(at + 1) % items.length]);
    else if (event.key === "ArrowUp") focusItem(list, (items, at) => items.at((at <= 0 ? items.length : at) - 1));
    else if (event.key === "Home") focusItem(list, (items) => items[0]);
    else if (event.key === "End") focusItem(list, (items) => items.at(-1));
    else if (event.key.length === 1 && event.key !== " ") {
      const letter = event.key.toLowerCase();
      focusItem(list, (items, at) =>
        [...items.slice(at + 1), ...items.slice(0, at + 1)].find((item) => item.textContent?.trim().toLowerCase().startsWith(letter)),
      );
    } else return;
    event.preventDefault();
  };
  const radio = props.items.some((item) => item.checked !== undefined);
  const role = radio ? (props.several ? "menuitemcheckbox" : "menuitemradio") : "menuitem";
  return (
    <span ref={frame} class="menu-frame" onKeyDown={onKey}>
      <button
        ref={button}
        id={props.id}
        type="button"
        class={props.class ?? "button button-small"}
        aria-haspopup="menu"
        aria-expanded={open}
        {...(props.shows ? {} : { "aria-label": props.label })}
        title={props.label}
        onClick={() => setOpen(!open)}
      >
        {props.shows && <span class="sr-only">{props.label}: </span>}
        {props.children}
      </button>
      {open && (
        <ul ref={menu} class="menu" role="menu" aria-label={props.label} tabIndex={-1}>
          {props.items.length === 0 && (
            <li role="none" class="menu-empty">
              {props.empty}
            </li>
          )}
          {props.items.map((item) => (
            <li key={item.key} role="none">
              <button
                type="button"
                role={role}
                tabIndex={-1}
                class={item.danger ? "menu-item menu-danger" : "menu-item"}
                {...(item.checked === undefined ? {} : { "aria-checked": item.checked })}
                onClick={() => {
                  if (!props.several) close(true);
                  props.onChoose(item.key);
                }}
              >
                {item.colour && <span class={`dot dot-${item.colour}`} aria-hidden="true" />}
                <span class="menu-words">{item.label}</span>
                {item.keys && <kbd aria-hidden="true">{item.keys}</kbd>}
              </button>
            </li>
          ))}
        </ul>
      )}
    </span>
  );
}

const GAP = 4;
const EDGE = 8;

/** Beside its button, wherever that scrolls, and inside the window. */
function place(list: HTMLElement, button: HTMLElement, { end, up }: Pick<MenuProps, "end" | "up">): void {
  const at = button.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  const { offsetWidth, offsetHeight } = list;
  const left = end ? at.right - offsetWidth : at.left;
  const above = at.top - GAP - offsetHeight;
  const below = at.bottom + GAP;
  const upward = up || (below + offsetHeight > clientHeight - EDGE && above >= EDGE);
  list.style.left = `${Math.max(EDGE, Math.min(left, clientWidth - EDGE - offsetWidth))}px`;
  list.style.top = `${Math.max(EDGE, Math.min(upward ? above : below, clientHeight - EDGE - offsetHeight))}px`;
}
