import { describe, expect, it } from "vitest";
import { readPacket } from "../src/shared/line";

describe("a packet", () => {
  it("tells its kind, what it answers and what it says", () => {
    expect(readPacket('40{"sid":"a"}')).toEqual({ kind: "0", number: 0, body: { sid: "a" } });
    expect(readPacket('42["chat:message",{"text":"satu"}]')).toEqual({ kind: "2", number: 0, body: ["chat:message", { text: "satu" }] });
    expect(readPacket('4317[{"ok":true}]')).toEqual({ kind: "3", number: 17, body: [{ ok: true }] });
  });

  it("may say nothing", () => {
    expect(readPacket("41")).toEqual({ kind: "1", number: 0, body: null });
  });

  it("may hold lines that a message's writer broke", () => {
    expect(readPacket('42["chat:message",{"text":"satu\u2028dua"}]').body).toEqual(["chat:message", { text: "satu\u2028dua" }]);
  });
});
