// Who has the focus next where what has it goes: else it falls to the page, and who uses keys or listens begins anew.
import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";

/** When `part` goes with the focus in it, the heir has it. */
export function useHeir(part: RefObject<HTMLElement | null>, heir: () => HTMLElement | null): void {
  useLayoutEffect(() => {
    const { current } = part;
    // Called while it is still there.
    return () => void (current?.contains(document.activeElement) && heir()?.focus({ preventScroll: true }));
  }, []);
}
