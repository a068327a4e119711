"""How long requests about data stay, what people stopped, and the proof of erasures."""

from datetime import timedelta

from server.kernel.retention import RetentionRule, Stock, Times, Ways, ends, stays
from server.rights.model import CONFIRM_WITHIN

_USUAL = 1_095
_PERSON = ("person_id",)


def retention(stock: Stock, times: Times) -> Ways:
    """Give the rules. An erasure's record knows opaque ids only, which lead to nobody any more."""
    keep = times.of("rights:request", _USUAL)
    ended = RetentionRule(
        "rights:request", ("rights_requests",), "proof", keep, "closed", "AMANAH_RETENTION", held_by=_PERSON
    )
    waiting = RetentionRule(
        "rights:unconfirmed", ("rights_requests",), "proof", CONFIRM_WITHIN, "made", by_store=True, unheld="unproven"
    )
    return Ways(
        ends(ended, stock, "ended_at"),
        ends(waiting, stock, "unconfirmed_since", grace=timedelta(hours=1)),
        stays("rights:open", ("rights_requests",), "proof", "staff"),
        stays("rights:restraint", ("restraints",), "consent", "person"),
        stays("rights:erasure", ("erasures", "erasure_proofs", "erasures_repeated"), "proof", "never"),
    )
