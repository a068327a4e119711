"""Going on with a text in which something is hidden: a placeholder stands for what it stood for, and none is forged."""

import secrets
from typing import Any

from tests.harness.browsing import Tab
from tests.harness.forum import category, reply, small_forum, topic
from tests.harness.people import Person, World

_PHONE, _OTHER = "0812-9071-3648", "0813-4455-6677"


async def _draft(person: Person, place: object, text: str, title: str | None = None) -> dict[str, Any]:
    answer = await person.call("PUT", "/me/drafts", {"place": place, "text": text, "title": title})
    assert answer.status == 200, answer.envelope
    return dict(answer.data["draft"])


async def test_a_draft_becomes_the_text_that_it_shows(world: World) -> None:
    """Title and text of a topic; the same value typed there later has the same number."""
    author = await world.person("agent", "Toko Contoh")
    place = await category(world)
    kept = await _draft(author, "new", f"Ke {_PHONE} atau {_OTHER} saja.", f"Hubungi {_PHONE} siang")
    assert kept["text"] == "Ke ⟦PHONE:1⟧ atau ⟦PHONE:2⟧ saja."
    body = {"category_id": place["id"], "title": kept["title"], "text": kept["text"]}
    begun = await author.post("/forum/topics", {**body, "client_post_id": secrets.token_hex(16)})
    assert begun.status == 201, begun.envelope
    assert begun.data["topic"]["title"] == "Hubungi ⟦PHONE:1⟧ siang"
    assert begun.data["post"]["text"] == kept["text"]
    assert [item["placeholder"] for item in begun.data["post"]["redactions"]] == ["⟦PHONE:1⟧", "⟦PHONE:2⟧"]
    again = await reply(author, begun.data["topic"]["id"], f"Sekali lagi: {_OTHER}.")
    assert again["text"] == "Sekali lagi: ⟦PHONE:2⟧."
    # The draft is still there: a second topic of it is one of its own.
    second = await author.post("/forum/topics", {**body, "client_post_id": secrets.token_hex(16)})
    assert second.status == 201, second.envelope
    assert second.data["topic"]["id"] != begun.data["topic"]["id"]
    assert second.data["post"]["text"] == kept["text"]


async def test_a_draft_is_gone_on_with_on_another_device(world: World) -> None:
    """What stands hidden in it stays what it is, whatever is typed before it."""
    forum = await small_forum(world)
    author = forum.author
    first = await _draft(author, forum.topic["id"], f"Nomor {_PHONE}.")
    second = await _draft(author, forum.topic["id"], f"Juga {_OTHER}. {first['text']}")
    assert second["text"] == "Juga ⟦PHONE:2⟧. Nomor ⟦PHONE:1⟧."
    await reply(author, forum.topic["id"], f"Mula-mula {_PHONE}.")
    sent = await reply(author, forum.topic["id"], second["text"])
    assert sent["text"] == "Juga ⟦PHONE:2⟧. Nomor ⟦PHONE:1⟧."


async def test_a_draft_does_not_tell_what_is_hidden_in_a_topic(world: World) -> None:
    """Its numbers are its own: otherwise whoever tries numbers would see which one is met again."""
    forum = await small_forum(world)
    for value in (_PHONE, _OTHER):
        await reply(forum.author, forum.topic["id"], f"Hubungi {value} ya.")
    guess = await world.person("customer", "Toko Lain")
    assert (await _draft(guess, forum.topic["id"], f"Apakah {_OTHER}?"))["text"] == "Apakah ⟦PHONE:1⟧?"


async def test_nobody_points_at_what_is_not_theirs(world: World) -> None:
    """Placeholders from imagination, of the topic, of another's draft or of another place stay escaped."""
    forum = await small_forum(world)
    owner, stranger = forum.author, forum.helper
    await reply(owner, forum.topic["id"], f"Hubungi {_PHONE} ya.")
    await _draft(owner, forum.topic["id"], f"Nomor {_OTHER} itu.")
    await _draft(stranger, "new", f"Nomor {_OTHER} itu juga.")
    for person, text in ((stranger, "Lihat ⟦PHONE:1⟧ di atas."), (owner, "Lihat ⟦PHONE:2⟧ dan ⟦EMAIL:1⟧ itu.")):
        sent = await reply(person, forum.topic["id"], text)
        assert "⟦" not in sent["text"]
        assert "⟪" in sent["text"]
        assert sent["redactions"] == []
    await owner.world.http.call("DELETE", f"/api/v1/me/drafts?place={forum.topic['id']}", token=owner.token)
    gone = await reply(owner, forum.topic["id"], "Sekali lagi ⟦PHONE:1⟧ begitu.")
    assert gone["text"] == "Sekali lagi ⟪PHONE:1⟫ begitu."


async def test_what_stands_around_a_placeholder_is_hidden_too(world: World) -> None:
    """A restored one is no screen behind which the gate does not look."""
    forum = await small_forum(world)
    kept = await _draft(forum.author, forum.topic["id"], f"Nomor {_PHONE}.")
    sent = await reply(forum.author, forum.topic["id"], f"{kept['text']} Bukan {_OTHER}, tulis ke budi@contoh.example.")
    assert sent["text"] == "Nomor ⟦PHONE:1⟧. Bukan ⟦PHONE:2⟧, tulis ke ⟦EMAIL:1⟧."


async def test_a_changed_post_keeps_what_is_hidden_in_it(world: World) -> None:
    """Over HTTP, in the form without JavaScript, by its author and by a moderator; and so does a changed title."""
    author, moderator = await world.person("agent", "Toko Contoh"), await world.person("moderator", "Penjaga")
    place = await category(world)
    made = await topic(author, place["id"], f"Telepon {_PHONE} mati", f"Nomor {_PHONE} dan {_OTHER} mati sejak tadi.")
    of_post = f"/forum/posts/{made['id']}.1"
    changed = await author.call("PATCH", of_post, {"text": "Kini ⟦PHONE:2⟧ hidup, ⟦PHONE:1⟧ masih mati, ⟦PHONE:3⟧?"})
    assert changed.status == 200, changed.envelope
    assert changed.data["post"]["text"] == "Kini ⟦PHONE:2⟧ hidup, ⟦PHONE:1⟧ masih mati, ⟪PHONE:3⟫?"
    base = f"/forum/t/{made['number']}"
    tab = Tab(world.session, world.server.url, moderator.token)
    form = await tab.open(f"{base}/p/1/ubah")
    assert "Kini ⟦PHONE:2⟧ hidup" in form
    page = await tab.fill(f"{base}/p/1/ubah", {"text": "Sejak tadi ⟦PHONE:1⟧ mati."})
    assert 'data-label="PHONE">nomor telepon 1</span>' in page
    tab = Tab(world.session, world.server.url, author.token)
    assert 'value="Telepon ⟦PHONE:1⟧ mati"' in await tab.open(f"{base}/ubah")
    await tab.fill(f"{base}/ubah", {"title": "Telepon ⟦PHONE:1⟧ masih mati, ⟦PHONE:2⟧ tidak", "tags": ""})
    read = await author.get(f"/forum/topics/{made['id']}")
    assert read.data["topic"]["title"] == "Telepon ⟦PHONE:1⟧ masih mati, ⟪PHONE:2⟫ tidak"


async def test_nothing_typed_is_kept_with_a_draft(world: World) -> None:
    """What it remembers are labels and keyed digests."""
    author = await world.person("customer", "Toko Contoh")
    await _draft(author, "new", f"Ke {_PHONE} saja.", f"Hubungi {_OTHER} siang")
    kept = await world.database["forum_drafts"].find_one({"account_id": author.id})
    assert kept is not None
    assert sorted(kept["numbers"].values()) == [1, 2]
    for value in (_PHONE, _OTHER):
        digits = value.replace("-", "")
        assert value not in str(kept)
        assert digits not in str(kept)
        assert digits[1:] not in str(kept)
