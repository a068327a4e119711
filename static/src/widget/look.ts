// How the page around the frame wants the chat to look: a scheme and a few colours, each checked, for they come from
// elsewhere and go into the style of this page.
import { COLOUR, wordsOn } from "../shared/colour";
import { applyTheme, chosenTheme } from "../shared/page";

const COLOURS = ["brand", "accent", "paper", "surface", "ink", "ink-soft", "line", "own"];
const RADIUS = /^\d{1,2}px$/;

export function dress(look: unknown): void {
  const { scheme, vars } = (look ?? {}) as { scheme?: unknown; vars?: Record<string, unknown> };
  applyTheme(scheme === "light" || scheme === "dark" ? scheme : chosenTheme());
  // What is empty is set no more.
  const set = (name: string, value: string) => document.documentElement.style.setProperty(`--${name}`, value);
  const given = (name: string, fits: RegExp) => {
    const value = String(vars?.[name]);
    return fits.test(value) ? value : "";
  };
  for (const name of COLOURS) set(name, given(name, COLOUR));
  const brand = given("brand", COLOUR);
  set("on-brand", brand && wordsOn(brand));
  set("radius", given("radius", RADIUS));
}
