// How the page around the frame wants the chat to look: a scheme and a few colours, each checked, for they come from
// elsewhere and go into the style of this page.
import { isColour, wordsOn } from "../shared/colour";
import { applyTheme, chosenTheme } from "../shared/page";

const COLOURS = ["brand", "accent", "paper", "surface", "ink", "ink-soft", "line", "own"];
const RADIUS = /^\d{1,2}px$/;

export function dress(look: unknown): void {
  const { scheme, vars } = (look ?? {}) as { scheme?: unknown; vars?: Record<string, unknown> };
  applyTheme(scheme === "light" || scheme === "dark" ? scheme : chosenTheme());
  const { style } = document.documentElement;
  for (const name of COLOURS) {
    const value = vars?.[name];
    if (typeof value === "string" && isColour(value)) style.setProperty(`--${name}`, value);
    else style.removeProperty(`--${name}`);
  }
  const brand = vars?.["brand"];
  if (typeof brand === "string" && isColour(brand)) style.setProperty("--on-brand", wordsOn(brand));
  else style.removeProperty("--on-brand");
  const radius = vars?.["radius"];
  if (typeof radius === "string" && RADIUS.test(radius)) style.setProperty("--radius", radius);
  else style.removeProperty("--radius");
}
