import { describe, expect, it } from "vitest";
import { fits, rulesOf } from "../src/embed/greeting";
import { sizeOf } from "../src/shared/files";

describe("a greeting's rules", () => {
  it("come from the script's attributes", () => {
    expect(rulesOf({})).toBeNull();
    expect(rulesOf({ greeting: "  " })).toBeNull();
    expect(rulesOf({ greeting: "Halo", greetingAfter: "20", greetingPages: "/harga*, /kasir" })).toEqual({
      text: "Halo",
      after: 20,
      pages: ["/harga*", "/kasir"],
    });
    expect(rulesOf({ greeting: "Halo", greetingAfter: "segera" })?.after).toBe(0);
  });

  it("fit whole paths, with a star for anything and nothing else that is special", () => {
    expect(fits("/apa/saja", [])).toBe(true);
    expect(fits("/harga/2026", ["/harga*"])).toBe(true);
    expect(fits("/daftar-harga", ["/harga*"])).toBe(false);
    expect(fits("/kasir", ["/harga*", "/kasir"])).toBe(true);
    expect(fits("/kasir/2", ["/kasir"])).toBe(false);
    expect(fits("/aXhtml", ["/a.html"])).toBe(false);
  });
});

describe("sizeOf", () => {
  it("writes numbers as the reader does", () => {
    expect(sizeOf(1_400_000, "id")).toContain("1,4");
    expect(sizeOf(1_400_000, "en")).toContain("1.4");
    expect(sizeOf(40, "en")).toContain("0.1");
  });
});
