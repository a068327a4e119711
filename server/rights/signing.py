"""Signs the list of files in an export, so that anybody can tell later that it is from here and whole. Pure.

The signature is Ed25519 (RFC 8032) over the bytes of `manifest.json`; nothing else is ever signed with the key.
"""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


class ExportSigner:
    """Makes the signatures.

    Args:
        seed: 32 secret bytes, for nothing else.
    """

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_pem = self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        """The public half, as tools take it (RFC 8410)."""

    def __repr__(self) -> str:
        return "<ExportSigner>"

    def sign(self, manifest: bytes) -> bytes:
        """Give the 64 bytes of a signature."""
        return self._key.sign(manifest)
