"""Merkle trees: known answers, and every proof is accepted by the outside verifier's own reading of the RFC."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.audit.merkle import (
    EMPTY_ROOT,
    Tree,
    consistency_path,
    inclusion_path,
    leaf_hash,
    leaf_hashes,
    node_hash,
    root_of,
)
from tests.harness.auditor import auditor

# The leaves and roots of the reference tests of Certificate Transparency (google/certificate-transparency,
# merkletree/merkle_tree_test), RFC 6962, whose trees are those of RFC 9162.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
SIZES = st.integers(1, 70)


def leaves_of(size: int) -> list[bytes]:
    return [leaf_hash(b"%d" % number) for number in range(size)]


def test_known_roots() -> None:
    tree = Tree()
    assert tree.root() == EMPTY_ROOT == hashlib.sha256(b"").digest() == root_of([])
    for size, root in enumerate(ROOTS, 1):
        tree.append(leaf_hash(LEAVES[size - 1]))
        assert tree.root().hex() == root
        assert root_of(leaf_hashes(LEAVES[:size])).hex() == root


def test_known_proofs() -> None:
    """The same reference tests: proofs in trees of these leaves."""
    hashes = leaf_hashes(LEAVES)
    h = hashes
    assert inclusion_path(hashes, 0) == [
        h[1],
        node_hash(h[2], h[3]),
        node_hash(node_hash(h[4], h[5]), node_hash(h[6], h[7])),
    ]
    assert [item.hex() for item in inclusion_path(hashes, 5)] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    assert [item.hex() for item in consistency_path(hashes, 6)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    assert [item.hex() for item in consistency_path(leaf_hashes(LEAVES[:5]), 2)] == [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ]


@given(SIZES)
def test_tree_that_grows_is_the_whole_one(size: int) -> None:
    leaves = leaves_of(size)
    tree = Tree()
    for leaf in leaves:
        tree.append(leaf)
    assert tree.root() == root_of(leaves)
    assert Tree(tree.size, tree.peaks).root() == tree.root()
    outside = auditor().Tree()
    for leaf in leaves:
        outside.append(leaf)
    assert outside.root() == tree.root()


@given(SIZES, st.data())
def test_inclusion_is_proved_and_nothing_else(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_path(leaves, index)
    verify = auditor().root_from_inclusion
    assert verify(leaves[index], index, size, path) == root_of(leaves)
    assert verify(leaf_hash(b"other"), index, size, path) != root_of(leaves)
    for wrong in (path[:-1], [*path, leaves[0]]):
        if wrong != path:
            with pytest.raises(auditor().DoesNotFit):
                verify(leaves[index], index, size, wrong)


@given(SIZES, st.data())
def test_growth_is_proved_and_nothing_else(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    earlier = data.draw(st.integers(1, size))
    path = consistency_path(leaves, earlier)
    check = auditor().check_consistency
    before, after = root_of(leaves[:earlier]), root_of(leaves)
    check(earlier, size, before, after, path)
    other = leaf_hash(b"other")
    wrong_calls = [(earlier, size, other, after, path), (earlier, size, before, other, path)]
    if path:
        wrong_calls += [
            (earlier, size, before, after, path[:-1]),
            (earlier, size, before, after, [*path, other]),
            (earlier, size, before, after, [other, *path[1:]]),
        ]
    for call in wrong_calls:
        with pytest.raises(auditor().DoesNotFit):
            check(*call)


def test_what_is_no_tree_is_refused() -> None:
    with pytest.raises(ValueError, match="peaks"):
        Tree(3, [b"\0" * 32])
    with pytest.raises(ValueError, match="peaks"):
        Tree(1, [b"\0" * 31])
    with pytest.raises(ValueError, match="no such leaf"):
        inclusion_path([], 0)
    with pytest.raises(ValueError, match="earlier"):
        consistency_path([leaf_hash(b"a")], 0)
