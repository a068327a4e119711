// Who has the focus next where what has it goes: else it falls to the page, and who uses keys or listens begins anew.
import type { ComponentChildren, RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

function reachable(within: ParentNode): HTMLElement[] {
  const all = within.querySelectorAll<HTMLElement>("a[href], button:enabled, input:enabled, select:enabled, textarea:enabled, summary");
  return [...all].filter((one) => one.getClientRects().length > 0);
}

/** Of something in a row of a list: what is alike in the next row, in the one before; what stands behind the list. */
export function heirsOf(element: Element): HTMLElement[] {
  const row = element.closest("li");
  const list = row?.parentElement;
  if (!row || !list) return [];
  const place = reachable(row).reverse().indexOf(element as HTMLElement);
  const alike = [row.nextElementSibling, row.previousElementSibling].map((other) => {
    const found = other ? reachable(other).reverse() : [];
    return found[place] ?? found[0];
  });
  const { DOCUMENT_POSITION_FOLLOWING } = Node;
  const behind = reachable(document).find((one) => list.compareDocumentPosition(one) === DOCUMENT_POSITION_FOLLOWING);
  return [...alike, behind].filter((one) => one !== undefined);
}

/** When `part` goes with the focus in it, its heir has it. */
export function useHeir(part: RefObject<HTMLElement | null>, heir: (part: HTMLElement) => HTMLElement | null | undefined): void {
  useLayoutEffect(() => {
    const { current } = part;
    // Called while it is still there.
    return () => {
      if (current?.contains(document.activeElement)) heir(current)?.focus({ preventScroll: true });
    };
  }, []);
}

/** A row of a list that may go while one of its buttons has the focus. */
export function Row({ class: look, children }: { class: string; children: ComponentChildren }) {
  const row = useRef<HTMLLIElement>(null);
  useHeir(row, () => heirsOf(document.activeElement ?? document.body)[0]);
  return (
    <li ref={row} class={look}>
      {children}
    </li>
  );
}
