"""A real mail server on the loopback interface that keeps what it gets. It can be told to refuse."""

import asyncio
import ipaddress
import re
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.harness.process import eventually

_LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Received:
    """A letter as it came over the wire.

    Attributes:
        sender: of the envelope.
        recipients: of the envelope.
        raw: the message's bytes.
        tls: whether the connection was encrypted.
    """

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    tls: bool

    @property
    def message(self) -> EmailMessage:
        """The message, parsed."""
        parsed = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def text(self) -> str:
        """The plain part."""
        body = self.message.get_body(("plain",))
        assert body is not None
        return str(body.get_content())

    @property
    def html(self) -> str:
        """The HTML part."""
        body = self.message.get_body(("html",))
        assert body is not None
        return str(body.get_content())

    @property
    def link(self) -> str:
        """The one link in it."""
        (link,) = set(_LINK.findall(self.text))
        return link

    @property
    def token(self) -> str:
        """The token in the link."""
        return self.link.partition("?token=")[2]


@dataclass(slots=True)
class _Handler:
    letters: list[Received] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    tries: int = 0
    think: asyncio.Event | None = None

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:
        self.tries += 1
        if self.answers:
            return self.answers.pop(0)
        think, self.think = self.think, None
        if think is not None:
            await think.wait()
        assert isinstance(envelope.content, bytes)
        tls = session.ssl is not None
        self.letters.append(Received(envelope.mail_from or "", tuple(envelope.rcpt_tos), envelope.content, tls))
        return "250 OK"


class MailSink:
    """The mail server. `start` before use, `stop` at the end.

    Args:
        tls: offers STARTTLS, and insists on it.
        login: the only name and password it lets in; None for anybody.
    """

    def __init__(self, *, tls: ssl.SSLContext | None = None, login: tuple[str, str] | None = None) -> None:
        self._handler = _Handler()
        self._tls = tls
        self._login = login
        self._server: asyncio.Server | None = None
        self.port = 0

    async def start(self) -> None:
        """Listen; a later start on the same port."""
        options: dict[str, Any] = {}
        if self._tls is not None:
            options |= {"tls_context": self._tls, "require_starttls": True}
        if self._login is not None:
            options |= {"authenticator": self._authenticate, "auth_required": True}
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: SMTP(self._handler, loop=loop, hostname="surat.example", **options), "127.0.0.1", self.port
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listen no longer."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    @property
    def url(self) -> str:
        """The setting for it, without TLS."""
        return f"smtp://127.0.0.1:{self.port}?tls=off"

    @property
    def letters(self) -> list[Received]:
        """What came."""
        return self._handler.letters

    @property
    def tries(self) -> int:
        """How often a letter was offered."""
        return self._handler.tries

    def answer_next(self, *answers: str) -> None:
        """Refuse the next letters with these answers."""
        self._handler.answers.extend(answers)

    def think_about_next(self, until: asyncio.Event) -> None:
        """Take the next letter, but say so only when an event has come."""
        self._handler.think = until

    def to(self, address: str) -> list[Received]:
        """What came for an address, in order."""
        return [letter for letter in self.letters if letter.recipients == (address,)]

    async def letter(self, address: str, count: int = 1) -> Received:
        """Wait until so many letters have come for an address; give the last of them."""
        await eventually(lambda: len(self.to(address)) >= count, "a letter has come")
        return self.to(address)[count - 1]

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: LoginPassword
    ) -> AuthResult:
        return AuthResult(success=(data.login.decode(), data.password.decode()) == self._login, handled=False)


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Make a certificate for 127.0.0.1; give the server's side and the file that a client is to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "mail.pem", folder / "mail.key"
    certificate_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_file, key_file)
    return context, certificate_file
