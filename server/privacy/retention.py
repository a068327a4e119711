"""How long consents, the access log and break-glass records stay."""

from server.kernel.retention import RetentionRule, Stock, Times, Ways, ends, stays

_USUAL = 1_825
"""Five years: as long as somebody may want to know, or a court, who looked at what."""


def retention(stock: Stock, times: Times) -> Ways:
    """Give the rules. The access log and break-glass records obey holds on their person, on
    who looked, and on the conversation."""

    def proof(name: str, collection: str, *held_by: str) -> RetentionRule:
        keep = times.of(name, _USUAL)
        return RetentionRule(name, (collection,), "proof", keep, "made", "AMANAH_RETENTION", held_by=held_by)

    return Ways(
        stays("consent", ("choices", "guardianships"), "consent", "person"),
        ends(proof("access:look", "looks", "person_id", "object_id", "actor_id"), stock, "at"),
        ends(proof("access:glass", "break_glass", "person_id", "conversation_id", "actor_id"), stock, "opened_at"),
    )
