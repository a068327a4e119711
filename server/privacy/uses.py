"""Every use of what people gave: on which legal basis, for which purpose, and where in the code it happens. Pure.

What rests on consent names the purpose that people choose about; the rest names its basis of UU No. 27/2022, article 20
paragraph 2, here and on the consent page. `tests/architecture/test_uses.py` holds the sources to it: a place that uses
data of people without naming one of these is a defect.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from server.kernel.errors import ConsentRequired
from server.privacy.model import PURPOSES, Basis
from server.privacy.service import ConsentLedger


@dataclass(frozen=True, slots=True)
class Use:
    """One use.

    Attributes:
        basis: why it is lawful.
        where: modules that use data so.
        purpose: what people choose about; None where nothing is to be chosen.
    """

    basis: Basis
    where: tuple[str, ...]
    purpose: str | None = None


USES: Final[Mapping[str, Use]] = MappingProxyType(
    {
        # Named like the purposes that people choose about.
        "support_chat": Use(
            Basis.REQUEST,
            (
                "server.composition.attaching",
                "server.chat.changes",
                "server.chat.naming",
                "server.chat.rating",
                "server.chat.sending",
                "server.chat.service",
                "server.desk.handling",
                "server.files.service",
            ),
            "support_chat",
        ),
        "research": Use(
            Basis.CONSENT,
            ("server.surveys.service", "server.composition.surveying", "server.commands.triage"),
            "research",
        ),
        "marketing": Use(Basis.CONSENT, ("server.announcements.news",), "marketing"),
        # What needs no consent.
        "account": Use(
            Basis.REQUEST,
            (
                "server.accounts.letters",
                "server.factors.service",
                "server.federation.service",
                "server.identify.service",
                "server.people.service",
            ),
        ),
        "forum": Use(
            Basis.REQUEST,
            ("server.attachments.service", "server.forum.posts", "server.forum.writing", "server.search.service"),
        ),
        "feedback": Use(Basis.REQUEST, ("server.feedback.comments", "server.feedback.giving")),
        "forms": Use(Basis.REQUEST, ("server.forms.service", "server.sealed.service")),
        "notices": Use(Basis.REQUEST, ("server.notices.digests", "server.notices.service", "server.notify.service")),
        "disruptions": Use(Basis.REQUEST, ("server.announcements.service",)),
        "permission": Use(Basis.REQUEST, ("server.publication.permissions",)),
        "triage": Use(Basis.LEGITIMATE, ("server.composition.triaging",)),
        "insight": Use(Basis.LEGITIMATE, ("server.insight.counting", "server.insight.reports")),
        "page_counts": Use(Basis.LEGITIMATE, ("server.telemetry.pageviews",)),
        "redaction_quality": Use(Basis.LEGITIMATE, ("server.signals.service",)),
        "moderation": Use(Basis.LEGITIMATE, ("server.review.service",)),
        "sign_in_safety": Use(Basis.LEGITIMATE, ("server.visits.service",)),
        "webhooks": Use(Basis.LEGITIMATE, ("server.webhooks.delivering",)),
        "training": Use(Basis.DUTY, ("server.training.service",)),
        "guardian": Use(Basis.DUTY, ("server.privacy.guardians",)),
        "rights": Use(Basis.DUTY, ("server.rights.erasure", "server.rights.service")),
        "incidents": Use(Basis.DUTY, ("server.incidents.service",)),
        "trail": Use(Basis.DUTY, ("server.audit.service",)),
        "complaints": Use(Basis.DUTY, ("server.feedback.register",)),
    }
)
"""All uses by name; their words are in the catalogues under `use.<name>`."""

LETTERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "verify": "account",
        "reset": "account",
        "change": "account",
        "change_announced": "account",
        "address_taken": "account",
        "address_changed": "account",
        "password_changed": "account",
        "factor_added": "account",
        "factor_removed": "account",
        "new_device": "sign_in_safety",
        "break_glass_opened": "trail",
        "notice": "notices",
        "chat_answer": "support_chat",
        "transcript": "support_chat",
        "digest_daily": "notices",
        "digest_weekly": "notices",
        "survey": "research",
        "news": "marketing",
        "incident": "incidents",
        "guardian": "guardian",
        "erasure_asked": "rights",
        "erasure_cancelled": "rights",
        "request_confirm": "rights",
        "request_step": "rights",
    }
)
"""Letter -> its use. A letter without one is not sent."""


async def require_use(ledger: ConsentLedger, account_id: str, use: str) -> None:
    """Insist that a person's data may be used so: by standing consent, or on a recorded basis.

    Raises:
        ConsentRequired: not agreed to, withdrawn, or there is no such use.
    """
    found = USES.get(use)
    if found is None:
        raise ConsentRequired
    if found.purpose is not None and found.purpose in PURPOSES:
        await ledger.require(account_id, found.purpose)
