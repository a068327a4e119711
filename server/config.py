"""All settings, read once from the environment into one frozen object.

A setting's description is what `amanah config` and `docs/operations.md` show. Secrets never appear in `repr`.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from moderation.policy import policy_of
from moderation.trust import TrustRules
from server.addresses import is_address, is_database, is_mongo, is_origin, is_port, is_private
from server.delivery.model import Tariff
from server.feedback.terms import Terms
from server.retention.model import times_of

_PREFIX = "AMANAH_"
_CHOICES = {
    "log_level": ("INFO", "DEBUG", "WARNING", "ERROR"),
    "default_locale": ("id", "en"),
    "email_verification": ("required", "off"),
    "staff_second_factor": ("optional", "required"),
    "trace_parents": ("restart", "continue"),
    "training": ("required", "off"),
}
"""setting -> what it may be, the default first."""
_REDIS_SCHEMES = ("redis", "rediss", "unix")
_SCANNER = re.compile(r"tcp://[^/@\s]+:(?P<port>[0-9]{1,5})|unix:///\S+")
_KEY_SOURCES = ("master_key", "master_key_command", "master_key_file")


class SettingsError(ValueError):
    """A setting has a value that can't be used. The text names the variable, not a secret's value."""


def _setting(default: Any, about: str, *, secret: bool = False, among: tuple[int, int] | None = None) -> Any:
    """Declare a setting.

    Args:
        default: of it.
        about: what it means.
        secret: whether it is masked wherever it is shown.
        among: of a number: the least and the most that anybody can mean.
    """
    return field(default=default, repr=not secret, metadata={"about": about, "secret": secret, "among": among})


@dataclass(frozen=True)
class Settings:
    """Every setting with its default. The environment variable is `AMANAH_` and the name in capitals."""

    host: str = _setting("127.0.0.1", "Address to listen on.")
    port: int = _setting(8080, "Port to listen on; 0 takes a free one.", among=(0, 65_535))
    data_dir: Path = _setting(Path("data"), "Folder for the embedded store, the master key and the audit anchor.")
    mongo_url: str = _setting(
        "", "MongoDB 7 or newer (replica set or sharded). Empty: the embedded store is started.", secret=True
    )
    mongo_database: str = _setting("amanah", "Name of the database.")
    redis_url: str = _setting(
        "",
        "Redis that keeps the counts of rate limits, for restarts and several processes. Empty: in memory.",
        secret=True,
    )
    master_key_file: str = _setting("", "File with the master key. Empty: `master.key` in the data folder.")
    master_key: str = _setting(
        "",
        "The master key itself, in hexadecimal or base64, in place of a file; older ones for reading behind it.",
        secret=True,
    )
    master_key_command: str = _setting(
        "", "Command that prints the master key, in place of a file; it runs without a shell.", secret=True
    )
    public_url: str = _setting("", "Address under which browsers reach the server, for cookies and Origin checks.")
    embed_origins: str = _setting("", "Other origins whose pages may embed the widget, space-separated; `*` for any.")
    trusted_proxies: int = _setting(
        0, "How many reverse proxies stand in front and set X-Forwarded-For.", among=(0, 16)
    )
    limits: bool = _setting(True, "Rate limits: `on`, or `off` for load tests on loopback only.")
    metrics_networks: str = _setting(
        "127.0.0.0/8 ::1/128", "Networks that may read `/metrics`, in CIDR notation, space-separated; empty for none."
    )
    metrics_token: str = _setting("", "Token with which `/metrics` is read from anywhere (bearer).", secret=True)
    redactor_workers: int = _setting(
        0, "Worker processes of the redactor; 0 is one for every two processors.", among=(0, 256)
    )
    redactor_deadline_ms: int = _setting(
        4000, "A text not redacted within this time is refused, in milliseconds.", among=(100, 60_000)
    )
    triage_model: str = _setting(
        "", "Folder of the model that proposes what feedback is. Empty: the one that ships; `off`: no proposals."
    )
    session_days: int = _setting(
        30, "How long a session of a customer lasts after its last use, in days.", among=(1, 3_650)
    )
    staff_session_hours: int = _setting(
        12, "How long a session of staff lasts after its last use, in hours.", among=(1, 8_760)
    )
    staff_second_factor: str = _setting(
        "optional", "`required`: sessions of staff without a second factor can do nothing but show or set one up."
    )
    fresh_minutes: int = _setting(
        10, "How long after signing in passwords, factors, roles and the like may change.", among=(1, 1_440)
    )
    oidc_issuer: str = _setting("", "Identity provider at which staff may sign in (OpenID Connect). Empty: none.")
    oidc_client_id: str = _setting("", "Our client id there.")
    oidc_client_secret: str = _setting("", "Our secret there; empty for a public client.", secret=True)
    oidc_name: str = _setting("SSO", "What staff know the identity provider by; on the button.")
    smtp_url: str = _setting(
        "",
        "Mail server, `smtp://USER:PASSWORD@HOST:PORT` (STARTTLS) or `smtps://...`. Empty: no mail, no verification.",
        secret=True,
    )
    mail_from: str = _setting("", "Address that mail comes from; needed with a mail server.")
    email_verification: str = _setting(
        "required", "`required`: with a mail server, accounts open once a mailed link was followed; or `off`."
    )
    link_minutes: int = _setting(120, "How long a mailed link works, in minutes.", among=(1, 8_640))
    push_origins: str = _setting(
        "", "Push services beside the public ones of browsers, as origins, space-separated; for closed networks."
    )
    visit_days: int = _setting(
        30, "How long full addresses and user agents of visits are kept, in days.", among=(1, 3_650)
    )
    pepper: int = _setting(
        1, "Number of the key mixed into passwords; one more renews it at each person's sign-in.", among=(1, 1_000_000)
    )
    audit_days: int = _setting(
        730, "How long entries of the audit trail are kept, in days; 0 keeps them for ever.", among=(0, 36_500)
    )
    policy: str = _setting(
        "", "Folder of the company's own privacy policy, `1.toml`, `2.toml`, ...; empty: the one that ships."
    )
    training: str = _setting(
        "required", "`required`: staff moderate, reveal and read by exception with current training only; or `off`."
    )
    training_percent: int = _setting(
        80, "Answers that have to be right to pass a module of training, in per cent.", among=(1, 100)
    )
    training_days: int = _setting(365, "How long a pass holds, in days.", among=(1, 3_650))
    training_grace_days: int = _setting(
        14, "How long passes hold once a new version of the privacy policy does, in days.", among=(0, 3_650)
    )
    company_name: str = _setting("Amanah", "Name of the company that runs this server, as its customers know it.")
    delivery: str = _setting(
        "",
        "Shop and tariff for shipping cost from a location, as JSON: latitude, longitude, road_factor, base, per_km, "
        "free_km, most_km. Empty: no location is asked for.",
    )
    erasure_days: int = _setting(
        7,
        "For how many days people can take back the erasure of their account, by signing in; 0: none at all.",
        among=(0, 30),
    )
    evidence_seconds: int = _setting(
        300,
        "How often the evidence on the promises page is gathered anew, in seconds; the audit trail more rarely.",
        among=(1, 3_600),
    )
    reveal_seconds: int = _setting(
        30, "For how long staff are shown a value of a sealed form at a time, in seconds.", among=(5, 600)
    )
    handle_days: int = _setting(
        30, "How long after a change of one's handle the next is possible, in days.", among=(0, 3_650)
    )
    handle_kept_days: int = _setting(
        365, "How long a handle that was given up is nobody else's, in days.", among=(0, 36_500)
    )
    chat_mail_minutes: int = _setting(
        10,
        "After how many minutes customers who left unread answers in the chat are written to; 0: never.",
        among=(0, 10_080),
    )
    attachment_mib: int = _setting(8, "Largest image that is taken in, in MiB.", among=(1, 64))
    document_mib: int = _setting(10, "Largest PDF or office document that conversations take, in MiB.", among=(1, 64))
    text_file_kib: int = _setting(256, "Largest text or CSV file that conversations take, in KiB.", among=(1, 4_096))
    clamav_url: str = _setting(
        "",
        "ClamAV daemon that must find files clean, `tcp://HOST:PORT` or `unix:///SOCKET`. Empty: none.",
    )
    feedback_terms: str = _setting(
        "", "What is promised for feedback and in which hours, as JSON, until administrators change it there."
    )
    webhook_networks: str = _setting(
        "", "Networks of ours into which webhooks may go, also unencrypted, in CIDR notation; empty: none."
    )
    webhook_ports: str = _setting("443", "Ports of receivers of webhooks on the internet, space-separated.")
    trust: str = _setting("", "Thresholds of the forum's trust levels that differ from the usual ones, as JSON.")
    moderation: str = _setting("", "Thresholds of moderation that differ from the usual ones, as JSON.")
    report_group: int = _setting(10, "Smallest group of people of which a shared report tells.", among=(5, 1_000_000))
    report_epsilon: int = _setting(
        500, "Privacy loss of one table of a shared report, in thousandths of epsilon.", among=(1, 1_000_000)
    )
    report_budget: int = _setting(
        8000,
        "Privacy loss of all shared tables about the same month or survey, in thousandths of epsilon.",
        among=(1, 1_000_000),
    )
    retention: str = _setting(
        "", "After how many days things go that have no setting of their own, as JSON: rule and days."
    )
    traces: str = _setting(
        "",
        "Where traces of requests go: `file` (`traces.jsonl` in the data folder), or the address of a collector's "
        "traces (OTLP over HTTP, JSON). Empty: nowhere.",
    )
    trace_percent: int = _setting(100, "Share of requests that are traced, in per cent.", among=(0, 100))
    trace_parents: str = _setting(
        "restart", "`continue`: traces that callers bring go on, for a proxy of yours that draws their ids itself."
    )
    default_locale: str = _setting("id", "Language for those who have not chosen one: `id` or `en`.")
    log_level: str = _setting("INFO", "DEBUG, INFO, WARNING or ERROR. No level logs a typed text.")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None, **overrides: object) -> "Settings":
        """Read the settings.

        Args:
            environ: the variables; the process environment when omitted.
            overrides: values from the command line; `None` means not given.

        Raises:
            SettingsError: a variable can't be read as its type or is not a known setting.
        """
        source = os.environ if environ is None else environ
        known = {_variable(item): item for item in fields(cls)}
        unknown = sorted(
            name for name in source if name.startswith(_PREFIX) and name not in known and "TEST" not in name
        )
        if unknown:
            near = get_close_matches(
                unknown[0].removeprefix(_PREFIX), [name.removeprefix(_PREFIX) for name in known], n=1
            )
            # Not `amanah config`: it would end with this error too.
            hint = f"is {_PREFIX}{near[0]} meant?" if near else "docs/operations.md lists all"
            raise SettingsError(f"unknown setting {unknown[0]}; {hint}")
        values: dict[str, Any] = {
            item.name: _parse(name, item, source[name]) for name, item in known.items() if name in source
        }
        values.update({name: value for name, value in overrides.items() if value is not None})
        for name, allowed in _CHOICES.items():
            if values.get(name, allowed[0]) not in allowed:
                raise SettingsError(f"{_PREFIX}{name.upper()} must be one of {', '.join(allowed)}")
        sources = [name for name in _KEY_SOURCES if values.get(name)]
        if len(sources) > 1:
            both = " and ".join(_PREFIX + name.upper() for name in sources)
            raise SettingsError(f"{both}: the master key can come from one place only")
        settings = cls(**values)
        settings._require_ranges()
        settings._require_addresses()
        settings._require_sense()
        settings._require_files()
        settings._require_documents()
        settings._require_traces()
        return settings

    def _require_ranges(self) -> None:
        """Refuse numbers that nobody means. Port 99999 would be 34463, and with 500 per cent nobody passes."""
        for item in fields(self):
            if (among := item.metadata["among"]) and not among[0] <= getattr(self, item.name) <= among[1]:
                raise SettingsError(f"{_variable(item)} must be a whole number from {among[0]} to {among[1]}")
        if self.report_epsilon > self.report_budget:
            raise SettingsError("AMANAH_REPORT_EPSILON must not be more than AMANAH_REPORT_BUDGET")

    def _require_addresses(self) -> None:
        """Refuse addresses that nothing can be reached at, or that would be read in another way than they are meant."""
        if not self.host.strip():
            raise SettingsError("AMANAH_HOST is empty: name the address to listen on, 0.0.0.0 for all of this machine")
        if self.mongo_url and not is_mongo(self.mongo_url):
            raise SettingsError("AMANAH_MONGO_URL must begin with mongodb:// or mongodb+srv://")
        if not is_database(self.mongo_database):
            raise SettingsError("AMANAH_MONGO_DATABASE must be letters, digits, `_` and `-`, 63 at most")
        if self.public_url and not is_origin(self.public_url.removesuffix("/")):
            raise SettingsError(
                "AMANAH_PUBLIC_URL must look like https://support.company.example, with a host of its own and no path"
            )
        if not all(origin == "*" or is_origin(origin) for origin in self.embed_origins.split()):
            raise SettingsError("AMANAH_EMBED_ORIGINS must hold origins like https://www.company.example, or `*`")
        if not all(is_origin(origin) and is_private(origin) for origin in self.push_origins.split()):
            raise SettingsError("AMANAH_PUSH_ORIGINS must hold origins like https://push.company.example")
        if self.redis_url and urlsplit(self.redis_url).scheme not in _REDIS_SCHEMES:
            raise SettingsError("AMANAH_REDIS_URL must begin with redis://, rediss:// or unix://")
        try:
            [ip_network(network) for network in self.metrics_networks.split()]
        except ValueError:
            raise SettingsError("AMANAH_METRICS_NETWORKS must hold networks like 10.0.0.0/8") from None
        try:
            [ip_network(network) for network in self.webhook_networks.split()]
        except ValueError:
            raise SettingsError("AMANAH_WEBHOOK_NETWORKS must hold networks like 10.0.0.0/8") from None
        if not all(is_port(port) for port in self.webhook_ports.split()):
            raise SettingsError("AMANAH_WEBHOOK_PORTS must hold port numbers")

    def _require_sense(self) -> None:
        """Refuse what can't be used together."""
        if self.smtp_url and not (self.mail_from and self.public_url):
            # Links in letters are made of it: a request's own host could be anybody's.
            raise SettingsError("AMANAH_SMTP_URL needs AMANAH_MAIL_FROM and AMANAH_PUBLIC_URL")
        if self.oidc_issuer and not (self.oidc_client_id and self.public_url):
            raise SettingsError("AMANAH_OIDC_ISSUER needs AMANAH_OIDC_CLIENT_ID and AMANAH_PUBLIC_URL")
        if self.oidc_issuer and not is_private(self.oidc_issuer):
            raise SettingsError("AMANAH_OIDC_ISSUER must be an https address, or on this machine")
        if not self.company_name.strip():
            raise SettingsError("AMANAH_COMPANY_NAME is empty: name the company as its customers know it")

    def _require_documents(self) -> None:
        """Refuse settings in JSON that can't be read as what they are for."""
        try:
            TrustRules.parse(self.trust)
        except ValueError as error:
            raise SettingsError(f"AMANAH_TRUST can't be used: {error}") from None
        try:
            policy_of(self.moderation)
        except ValueError as error:
            raise SettingsError(f"AMANAH_MODERATION can't be used: {error}") from None
        try:
            Terms.of_setting(self.feedback_terms)
        except ValueError:
            raise SettingsError(
                "AMANAH_FEEDBACK_TERMS must be JSON as GET /api/v1/feedback/promises gives it"
            ) from None
        try:
            Tariff.of_setting(self.delivery)
        except ValueError as error:
            raise SettingsError(f"AMANAH_DELIVERY can't be used: {error}") from None
        try:
            times_of(self.retention)
        except ValueError as error:
            raise SettingsError(f"AMANAH_RETENTION {error}") from None

    def _require_traces(self) -> None:
        """Refuse what traces can't be sent to."""
        if self.traces not in {"", "file"} and not is_address(self.traces):
            raise SettingsError("AMANAH_TRACES must be `file` or an http or https address without a name or password")

    def _require_files(self) -> None:
        """Refuse a scanner that can't be asked."""
        scanner = _SCANNER.fullmatch(self.clamav_url)
        if self.clamav_url and not (scanner and (scanner["port"] is None or is_port(scanner["port"]))):
            raise SettingsError("AMANAH_CLAMAV_URL must be tcp://HOST:PORT or unix:///SOCKET")

    def described(self) -> list[tuple[str, str, str, str]]:
        """Give (variable, value, default, meaning) of each setting; secrets masked."""
        rows = []
        for item in fields(self):
            value = getattr(self, item.name)
            shown = "********" if item.metadata["secret"] and value else _shown(value)
            rows.append((_variable(item), shown, _shown(item.default), item.metadata["about"]))
        return rows

    @property
    def key_file(self) -> Path:
        """Where the master key lies."""
        return Path(self.master_key_file) if self.master_key_file else self.data_dir / "master.key"

    @property
    def worker_count(self) -> int:
        """How many redactor processes to run."""
        return self.redactor_workers or max(1, (os.cpu_count() or 2) // 2)


def _variable(item: "Field[Any]") -> str:
    return _PREFIX + item.name.upper()


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def _parse(name: str, item: "Field[Any]", text: str) -> object:
    default: object = item.default
    if isinstance(default, bool):
        if text.lower() not in {"on", "off"}:
            raise SettingsError(f"{name} must be `on` or `off`")
        return text.lower() == "on"
    if isinstance(default, int):
        try:
            return int(text)
        except ValueError:
            raise SettingsError(f"{name} must be a whole number") from None
    return Path(text) if isinstance(default, Path) else text
