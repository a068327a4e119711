"""Signed notes: their form is C2SP's, and nothing else opens."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from server.audit.note import NoteInvalid, Removal, Signer, TreeHead, Verifier, notes_in
from tests.harness.auditor import auditor
from tests.harness.trails import SIGNER

HEAD = TreeHead(7, bytes(range(32)), 31, 1795348800123)
REMOVAL = Removal(7, bytes(range(32)), 3, 9, 31, "retention", 1795348800123)


def test_form_is_as_documented() -> None:
    """Worked out by hand from c2sp.org/signed-note and c2sp.org/tlog-checkpoint."""
    seed = bytes(range(1, 33))
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public = private.public_key().public_bytes_raw()
    name = f"amanah/audit/{hashlib.sha256(public).hexdigest()[:16]}"
    key_id = hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4]
    root = base64.b64encode(bytes(range(32))).decode()
    text = f"{name}\n7\n{root}\nentries 31\ntime 2026-11-22T12:00:00.123Z\n"
    signature = base64.b64encode(key_id + private.sign(text.encode())).decode()
    assert Signer(seed).checkpoint(HEAD) == f"{text}\n— {name} {signature}\n"
    typed_key = base64.b64encode(b"\x01" + public).decode()
    assert Signer(seed).described == f"{name}+{key_id.hex()}+{typed_key}"


@given(st.integers(0, 2**50), st.binary(min_size=32, max_size=32), st.integers(0, 2**50), st.integers(0, 2**41))
def test_what_is_signed_comes_out_again(size: int, root: bytes, entries: int, at: int) -> None:
    head = TreeHead(size, root, entries, at)
    note = SIGNER.checkpoint(head)
    assert Verifier(SIGNER.public).tree_head(note) == head
    outside = auditor().Key(SIGNER.described).checkpoint(note)
    assert (outside.size, outside.root, outside.entries) == (size, root, entries)
    removal = Removal(size, root, 1, 2, entries, "retention", at)
    assert Verifier(SIGNER.public).removal(SIGNER.cut(removal)) == removal


def test_a_checkpoint_is_no_cut_and_a_cut_no_checkpoint() -> None:
    with pytest.raises(NoteInvalid):
        SIGNER.removal(SIGNER.checkpoint(HEAD))
    with pytest.raises(NoteInvalid):
        SIGNER.tree_head(SIGNER.cut(REMOVAL))
    for open_other, note in (("cut", SIGNER.checkpoint(HEAD)), ("checkpoint", SIGNER.cut(REMOVAL))):
        with pytest.raises(auditor().DoesNotFit):
            getattr(auditor().Key(SIGNER.described), open_other)(note)


def test_another_key_opens_nothing() -> None:
    other = Signer(b"x" * 32)
    with pytest.raises(NoteInvalid):
        other.tree_head(SIGNER.checkpoint(HEAD))
    renamed = SIGNER.checkpoint(HEAD).replace(SIGNER.origin, other.origin)
    with pytest.raises(NoteInvalid):
        other.tree_head(renamed)
    for described in (other.described, SIGNER.described.replace("A", "B", 1), "x", "", "a+b+c"):
        with pytest.raises(auditor().DoesNotFit):
            auditor().Key(described).checkpoint(SIGNER.checkpoint(HEAD))


def test_notes_behind_each_other_are_told_apart() -> None:
    notes = [SIGNER.checkpoint(HEAD), SIGNER.cut(REMOVAL)]
    text = "".join(f"{note}\n" for note in notes)
    assert notes_in(text) == notes == auditor().notes_in(text)
    assert notes_in("") == []
    assert notes_in(text + "rest") == [*notes, "rest"]


def test_the_signer_shows_no_key() -> None:
    assert repr(SIGNER) == "<Signer>"
