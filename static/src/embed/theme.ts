// What a page says of how the chat shall look: CSS variables on its root, a scheme, a colour. The frame checks each.
export type Scheme = "auto" | "light" | "dark";

export interface Look {
  scheme: Scheme;
  vars: Record<string, string>;
}

const NAMES = ["brand", "accent", "paper", "surface", "ink", "ink-soft", "line", "own", "radius"];

/** Reads `--amanah-brand`, `--amanah-paper`, ... as they hold on the page now. */
export function lookOf(scheme: string | undefined): Look {
  const style = getComputedStyle(document.documentElement);
  const vars: Record<string, string> = {};
  for (const name of NAMES) {
    const value = style.getPropertyValue(`--amanah-${name}`).trim();
    if (value) vars[name] = value;
  }
  return { scheme: scheme === "light" || scheme === "dark" ? scheme : "auto", vars };
}
