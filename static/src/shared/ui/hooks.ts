// What the views share of Preact: the translator in context, subscriptions, media queries.
import { createContext } from "preact";
import { useContext, useEffect, useLayoutEffect, useState } from "preact/hooks";
import type { Translator } from "../i18n";

export const Language = createContext<Translator | null>(null);

export function useLanguage(): Translator {
  const language = useContext(Language);
  if (!language) throw new Error("no language above this view");
  return language;
}

/**
 * Draws again whenever the source says that it changed. Subscribed in the same turn as what was drawn: what changes before
 * the next frame (a quick key, a page that is not painted) would be missed for ever.
 */
export function useSubscription(source: { subscribe(listener: () => void): () => void } | null): void {
  const [, setTurn] = useState(0);
  useLayoutEffect(() => source?.subscribe(() => setTurn((turn) => turn + 1)), [source]);
}

export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const update = () => setMatches(media.matches);
    update();
    media.addEventListener("change", update);
    return () => media.removeEventListener("change", update);
  }, [query]);
  return matches;
}

/** The present time, renewed every so often, for what shows ages. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** True while the reader can be looking: the page is in front. */
export function usePageVisible(): boolean {
  const [visible, setVisible] = useState(() => document.visibilityState === "visible");
  useEffect(() => {
    const update = () => setVisible(document.visibilityState === "visible");
    document.addEventListener("visibilitychange", update);
    return () => document.removeEventListener("visibilitychange", update);
  }, []);
  return visible;
}
