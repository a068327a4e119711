"""Rules of notices: when digests go out, which links stop letters, which addresses are push services."""

from datetime import UTC, datetime, timedelta

import pytest

from server.kernel.ids import new_id
from server.notices.model import DEFAULTS, LOCKED, Choice, Desk, Kind, Notice, Pace, joined
from server.notices.push import PushServices
from server.notices.push_client import VapidKey
from server.notices.schedule import ZONE, letter_id, next_due
from server.notices.sections import KINDS, Section, kinds_for, section_of
from server.notices.unsubscribing import Stop, StopTokens

_MOMENTS = [datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=97 * step) for step in range(400)]


@pytest.mark.parametrize("pace", [Pace.DAILY, Pace.WEEKLY])
def test_digests_go_out_in_the_morning_in_jakarta(pace: Pace) -> None:
    """Between seven and eight, the next one that comes; weekly ones on Mondays; always the same minute for somebody."""
    account_id = new_id()
    minutes = set()
    for moment in _MOMENTS:
        due = next_due(pace, account_id, moment)
        local = due.astimezone(ZONE)
        assert local.hour == 7
        minutes.add(local.minute)
        longest = timedelta(days=7 if pace is Pace.WEEKLY else 1)
        assert timedelta(0) < due - moment <= longest
        assert pace is Pace.DAILY or local.weekday() == 0
        assert next_due(pace, account_id, due - timedelta(seconds=1)) == due
        assert next_due(pace, account_id, due) > due
    assert len(minutes) == 1
    assert len({next_due(pace, new_id(), _MOMENTS[0]) for _ in range(100)}) > 20


def test_every_kind_stands_under_one_heading() -> None:
    """None is left out of what somebody chooses among, nor asked about twice; those of one heading are together."""
    assert sorted(kind for kinds in KINDS.values() for kind in kinds) == sorted(Kind) == sorted(DEFAULTS)
    assert list(KINDS) == list(Section)
    assert list(kinds_for(staff=True)) == [kind for kinds in KINDS.values() for kind in kinds]
    assert list(kinds_for(staff=False)) == [kind for kind in kinds_for(staff=True) if kind not in KINDS[Section.WORK]]
    assert {section_of(kind) for kind in LOCKED} == {Section.DATA}


def test_a_digest_has_one_letter() -> None:
    """Its id fits nothing else."""
    account_id, due = new_id(), _MOMENTS[0]
    ids = {
        letter_id(pace, account, due + timedelta(minutes=minute))
        for pace in (Pace.DAILY, Pace.WEEKLY)
        for account in (account_id, new_id())
        for minute in (0, 1)
    }
    assert len(ids) == 8
    assert letter_id(Pace.DAILY, account_id, due) in ids


def test_links_stop_what_they_name_and_nothing_else() -> None:
    """Changed anywhere, or made with another key, they are none of ours."""
    tokens, others = StopTokens(bytes(32)), StopTokens(bytes(31) + b"1")
    stop = Stop(new_id(), Kind.FORUM_MENTION)
    token = tokens.token(stop)
    assert tokens.read(token) == stop
    assert others.read(token) is None
    for place in range(len(token)):
        changed = token[:place] + ("a" if token[place] != "a" else "b") + token[place + 1 :]
        assert tokens.read(changed) is None, place
    other = token.replace("forum_mention", "daily")
    for nothing in ("", "x", token[:-1], token + "a", other, token + "\n", "\u0661" + token[1:]):
        assert tokens.read(nothing) is None
    for what in (Pace.OFF, Pace.IMMEDIATE, *LOCKED):
        assert tokens.read(tokens.token(Stop(stop.account_id, what))) is None


def test_who_looked_is_always_told() -> None:
    """Whatever was chosen."""
    desk = Desk("a", choices={kind: Choice(False, Pace.OFF, False) for kind in Kind})
    assert desk.choice(Kind.BREAK_GLASS_OPENED) == Choice(True, Pace.IMMEDIATE, False)
    assert desk.choice(Kind.FORUM_REPLY) == Choice(False, Pace.OFF, False)
    assert set(DEFAULTS) == set(Kind)


def test_several_become_one() -> None:
    """Answers in a topic are counted together, with the first one named; the same told again is nothing new."""
    at = datetime(2026, 11, 22, tzinfo=UTC)
    first, second, third = (Notice(f"n{seq}", "a", Kind.FORUM_REPLY, "post", f"t.{seq}", at) for seq in (2, 3, 4))
    assert first.group == second.group
    both = joined(first, second)
    assert both is not None
    assert (both.id, both.object_id, both.count, both.group) == ("n3", "t.2", 2, first.group)
    assert joined(both, second) is None
    assert joined(both, first) is None
    three = joined(both, third)
    assert three is not None
    assert three.count == 3
    mentions = [Notice(f"n{seq}", "a", Kind.FORUM_MENTION, "post", f"t.{seq}", at) for seq in (2, 3)]
    assert mentions[0].group != mentions[1].group
    likes = [Notice(f"n{seq}", "a", Kind.FORUM_REACTION, "post", "t.2", at) for seq in (2, 3)]
    liked = joined(*likes)
    assert liked is not None
    assert liked.count == 2


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc:APA91b",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAA",
        "https://web.push.apple.com/QGu",
        "https://wns2-sg2p.notify.windows.com/w/?token=BQ",
        "https://fcm.googleapis.com:443/fcm/send/abc",
        "http://127.0.0.1:8099/device",
    ],
)
def test_push_services_are_known(endpoint: str) -> None:
    """Those of browsers, and what the operator vouches for."""
    assert PushServices(frozenset({"http://127.0.0.1:8099"})).is_one(endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/fcm/send/abc",
        "https://fcm.googleapis.com:8443/fcm/send/abc",
        "https://fcm.googleapis.com.penipu.example/fcm",
        "https://penipu.example/fcm.googleapis.com",
        "https://xfcm.googleapis.com/a",
        "https://fcm.googleapis.com@127.0.0.1/a",
        "https://a:b@fcm.googleapis.com/a",
        "https://127.0.0.1/a",
        "https://[::1]/a",
        "https://localhost/a",
        "https://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:8098/device",
        "http://127.0.0.1:8099.penipu.example/device",
        "https://fcm.googleapis.com\\@penipu.example/a",
        "https://fcm.googleapis.com/a b",
        "https://fcm.googleapis.com/" + "a" * 1_024,
        "https://\u0192cm.googleapis.com/a",
        "https://fcm.googleapis.com:x/a",
        "ftp://fcm.googleapis.com/a",
        "file:///etc/hostname",
        "//fcm.googleapis.com/a",
        "",
        "https://.push.apple.com/a",
        "https://a..push.apple.com/a",
        "https://127.0.0.1%2f.push.apple.com/a",
        "https://127.0.0.1%23.push.apple.com/a",
        "https://elsewhere.example;.push.apple.com/a",
        "https://-.notify.windows.com/a",
    ],
)
def test_nothing_else_is_asked(endpoint: str) -> None:
    """An address comes from a browser: it may point at this machine, its neighbours, or anybody."""
    assert not PushServices(frozenset({"http://127.0.0.1:8099"})).is_one(endpoint)


def test_the_key_is_the_same_after_a_restart() -> None:
    """It is made of a derived secret; another secret gives another one. It prints nothing."""
    first, again, other = VapidKey(bytes(32)), VapidKey(bytes(32)), VapidKey(b"\xff" * 32)
    assert first.public == again.public != other.public
    assert len(first.public.rstrip("=")) == 87
    assert repr(first) == "<VapidKey>"
