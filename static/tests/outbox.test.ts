import { describe, expect, it } from "vitest";
import {
  accepted, enqueued, nextAttemptIn, nextToSend, reconnected, refused, retried, sending, unsentCount, type Outbox,
} from "../src/shared/outbox"; // prettier-ignore
import type { Failure } from "../src/shared/result";

const error = (code: string, retryAfter: number | null = null): Failure => ({ code, fields: {}, requestId: "r", retryAfter });
const two = (): Outbox => enqueued(enqueued([], "a", "satu", 0), "b", "dua", 0);

describe("sending", () => {
  it("goes one at a time, in the order of writing", () => {
    let box = two();
    expect(nextToSend(box, 0)?.id).toBe("a");
    box = sending(box, "a");
    expect(nextToSend(box, 0)).toBeNull();
    box = accepted(box, "a");
    expect(nextToSend(box, 0)?.id).toBe("b");
  });

  it("keeps the id over every attempt", () => {
    let box = sending(two(), "a");
    box = refused(box, "a", error("unavailable"), 0);
    box = sending(retried(box, "a"), "a");
    expect(box[0]).toMatchObject({ id: "a", text: "satu", attempts: 2 });
  });
});

describe("refusal", () => {
  it("for a passing reason holds the queue back until the next attempt is due", () => {
    const box = refused(sending(two(), "a"), "a", error("redaction_unavailable"), 1_000);
    expect(box[0]).toMatchObject({ state: "failed", text: "satu" });
    expect(nextToSend(box, 1_000)).toBeNull();
    expect(nextAttemptIn(box, 1_000)).toBe(2_000);
    expect(nextToSend(box, 3_000)?.id).toBe("a");
  });

  it("waits longer each time, never longer than half a minute, and as long as the server says", () => {
    let box = two();
    const waits = [];
    for (let attempt = 0; attempt < 7; attempt++) {
      box = refused(sending(retried(box, "a"), "a"), "a", error("unavailable"), 0);
      waits.push(nextAttemptIn(box, 0));
    }
    expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    expect(nextAttemptIn(refused(sending(two(), "a"), "a", error("rate_limited", 7), 0), 0)).toBe(7_000);
  });

  it("inside the server is tried again, though not for ever", () => {
    let box = two();
    const planned = [];
    for (let attempt = 0; attempt < 5; attempt++) {
      box = refused(sending(retried(box, "a"), "a"), "a", error("internal"), 0);
      planned.push(nextAttemptIn(box, 0) !== null);
    }
    expect(planned).toEqual([true, true, true, false, false]);
  });

  it("for a lasting reason lets the next one pass and keeps the text", () => {
    const box = refused(sending(two(), "a"), "a", error("invalid_input"), 0);
    expect(nextToSend(box, 0)?.id).toBe("b");
    expect(nextAttemptIn(box, 0)).toBeNull();
    expect(box[0]?.text).toBe("satu");
  });

  it("for want of a connection is no failure: it waits again", () => {
    const box = refused(sending(two(), "a"), "a", error("network"), 0);
    expect(box[0]).toMatchObject({ state: "queued", error: null });
    expect(nextToSend(box, 0)?.id).toBe("a");
  });

  it("held for review is not sent again and not counted as unsent", () => {
    const box = refused(sending(two(), "a"), "a", error("held"), 0);
    expect(nextToSend(box, 0)?.id).toBe("b");
    expect(unsentCount(box)).toBe(1);
  });
});

describe("reconnected", () => {
  it("makes due what hung or failed for a passing reason, and nothing else", () => {
    let box = enqueued(two(), "c", "tiga", 0);
    box = refused(sending(box, "a"), "a", error("invalid_input"), 0);
    box = refused(sending(box, "b"), "b", error("unavailable"), 0);
    box = reconnected(sending(box, "c"));
    expect(box.map((item) => item.state)).toEqual(["failed", "queued", "queued"]);
  });
});
