import { describe, expect, it } from "vitest";
import { dated } from "../src/shared/dated";
import { age } from "../src/site/forum/times";

const NOW = new Date(2026, 10, 23, 12, 0);
const after = (seconds: number) => age(new Date(NOW.getTime() + seconds * 1000), NOW, dated("en"), "just now");

describe("age", () => {
  it.each([
    [0, "just now"],
    [-59, "just now"],
    [59, "just now"],
    [-90, "1 min ago"],
    [-7_200, "2 hr ago"],
    [-86_400, "yesterday"],
    [86_400, "tomorrow"],
    [3 * 86_400 + 60, "in 3 days"],
    [7_300, "in 2 hr"],
  ])("says of %i seconds from now: %s", (seconds, said) => expect(after(seconds).replaceAll(".", "")).toBe(said));

  it("gives the day of what is far, with its year where that is another", () => {
    expect(after(-40 * 86_400)).toBe("14 Oct");
    expect(after(181 * 86_400)).toBe("23 May 2027");
  });
});
