"""How long consents, the access log and break-glass records stay."""

from server.kernel.retention import RetentionRule, Stock, Times, Ways, ends, stays

_USUAL = 1_825
"""Five years: as long as somebody may want to know, or a court, who looked at what."""


def retention(stock: Stock, times: Times) -> Ways:
    """Give the rules. The access log and break-glass records obey holds on their person and conversation."""

    def proof(name: str, collection: str) -> RetentionRule:
        return RetentionRule(name, (collection,), "proof", times.of(name, _USUAL), "made", "AMANAH_RETENTION")

    return Ways(
        stays("consent", ("choices", "guardianships"), "consent", "person"),
        ends(proof("access:look", "looks"), stock, "at", whose=("person_id", "object_id")),
        ends(proof("access:glass", "break_glass"), stock, "opened_at", whose=("person_id", "conversation_id")),
    )
