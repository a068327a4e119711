"""Whatever is done to a trail afterwards is found with the key and, against checkpoints, without it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.audit.merkle import leaf_hashes, root_of
from server.audit.model import ORIGIN, Block
from server.audit.note import TreeHead
from server.audit.records import seal_of_cut
from tests.harness.auditor import auditor
from tests.harness.trails import KEY, SIGNER, Trail, entry

unhurried = settings(deadline=None, max_examples=60)
"""A busy machine may take its time for one example."""

SIZES = st.lists(st.integers(1, 4), min_size=2, max_size=7)


def trail_of(sizes: Sequence[int], signed_after: Sequence[int]) -> Trail:
    """A block for each size; a checkpoint after some and after the last."""
    trail, number = Trail(), 0
    for position, size in enumerate(sizes, 1):
        trail.append([[entry(number + 1 + index) for index in range(size)]])
        number += size
        if position in signed_after or position == len(sizes):
            trail.sign()
    return trail


@st.composite
def trails(draw: st.DrawFn, *, cut: bool | None = None) -> Trail:
    """Trails with checkpoints; some with their beginning removed."""
    sizes = draw(SIZES)
    signed = draw(st.lists(st.integers(1, len(sizes)), max_size=4))
    if cut is None:
        cut = draw(st.booleans())
    border = draw(st.integers(1, len(sizes) - 1)) if cut else 0
    trail = trail_of(sizes, [*signed, border])
    return trail.cut(border) if border else trail


@unhurried
@given(trails())
def test_untouched_trails_fit(trail: Trail) -> None:
    report = trail.check()
    assert report.ok, report.reason
    assert (report.entries, report.blocks) == (trail.head.entries, trail.head.number)
    assert report.checkpoints == len(trail.checkpoints)
    assert report.removed_blocks == (trail.cuts[-1].through if trail.cuts else 0)
    assert trail.check_outside() is None
    for note in trail.checkpoints:
        assert trail.check_outside(notes=[note.note]) is None


def tampered(trail: Trail, data: st.DataObject) -> list[Block]:
    """The blocks after one of: change, delete, insert, reorder, truncate; of entries or of whole blocks."""
    blocks = list(trail.blocks)
    at = data.draw(st.integers(0, len(blocks) - 1))
    block = blocks[at]
    lines = list(block.lines)
    position = data.draw(st.integers(0, len(lines) - 1))
    kind = data.draw(st.sampled_from(["change", "delete", "insert", "reorder", "truncate", "field"]))
    if kind == "change":
        spot = data.draw(st.integers(0, len(lines[position]) - 1))
        letter = data.draw(st.characters(codec="utf-8").filter(lambda new: new != lines[position][spot]))
        lines[position] = lines[position][:spot] + letter + lines[position][spot + 1 :]
        return [*blocks[:at], replace(block, lines=tuple(lines)), *blocks[at + 1 :]]
    if kind == "delete":
        if data.draw(st.booleans()) or len(lines) == 1:
            return [*blocks[:at], *blocks[at + 1 :]]
        del lines[position]
        return [*blocks[:at], replace(block, lines=tuple(lines)), *blocks[at + 1 :]]
    if kind == "insert":
        if data.draw(st.booleans()):
            return [*blocks[:at], block, *blocks[at:]]
        lines.insert(position, entry(999).line().decode())
        return [*blocks[:at], replace(block, lines=tuple(lines)), *blocks[at + 1 :]]
    if kind == "reorder" and len(lines) > 1:
        return [*blocks[:at], replace(block, lines=(*lines[1:], lines[0])), *blocks[at + 1 :]]
    if kind == "reorder" and len(blocks) > 1:
        return [*blocks[1:], blocks[0]]
    if kind in ("truncate", "reorder"):
        return blocks[:at]
    change = data.draw(
        st.sampled_from(
            [
                {"number": block.number + 1},
                {"first": block.first + 1},
                {"at": block.at + 1},
                {"prev": "f" * 64},
                {"mac": "0" * 64},
                {"root": "0" * 64},
                {"root": "x" * 64},
            ]
        )
    )
    return [*blocks[:at], replace(block, **change), *blocks[at + 1 :]]


@unhurried
@given(trails(), st.data())
def test_every_tampering_is_found_by_both(trail: Trail, data: st.DataObject) -> None:
    blocks = tampered(trail, data)
    assert not trail.check(blocks).ok
    problem = trail.check_outside(trail.export(blocks))
    assert problem is not None
    assert "m9" not in problem


@unhurried
@given(trails(), st.data())
def test_tampering_that_keeps_roots_right_is_found_by_both(trail: Trail, data: st.DataObject) -> None:
    """Somebody who knows how the roots are made, and not the keys."""
    at = data.draw(st.integers(0, len(trail.blocks) - 1))
    block = trail.blocks[at]
    lines = [line.replace('"a1"', '"a2"') for line in block.lines]
    root = root_of(leaf_hashes(line.encode() for line in lines)).hex()
    blocks = [*trail.blocks[:at], replace(block, lines=tuple(lines), root=root), *trail.blocks[at + 1 :]]
    assert trail.check(blocks).first_broken == block.first
    assert "not as it was signed" in (trail.check_outside(trail.export(blocks)) or "")


@unhurried
@given(trails(cut=False), st.data())
def test_operator_with_all_keys_is_found_by_who_holds_a_checkpoint(trail: Trail, data: st.DataObject) -> None:
    """History is written anew, with good macs, good roots and good signatures: only the old checkpoint tells."""
    at = data.draw(st.integers(1, trail.checkpoints[0].size))
    forged = Trail(blocks=trail.blocks[: at - 1])
    forged.head = forged.blocks[-1].head if forged.blocks else forged.head
    forged.append([[entry(500 + block.number)] * len(block.lines) for block in trail.blocks[at - 1 :]]).sign()
    assert forged.check().ok
    assert forged.check_outside() is None
    for held in trail.checkpoints:
        assert forged.check_outside(notes=[held.note]) is not None
        assert forged.check_outside(notes=[held.note, forged.checkpoints[0].note]) is not None


@unhurried
@given(trails(cut=False))
def test_wiped_trail_is_found_by_who_holds_a_checkpoint(trail: Trail) -> None:
    fresh = Trail().append([[entry(1)]]).sign()
    assert fresh.check().ok
    for held in trail.checkpoints[-1:]:
        assert "has seen" in (fresh.check_outside(notes=[held.note]) or "")


@unhurried
@given(trails(), st.data())
def test_any_change_of_an_export_is_found(trail: Trail, data: st.DataObject) -> None:
    """Byte by byte; but for what reads the same."""
    lines = trail.export()
    number = data.draw(st.integers(0, len(lines) - 1))
    line = lines[number]
    kind = data.draw(st.sampled_from(["byte", "drop", "double", "swap"]))
    if kind == "byte":
        spot = data.draw(st.integers(0, len(line) - 1))
        other = data.draw(st.sampled_from('0a9z"{}[],:').filter(lambda new: new != line[spot]))
        changed = line[:spot] + other + line[spot + 1 :]
        lines[number] = changed
        try:
            same = json.loads(changed) == json.loads(line)
        except ValueError:
            same = False
        if same:
            return
    elif kind == "drop":
        del lines[number]
    elif kind == "double":
        lines.insert(number, line)
    else:
        other_number = data.draw(st.integers(0, len(lines) - 1).filter(lambda new: lines[new] != line))
        lines[number], lines[other_number] = lines[other_number], lines[number]
    assert trail.check_outside(lines) is not None


@unhurried
@given(trails(), st.data())
def test_any_change_of_a_checkpoint_is_found(trail: Trail, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(trail.checkpoints) - 1))
    checkpoint = trail.checkpoints[at]
    note = checkpoint.note
    spot = data.draw(st.integers(0, len(note) - 2))
    letter = data.draw(st.sampled_from("0A+/=\n -—").filter(lambda new: new != note[spot]))
    forged = note[:spot] + letter + note[spot + 1 :]
    notes = [item.note for item in trail.checkpoints]
    changed = [*notes[:at], forged, *notes[at + 1 :]]
    assert trail.check_outside(notes=changed) is not None
    # In the store, in the file, and in both.
    stored = [*trail.checkpoints[:at], replace(checkpoint, note=forged), *trail.checkpoints[at + 1 :]]
    assert not trail.check(checkpoints=stored).ok
    assert not trail.check(notes=changed).ok
    assert not trail.check(checkpoints=stored, notes=changed).ok


@unhurried
@given(trails(), st.data())
def test_any_other_field_of_a_checkpoint_is_covered(trail: Trail, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(trail.checkpoints) - 1))
    checkpoint = trail.checkpoints[at]
    change = data.draw(
        st.sampled_from(
            [
                {"number": checkpoint.number + 1},
                {"size": checkpoint.size + 1},
                {"mac": ORIGIN},
                {"peaks": (b"\0" * 32, *checkpoint.peaks[1:])},
                {"peaks": checkpoint.peaks[1:]},
            ]
        )
    )
    stored = [*trail.checkpoints[:at], replace(checkpoint, **change), *trail.checkpoints[at + 1 :]]
    if change == {"mac": ORIGIN} and trail.cuts and checkpoint.size <= trail.cuts[-1].through:
        # What a removed block's mac was is known from the hashes that are left only.
        return
    assert not trail.check(checkpoints=stored).ok


@unhurried
@given(trails())
def test_checkpoints_taken_away_are_found_beside_their_file(trail: Trail) -> None:
    assert not trail.check(checkpoints=trail.checkpoints[:-1]).ok
    assert not trail.check(notes=None).ok
    assert not trail.check(checkpoints=[], notes=[item.note for item in trail.checkpoints]).ok
    # One behind is what a kill leaves.
    assert trail.check(notes=[item.note for item in trail.checkpoints[:-1]]).ok


@unhurried
@given(trails(cut=True), st.data())
def test_any_change_of_a_cut_is_found(trail: Trail, data: st.DataObject) -> None:
    cut = trail.cuts[0]
    change = data.draw(
        st.sampled_from(
            [
                {"number": 2},
                {"first": 2},
                {"through": cut.through + 1},
                {"entries": cut.entries + 1},
                {"mac": ORIGIN},
                {"leaves": cut.leaves[32:]},
                {"leaves": b"\0" * 32 + cut.leaves[32:]},
                {"seal": ORIGIN},
                {"note": cut.note.replace("retention", "whatever")},
            ]
        )
    )
    forged = replace(cut, **change)
    assert not trail.check(cuts=[forged]).ok
    assert not trail.check(cuts=[]).ok
    if "note" in change or "leaves" in change:
        changed = replace(trail, cuts=[forged])
        assert trail.check_outside(changed.export(trail.blocks)) is not None
        # Also when the trail's key is known, and not the signing key.
        assert not trail.check(cuts=[replace(forged, seal=seal_of_cut(KEY, forged))]).ok


def test_cuts_follow_each_other() -> None:
    trail = trail_of([2, 2, 2, 2, 2, 2], [2, 4]).cut(2).cut(4)
    assert trail.check().ok
    assert trail.check().removed_entries == 8
    assert trail.check_outside() is None
    assert not trail.check(cuts=trail.cuts[1:]).ok
    without = replace(trail, cuts=trail.cuts[1:])
    assert "missing" in (trail.check_outside(without.export(trail.blocks)) or "")
    assert "missing" in (trail.check_outside(replace(trail, cuts=trail.cuts[::-1]).export()) or "")


def test_first_place_that_does_not_fit_is_named() -> None:
    trail = trail_of([3, 3, 3, 3], [1, 2, 3])
    block = trail.blocks[2]
    changed = replace(block, lines=(block.lines[0], block.lines[1].replace("a1", "a9"), block.lines[2]))
    blocks = [*trail.blocks[:2], changed, trail.blocks[3]]
    assert trail.check(blocks).first_broken == 8
    problem = trail.check_outside(trail.export(blocks))
    assert problem is not None
    assert "entries 7 to 9" in problem
    gone = trail.check_outside(trail.export([*trail.blocks[:2], trail.blocks[3]]))
    assert gone is not None
    assert "block 3 with entry 7 is missing" in gone


def test_what_is_newer_than_the_checkpoint_is_said() -> None:
    """It is read and counted, and not vouched for."""
    trail = trail_of([2, 2], [])
    trail.append([[entry(5)]])
    assert trail.check_outside() is None
    outside = auditor()
    key = outside.Key(SIGNER.described)
    checkpoints = outside.read_checkpoints(key, [("", trail.checkpoints[0].note)])
    assert outside.check_export(key, checkpoints, trail.export()).entry == 5
    assert max(item.entries for item in checkpoints.values()) == 4


def test_contradicting_checkpoints_tell_of_a_rewritten_trail() -> None:
    one, other = trail_of([1, 1], []), Trail().append([[entry(7)], [entry(8)]]).sign()
    both = [one.checkpoints[0].note, other.checkpoints[0].note]
    assert "differ" in (one.check_outside(notes=both) or "")
    later = SIGNER.checkpoint(TreeHead(1, b"\0" * 32, 1, 1_895_348_800_000))
    assert "rewritten" in (one.check_outside(notes=[one.checkpoints[0].note, later]) or "")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda lines: lines[:-1],
        lambda lines: [*lines, lines[-1]],
        lambda lines: lines[1:],
        lambda lines: [lines[0], *lines],
        lambda lines: [*lines[:3], '{"damaged":true}', *lines[3:]],
        lambda lines: [*lines[:3], "[]", *lines[3:]],
        lambda lines: [*lines[:3], "", *lines[3:]],
        lambda lines: [],
    ],
)
def test_form_of_the_export_is_checked(spoil: Callable[[list[str]], list[str]]) -> None:
    trail = trail_of([2, 2], [1])
    assert trail.check_outside(spoil(trail.export())) is not None
