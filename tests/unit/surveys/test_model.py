"""What is told of surveys: groups, the net promoter score, comments."""

from server.kernel.text import Numbering, RedactedText, template_of
from server.surveys.model import Reply, Scale, comments_to_show, groups, net_promoters


def _replies(*scores: int | None) -> list[Reply]:
    return [Reply("survei", f"orang{place}", score, None) for place, score in enumerate(scores)]


def _words(text: str) -> RedactedText:
    return template_of((text,)).fill(Numbering()).text


def test_groups_are_known_beforehand() -> None:
    assert groups(Scale.CSAT, _replies(5, 5, 1)) == {"1": 1, "2": 0, "3": 0, "4": 0, "5": 2}
    assert groups(Scale.NPS, _replies(0, 6, 7, 8, 9, 10, 10)) == {"detractors": 2, "passives": 2, "promoters": 3}
    assert groups(Scale.TEXT, _replies(None)) == {}


def test_the_net_promoter_score_wants_all_groups() -> None:
    assert net_promoters({"detractors": 20, "passives": 30, "promoters": 50}) == 30
    assert net_promoters({"detractors": None, "passives": 30, "promoters": 50}) is None
    assert net_promoters({"detractors": -1, "passives": 0, "promoters": 0}) is None


def test_comments_of_too_few_are_not_shown_and_never_in_the_order_of_writing() -> None:
    replies = [Reply("survei", f"orang{place}", 5, _words(f"Bagus sekali {place}")) for place in range(12)]
    assert comments_to_show(replies[:9], 10) == []
    shown = comments_to_show(replies, 10)
    assert len(shown) == 12
    assert shown == comments_to_show(list(reversed(replies)), 10)
