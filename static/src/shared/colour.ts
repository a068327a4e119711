// The site's own colour for the widget's header, with words on it that can be read whatever it is. Pure.
export const COLOUR = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i;

export function isColour(value: string | null | undefined): value is string {
  return typeof value === "string" && COLOUR.test(value);
}

/** Relative luminance, WCAG 2.2. */
export function luminance(colour: string): number {
  const digits = colour.slice(1);
  const full = digits.length === 3 ? [...digits].map((digit) => digit + digit).join("") : digits;
  const [red = 0, green = 0, blue = 0] = [0, 2, 4]
    .map((at) => parseInt(full.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** White or black, whichever stands out more on this colour: never less than 4.5 : 1. */
export function wordsOn(colour: string): "#ffffff" | "#000000" {
  const light = 1.05 / (luminance(colour) + 0.05);
  const dark = (luminance(colour) + 0.05) / (luminance("#000000") + 0.05);
  return light >= dark ? "#ffffff" : "#000000";
}
