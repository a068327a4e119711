import { describe, expect, it } from "vitest";
import { normal } from "../src/site/forum/contacts";

describe("a contact in its normal form", () => {
  const same = ["0812-9071-3648", "+62 812 9071 3648", "62 812-9071-3648", "(0812) 9071 3648", "006281290713648"];

  it("is one number however it is written", () => {
    expect(new Set(same.map((one) => normal("PHONE", one)))).toEqual(new Set(["81290713648"]));
  });

  it("is another one where a digit differs", () => {
    expect(normal("PHONE", "0812-9071-3649")).not.toBe(normal("PHONE", same[0] ?? ""));
    expect(normal("PHONE", "+65 6123 4567")).toBe("6561234567");
  });

  it("is one address in capitals and small letters", () => {
    expect(normal("EMAIL", " Toko.Melati@Contoh.example ")).toBe("toko.melati@contoh.example");
  });
});
