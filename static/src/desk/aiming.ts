// Listens to pointer and keys for the order of the list (`steady`).
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { DeskClient } from "./client";
import { Steady, type Shown } from "./steady";

/** For the element that holds the rows and nothing else. */
export interface Aiming {
  onPointerMove: (event: PointerEvent) => void;
  onPointerDown: () => void;
  onPointerLeave: () => void;
  onWheel: () => void;
}

const MODIFIERS = ["Shift", "Control", "Alt", "Meta"];

export function useSteadyList(client: DeskClient): Shown & { aiming: Aiming } {
  const [, setTurn] = useState(0);
  const { current: list } = useRef(new Steady());
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  /** Draws again once the order is free; asks again then, for it may be held anew. */
  const later = () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      if (list.holds(Date.now()) > 0) later();
      else setTurn((turn) => turn + 1);
    }, list.holds(Date.now()));
  };
  const sooner = () => {
    clearTimeout(timer.current);
    timer.current = undefined;
    later();
  };
  const aiming = useMemo<Aiming>(
    () => ({
      onPointerMove: (event) => {
        if (list.moved(event.clientX, event.clientY, event.buttons > 0, Date.now())) later();
      },
      onPointerDown: () => {
        list.pressed(Date.now());
        later();
      },
      onPointerLeave: () => {
        list.left(Date.now());
        sooner();
      },
      onWheel: () => {
        list.scrolled(Date.now());
        later();
      },
    }),
    [],
  );
  useLayoutEffect(() => {
    const lifted = () => {
      if (list.lifted(Date.now())) sooner();
    };
    const typed = (event: KeyboardEvent) => {
      // With one of these held somebody clicks, too.
      if (MODIFIERS.includes(event.key) || list.holds(Date.now()) === 0) return;
      list.typed();
      sooner();
    };
    const ends = ["pointerup", "pointercancel", "blur"] as const;
    for (const name of ends) window.addEventListener(name, lifted);
    // In the way down: what the key does is done in the list as it is then.
    window.addEventListener("keydown", typed, true);
    return () => {
      for (const name of ends) window.removeEventListener(name, lifted);
      window.removeEventListener("keydown", typed, true);
      clearTimeout(timer.current);
    };
  }, []);
  const now = Date.now();
  const { inbox } = client;
  return { ...list.settle(inbox.listed(client.me, now), inbox.key, (id) => inbox.entry(id), now), aiming };
}
