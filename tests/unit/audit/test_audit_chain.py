"""The chain by itself: whatever is done to it afterwards shows, and where."""

import hashlib
import hmac
import struct
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.audit.model import (
    EMPTY,
    ORIGIN,
    Anchor,
    AuditEntry,
    Block,
    Head,
    check_block,
    is_genuine,
    leaf_of,
    seal_anchor,
    seal_block,
)

KEY = bytes(range(32))
NOW = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)

ENTRIES = st.builds(
    AuditEntry,
    action=st.sampled_from(["chat:message:posted", "accounts:session:opened"]),
    actor_id=st.from_regex(r"[a-z0-9]{1,24}", fullmatch=True),
    objects=st.lists(st.from_regex(r"[a-z0-9]{1,24}", fullmatch=True), max_size=3).map(tuple),
    at=st.integers(1_600_000_000_000, 4_000_000_000_000).map(lambda ms: datetime.fromtimestamp(ms / 1000, UTC)),
    counts=st.dictionaries(st.sampled_from(["seq", "hidden"]), st.integers(-5, 10**6), max_size=2),
)
CHAINS = st.lists(st.lists(ENTRIES, min_size=1, max_size=4), min_size=1, max_size=4)


def chain_of(groups: Sequence[Sequence[AuditEntry]], key: bytes = KEY) -> list[Block]:
    blocks: list[Block] = []
    head = EMPTY
    for group in groups:
        blocks.append(seal_block(key, head, group, NOW))
        head = blocks[-1].head
    return blocks


def first_fault(blocks: Sequence[Block], key: bytes = KEY) -> int | None:
    """Number of the first entry that does not fit, None when all do."""
    head = EMPTY
    for block in blocks:
        fault = check_block(key, head, block)
        if fault is not None:
            return fault[0]
        head = block.head
    return None


@given(CHAINS)
def test_untouched_chain_fits(groups: list[list[AuditEntry]]) -> None:
    blocks = chain_of(groups)
    assert first_fault(blocks) is None
    assert blocks[-1].head == Head(len(groups), blocks[-1].mac, sum(map(len, groups)))
    assert [block.number for block in blocks] == list(range(1, len(groups) + 1))


@given(CHAINS, st.data())
def test_changed_entry_is_named(groups: list[list[AuditEntry]], data: st.DataObject) -> None:
    blocks = chain_of(groups)
    at = data.draw(st.integers(0, len(blocks) - 1))
    position = data.draw(st.integers(0, len(groups[at]) - 1))
    old = groups[at][position]
    other = data.draw(ENTRIES.filter(lambda entry: entry.line() != old.line()))
    lines = list(blocks[at].lines)
    lines[position] = other.line().decode()
    blocks[at] = replace(blocks[at], lines=tuple(lines))
    assert first_fault(blocks) == blocks[at].first + position


@given(CHAINS, st.data())
def test_any_other_field_of_a_block_is_covered(groups: list[list[AuditEntry]], data: st.DataObject) -> None:
    blocks = chain_of(groups)
    at = data.draw(st.integers(0, len(blocks) - 1))
    block = blocks[at]
    change = data.draw(
        st.sampled_from(
            [
                {"number": block.number + 1},
                {"prev": "f" * 64},
                {"first": block.first + 1},
                {"at": block.at + 1},
                {"mac": "0" * 64},
                {"links": (*block.links[:-1], "0" * 32)},
                {"links": block.links[:-1]},
                {"links": (*block.links, "0" * 32)},
                {"root": "0" * 64},
                {"root": ""},
            ]
        )
    )
    blocks[at] = replace(block, **change)
    fault = first_fault(blocks)
    assert fault is not None
    assert block.first <= fault <= block.head.entries + 1


@given(CHAINS, st.data())
def test_removed_entry_is_named(groups: list[list[AuditEntry]], data: st.DataObject) -> None:
    blocks = chain_of(groups)
    at = data.draw(st.integers(0, len(blocks) - 1))
    position = data.draw(st.integers(0, len(groups[at]) - 1))
    block = blocks[at]
    for links in (block.links[:position] + block.links[position + 1 :], block.links):
        without = replace(block, lines=block.lines[:position] + block.lines[position + 1 :], links=links)
        fault = first_fault([*blocks[:at], without, *blocks[at + 1 :]])
        assert fault is not None
        # Two equal neighbours can't be told apart: then the place is where they begin to differ.
        assert block.first + position <= fault <= block.head.entries


@given(CHAINS, ENTRIES, st.data())
def test_inserted_entry_is_found(groups: list[list[AuditEntry]], entry: AuditEntry, data: st.DataObject) -> None:
    blocks = chain_of(groups)
    at = data.draw(st.integers(0, len(blocks) - 1))
    block = blocks[at]
    position = data.draw(st.integers(0, len(block.lines)))
    more = replace(
        block,
        lines=(*block.lines[:position], entry.line().decode(), *block.lines[position:]),
        links=(*block.links[:position], "0" * 32, *block.links[position:]),
    )
    assert first_fault([*blocks[:at], more, *blocks[at + 1 :]]) == block.first + position


@given(CHAINS.filter(lambda groups: len(groups) > 1), st.data())
def test_removed_and_moved_blocks_are_found(groups: list[list[AuditEntry]], data: st.DataObject) -> None:
    blocks = chain_of(groups)
    at = data.draw(st.integers(0, len(blocks) - 2))
    assert first_fault([*blocks[:at], *blocks[at + 1 :]]) == blocks[at].first
    swapped = [*blocks[:at], blocks[at + 1], blocks[at], *blocks[at + 2 :]]
    assert first_fault(swapped) == blocks[at].first
    renumbered = [replace(block, number=position) for position, block in enumerate(swapped, 1)]
    assert first_fault(renumbered) == blocks[at].first


@given(CHAINS)
def test_other_key_fits_nothing(groups: list[list[AuditEntry]]) -> None:
    assert first_fault(chain_of(groups, key=b"x" * 32)) == 1


@given(CHAINS)
def test_anchor_is_bound_to_key_number_and_mac(groups: list[list[AuditEntry]]) -> None:
    head = chain_of(groups)[-1].head
    anchor = seal_anchor(KEY, head)
    assert is_genuine(KEY, anchor)
    assert not is_genuine(b"x" * 32, anchor)
    for forged in (replace(anchor, number=anchor.number + 1), replace(anchor, mac=ORIGIN), replace(anchor, seal="")):
        assert not is_genuine(KEY, forged)


def test_lines_are_canonical() -> None:
    entry = AuditEntry("chat:message:posted", "a1", ("c1", "m1"), NOW, {"seq": 3, "hidden": 0})
    assert entry.line() == b'["chat:message:posted","a1",["c1","m1"],{"hidden":0,"seq":3},1795348800123]'
    same = AuditEntry(
        "chat:message:posted",
        "a1",
        ["c1", "m1"],
        NOW.astimezone(timezone(timedelta(hours=7))),
        {"hidden": 0, "seq": 3},
    )
    assert same.line() == entry.line()
    assert orjson.loads(entry.line())[4] == 1795348800123


def test_hashing_is_as_documented() -> None:
    """Worked out by hand from the description, and fixed for ever: a change would break every trail that exists."""

    def h(*parts: str) -> str:
        framed = b"".join(struct.pack(">I", len(part.encode())) + part.encode() for part in parts)
        return hmac.new(KEY, framed, hashlib.sha256).hexdigest()

    origin = "0" * 64
    line = '["chat:message:posted","a1",["m1"],{},1795348800123]'
    link = h("entry", origin, line)
    root = hashlib.sha256(b"\0" + line.encode()).hexdigest()
    mac = h("block", "1", origin, "1", "1", "1795348800123", link, root)
    block = seal_block(KEY, EMPTY, [AuditEntry("chat:message:posted", "a1", ("m1",), NOW)], NOW)
    assert block == Block(1, origin, 1, 1795348800123, (line,), (link[:32],), mac, root)
    assert mac == "b1baeadc4444582e7ab82a416242296cd148677f96be057eddcc5571eaf74513"
    assert seal_anchor(KEY, block.head) == Anchor(1, mac, h("anchor", "1", mac))
    leaf = f'[1,1,1,1795348800123,"{origin}","{mac}","{root}"]'
    assert leaf_of(block) == hashlib.sha256(b"\0" + leaf.encode()).digest()


def test_blocks_without_roots_still_fit() -> None:
    """What was stored before there were roots, in the bytes of then; its leaf has the root that is worked out."""
    line = '["chat:message:posted","a1",["m1"],{},1795348800123]'
    mac = "92bb424a5c8bbcff7c2c80ed2d087465678c45461206992d45576dd4a5f089cd"
    link = hmac.new(KEY, b"\0\0\0\x05entry\0\0\0\x40" + b"0" * 64 + struct.pack(">I", 52) + line.encode(), "sha256")
    old = Block(1, ORIGIN, 1, 1795348800123, (line,), (link.hexdigest()[:32],), mac)
    assert check_block(KEY, EMPTY, old) is None
    root = hashlib.sha256(b"\0" + line.encode()).hexdigest()
    assert leaf_of(old) == leaf_of(replace(old, root=root))
    # A root can neither be added to a block nor taken from one.
    assert check_block(KEY, EMPTY, replace(old, root=root)) is not None
    new = seal_block(KEY, old.head, [AuditEntry("chat:message:posted", "a1", ("m2",), NOW)], NOW)
    assert check_block(KEY, old.head, new) is None
    assert check_block(KEY, old.head, replace(new, root="")) is not None


@pytest.mark.parametrize(
    "change",
    [
        {"action": "Budi Santoso wrote"},
        {"action": "chat:posted"},
        {"actor_id": "Budi Santoso"},
        {"objects": ("m1", "Jalan Melati 3")},
        {"objects": ("m1",) * 65},
        {"counts": {"Budi Santoso": 1}},
        {"counts": {"seq": 1.5}},
        {"counts": {"seq": True}},
        {"counts": {"seq": 2**60}},
        {"at": datetime(2026, 1, 1)},  # noqa: DTZ001  (a time without a zone is what must be refused)
    ],
)
def test_entry_takes_no_content(change: dict[str, object]) -> None:
    entry = AuditEntry("chat:message:posted", "a1", ("m1",), NOW, {"seq": 1})
    with pytest.raises(ValueError) as caught:  # noqa: PT011  (the message is examined below)
        replace(entry, **change)
    assert "Budi" not in str(caught.value)
    assert "Melati" not in str(caught.value)
