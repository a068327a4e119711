"""Hands letters to a mail server by SMTP. Knows nothing of accounts; logs nothing of a letter.

`smtp://` means STARTTLS and nothing without it, `smtps://` TLS from the first byte. `?tls=off` is for a relay on this
machine. `?ca=FILE` trusts an authority of one's own.
"""

import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from urllib.parse import parse_qsl, unquote, urlsplit

import aiosmtplib

from server.kernel.ports import Clock
from server.notify.model import Written
from server.notify.service import Refused, Undeliverable

# RFC 5321, 4.5.3.2: what a client has to wait for each answer, and for that to the end of a letter. A server that looks
# into letters takes its time for the last one; who does not wait for it sends the letter again and again.
_ANSWER_S = 300.0
_TAKEN_S = 600.0
_FAREWELL_S = 5.0
_LONGEST_LINE = 900
"""Characters; RFC 5322 allows 998."""

_PORTS = {"smtp": 587, "smtps": 465}


class MailSettingsError(ValueError):
    """The mail settings can't be used. Says why, never with a password."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail goes out.

    Attributes:
        host: of the mail server.
        port: of it.
        username: to sign in with there, or empty.
        password: likewise.
        starttls: whether the connection is made safe by STARTTLS.
        tls: whether it is safe from the beginning.
        ca_file: certificates to trust instead of the system's, or empty.
        sender: the address letters come from.
    """

    host: str
    port: int
    username: str = field(repr=False)
    password: str = field(repr=False)
    starttls: bool
    tls: bool
    ca_file: str
    sender: Address

    @classmethod
    def parse(cls, url: str, sender: str, company: str) -> "MailServer":
        """Read the settings.

        Args:
            url: `smtp://USER:PASSWORD@HOST:PORT`, or `smtps://...`.
            sender: the address letters come from.
            company: the name beside it.

        Raises:
            MailSettingsError: one of them can't be used.
        """
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query))
        if parts.scheme not in _PORTS or not parts.hostname or set(options) - {"tls", "ca"}:
            raise MailSettingsError("AMANAH_SMTP_URL must look like smtp://USER:PASSWORD@HOST:PORT or smtps://...")
        try:
            address = Address(display_name=" ".join(company.split()), addr_spec=sender)
            port = parts.port or _PORTS[parts.scheme]
        except (ValueError, IndexError):
            raise MailSettingsError("AMANAH_MAIL_FROM must be an e-mail address, and the port a number") from None
        return cls(
            host=parts.hostname,
            port=port,
            username=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            starttls=parts.scheme == "smtp" and options.get("tls") != "off",
            tls=parts.scheme == "smtps",
            ca_file=options.get("ca", ""),
            sender=address,
        )


class SmtpCarrier:
    """Fills `notify.service.Carrier`.

    Args:
        server: where mail goes out.
        clock: the time.
    """

    def __init__(self, server: MailServer, clock: Clock) -> None:
        self._server = server
        self._clock = clock
        self._tls = ssl.create_default_context(cafile=server.ca_file or None)

    async def carry(self, written: Written) -> None:
        """See `notify.service.Carrier`."""
        message, client = message_of(written, self._server.sender, self._clock), self._client()
        try:
            await client.connect()
            await client.send_message(
                message,
                sender=self._server.sender.addr_spec,
                recipients=[written.to],
                timeout=_TAKEN_S,
            )
            # It has the letter. Whether it says goodbye is no matter.
            with suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=_FAREWELL_S)
        # `from None`: what a mail server answers holds addresses.
        except aiosmtplib.SMTPRecipientsRefused as refused:
            if all(500 <= recipient.code < 600 for recipient in refused.recipients):
                raise Refused from None
            raise Undeliverable from None
        except aiosmtplib.SMTPDataError as refused:
            raise (Refused if 500 <= refused.code < 600 else Undeliverable) from None
        except (aiosmtplib.SMTPException, OSError):
            raise Undeliverable from None
        finally:
            # Not by the client's own context: that takes its leave, and would wait for the answer when we are to stop.
            client.close()

    def _client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username or None,
            password=server.password or None,
            use_tls=server.tls,
            start_tls=server.starttls,
            tls_context=self._tls if server.starttls or server.tls else None,
            local_hostname=server.sender.domain,
            timeout=_ANSWER_S,
        )


def message_of(written: Written, sender: Address, clock: Clock) -> EmailMessage:
    """Give a letter as a message. The policy refuses line ends in headers, so that nothing in a value can add one."""
    # Addresses in headers are not to be broken: encoded in pieces nobody could read them.
    message = EmailMessage(policy=SMTP_POLICY.clone(max_line_length=_LONGEST_LINE))
    message["From"] = sender
    message["To"] = Address(addr_spec=written.to)
    message["Subject"] = written.subject
    message["Date"] = format_datetime(clock())
    message["Message-ID"] = f"<{written.id}@{sender.domain}>"
    # So that no absence notice answers it (RFC 3834, and what Exchange looks at).
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if written.unsubscribe:
        message["List-Unsubscribe"] = f"<{written.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(written.text, cte="quoted-printable")
    message.add_alternative(written.html, subtype="html", cte="quoted-printable")
    # Last, for setting the content takes away what says something of it.
    message["Content-Language"] = written.locale
    return message
