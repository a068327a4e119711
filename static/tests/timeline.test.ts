import { describe, expect, it } from "vitest";
import {
  EMPTY_TIMELINE, firstSeq, hasGap, markedRead, olderLoaded, readByOthers, received, replayed, visibleMessages, type Timeline,
} from "../src/shared/timeline"; // prettier-ignore
import { message, seeded } from "./messages";

const seqs = (state: Timeline) => visibleMessages(state).map((item) => item.seq);

describe("live messages", () => {
  it("are kept in order and once", () => {
    let state = EMPTY_TIMELINE;
    for (const seq of [1, 2, 2, 3, 1]) state = received(state, message(seq));
    expect(seqs(state)).toEqual([1, 2, 3]);
  });

  it("beyond a gap stay unseen until the replay has filled it", () => {
    let state = replayed(EMPTY_TIMELINE, { messages: [message(1)], last_seq: 1 });
    state = received(state, message(4));
    expect(seqs(state)).toEqual([1]);
    expect(hasGap(state)).toBe(true);
    state = replayed(state, { messages: [message(2), message(3)], last_seq: 4 });
    expect(seqs(state)).toEqual([1, 2, 3, 4]);
    expect(hasGap(state)).toBe(false);
  });

  it("return the same state when nothing is new", () => {
    const state = received(EMPTY_TIMELINE, message(1));
    expect(received(state, message(1))).toBe(state);
  });
});

describe("replay", () => {
  it("rises page by page", () => {
    let state = replayed(EMPTY_TIMELINE, { messages: [message(1), message(2)], last_seq: 4, has_more: true });
    expect(state.verifiedTo).toBe(2);
    state = replayed(state, { messages: [message(3), message(4)], last_seq: 4, has_more: false });
    expect(state.verifiedTo).toBe(4);
  });

  it("passes over a message that is not there any more", () => {
    let state = replayed(EMPTY_TIMELINE, { messages: [message(1)], last_seq: 1 });
    state = received(state, message(3));
    state = replayed(state, { messages: [message(3)], last_seq: 3 });
    expect(seqs(state)).toEqual([1, 3]);
    expect(hasGap(state)).toBe(false);
  });

  it("started in the middle knows where older ones begin", () => {
    let state: Timeline = { ...EMPTY_TIMELINE, verifiedTo: 150 };
    state = replayed(state, { messages: [message(151), message(152)], last_seq: 152 });
    expect(firstSeq(state)).toBe(151);
    state = olderLoaded(state, [message(149), message(150)]);
    expect(seqs(state)).toEqual([149, 150, 151, 152]);
  });

  it("ends with every message once and in order, whatever the order of events and replays", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = seeded(seed);
      const last = 12;
      let state = EMPTY_TIMELINE;
      const events = Array.from({ length: 30 }, () => 1 + Math.floor(random() * last));
      for (const seq of events) {
        state = received(state, message(seq));
        const shown = seqs(state);
        expect(shown).toEqual(Array.from({ length: shown.length }, (_, index) => index + 1));
        if (random() < 0.3) {
          const after = state.verifiedTo;
          const page = [after + 1, after + 2].filter((next) => next <= last).map((next) => message(next));
          state = replayed(state, { messages: page, last_seq: last, has_more: after + 2 < last });
        }
      }
      const missing = Array.from({ length: last - state.verifiedTo }, (_, index) => message(state.verifiedTo + 1 + index));
      state = replayed(state, { messages: missing, last_seq: last });
      expect(seqs(state)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    }
  });
});

describe("read marks", () => {
  it("only rise, and one's own does not count as read by others", () => {
    let state = markedRead(EMPTY_TIMELINE, "a", 5);
    state = markedRead(state, "a", 3);
    state = markedRead(state, "me", 9);
    expect(state.readMarks["a"]).toBe(5);
    expect(readByOthers(state, "me")).toBe(5);
  });
});
