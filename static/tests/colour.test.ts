import { expect, it } from "vitest";
import { isColour, luminance, wordsOn } from "../src/shared/colour";

it("takes hexadecimal colours only", () => {
  expect(["#0a7", "#00AA77", "red", "#12345", "url(x)", "#0a7;x", null].map(isColour)).toEqual([true, true, false, false, false, false, false]);
});

it("puts words on any colour that stand out at least 4.5 : 1", () => {
  for (let step = 0; step < 4096; step += 7) {
    const colour = `#${step.toString(16).padStart(3, "0")}`;
    const [high = 0, low = 0] = [luminance(colour), luminance(wordsOn(colour))].sort((a, b) => b - a);
    expect((high + 0.05) / (low + 0.05)).toBeGreaterThanOrEqual(4.5);
  }
});
