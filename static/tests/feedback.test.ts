// What the embeddable form tells of the page that it is on.
import { describe, expect, it } from "vitest";
import { pageOf } from "../src/feedback/sending";
import { KINDS, WORDS } from "../src/feedback/words";

describe("the address of a page", () => {
  it("goes without query and fragment", () => {
    expect(pageOf("https://toko.example/keranjang/isi?pelanggan=0812-5550-1234#bayar")).toBe("https://toko.example/keranjang/isi");
  });
  it("goes without a name and password", () => {
    expect(pageOf("https://sari:rahasia@toko.example/")).toBe("https://toko.example/");
  });
  it("is cut to the site where it is long", () => {
    expect(pageOf(`https://toko.example/${"a".repeat(400)}`)).toBe("https://toko.example/");
  });
  it.each(["about:blank", "file:///rumah/surat.html", "data:text/html,hai", ""])("is none for %s", (address) => {
    expect(pageOf(address)).toBeNull();
  });
});

describe("the words of the form", () => {
  it("are there in both languages, for every kind", () => {
    expect(Object.keys(WORDS.en).sort()).toEqual(Object.keys(WORDS.id).sort());
    for (const kind of KINDS) expect(WORDS.id[kind]).not.toBe("");
  });
});
