"""Profiles over HTTP: made handles, changing them, words about oneself through the gate, the account's own name."""

import asyncio

from server.people.avatar import avatar_svg
from server.people.handles import MANNERS, THINGS
from tests.harness.people import Person, World


async def _profile(person: Person) -> dict[str, object]:
    return dict((await person.get("/me/profile")).data["profile"])


async def _handle(person: Person) -> str:
    return str((await person.get("/me/profile")).data["profile"]["person"]["handle"])


async def test_everybody_gets_a_handle_that_says_nothing(world: World) -> None:
    """Two words and a number; the same ever after, and open to who is not signed in."""
    person = await world.person("customer", "Warung Bu Tejo")
    first = await asyncio.gather(*(_profile(person) for _ in range(8)))
    assert len({str(item["person"]) for item in first}) == 1
    shown = first[0]["person"]
    assert isinstance(shown, dict)
    thing, manner, number = shown["handle"].split("-")
    assert thing in THINGS
    assert manner in MANNERS
    assert len(number) == 4
    assert first[0]["display_name"] == "Warung Bu Tejo"
    public = await world.http.get(f"/api/v1/people/{shown['handle'].upper()}")
    assert public.data["person"] == shown
    assert b"Tejo" not in public.body
    assert person.id.encode() not in public.body
    assert (shown["level"], shown["badge"], shown["bio"], shown["suspended"]) == (0, None, None, False)
    assert len(str(shown["joined"])) == len("2026-11")


async def test_staff_are_known_by_their_role(world: World) -> None:
    """A badge, and the highest level."""
    moderator = await world.person("moderator", "Uji")
    shown = (await moderator.get("/me/profile")).data["profile"]["person"]
    assert (shown["badge"], shown["level"]) == ("moderator", 4)


async def test_a_handle_is_changed_once_and_the_old_one_is_nobody_elses(world: World) -> None:
    """Of ten who want the same one at once, one gets it; looking alike is not enough to be another."""
    people = [await world.person("customer", "Uji") for _ in range(10)]
    before = [await _handle(person) for person in people]
    wish = f"ombak-tenang{people[0].id[-5:]}"
    asked = [f"Ombak-Tenang{people[0].id[-5:]}" if place % 2 else wish.replace("-", "") for place in range(10)]
    answers = await asyncio.gather(
        *(person.call("PATCH", "/me/profile", {"handle": typed}) for person, typed in zip(people, asked, strict=True))
    )
    won = [place for place, answer in enumerate(answers) if answer.status == 200]
    assert len(won) == 1
    lost = [answer for answer in answers if answer.status != 200]
    assert {(answer.code, answer.reasons["handle"]) for answer in lost} == {("conflict", "taken")}
    winner = people[won[0]]
    handle = await _handle(winner)
    assert handle == asked[won[0]].lower()
    assert (await world.http.get(f"/api/v1/people/{handle}")).status == 200
    assert (await world.http.get(f"/api/v1/people/{before[won[0]]}")).code == "not_found"
    other = people[(won[0] + 1) % 10]
    taken = await other.call("PATCH", "/me/profile", {"handle": before[won[0]]})
    assert taken.reasons == {"handle": "taken"}
    again = await winner.call("PATCH", "/me/profile", {"handle": "ombak-riang"})
    assert again.code == "rate_limited"
    assert int(again.headers["Retry-After"]) > 20 * 24 * 3600
    assert (await winner.get("/me/profile")).data["profile"]["handle_change_at"] is not None


async def test_a_handle_is_no_name_no_number_and_no_office(world: World) -> None:
    """Each is refused with its own reason, and nothing has changed."""
    person = await world.person("customer", "Uji")
    before = await _profile(person)
    for typed, reason in (
        ("ratna-wulandari", "identifier_in_handle"),
        ("a081255501234", "identifier_in_handle"),
        ("admin-toko", "reserved_handle"),
        ("Amanah", "reserved_handle"),
        ("kopi susu", "invalid_handle"),
        ("ko", "too_short"),
    ):
        answer = await person.call("PATCH", "/me/profile", {"handle": typed, "bio": "halo"})
        assert answer.reasons == {"handle": reason}, typed
        assert answer.error["fields"]["handle"]["message"]
    assert await _profile(person) == before


async def test_words_about_oneself_go_through_the_gate(world: World) -> None:
    """What identifies is hidden, in the text and in its HTML; an empty text takes them away."""
    person = await world.person("customer", "Uji")
    typed = "Jual **kue**, hubungi 0812-5550-1234 <script>alert(1)</script>"
    changed = await person.call("PATCH", "/me/profile", {"bio": typed})
    bio = changed.data["profile"]["person"]["bio"]
    assert "⟦PHONE:1⟧" in bio["text"]
    assert "<strong>kue</strong>" in bio["html"]
    assert "<script" not in bio["html"]
    assert bio["redactions"] == [{"placeholder": "⟦PHONE:1⟧", "label": "PHONE"}]
    assert b"5550-1234" not in changed.body
    assert (await world.http.get(f"/api/v1/people/{await _handle(person)}")).data["person"]["bio"] == bio
    stored = await world.database["people"].find_one({"_id": person.id})
    assert "5550-1234" not in str(stored)
    assert (await person.call("PATCH", "/me/profile", {"bio": "x" * 1_001})).code == "invalid_input"
    gone = await person.call("PATCH", "/me/profile", {"bio": ""})
    assert gone.data["profile"]["person"]["bio"] is None


async def test_words_about_oneself_are_no_place_for_a_scam(world: World) -> None:
    """What a post would wait for is not taken, whoever is new here may say something, and the text before stays."""
    person, admin = await world.person("customer", "Uji"), await world.person("admin", "Admin")
    assert (await person.call("PATCH", "/me/profile", {"bio": "Menjual kue basah"})).status == 200
    assert (await admin.call("PUT", "/review/words", {"word": "gacorzz", "action": "censor"})).status == 200
    for typed in ("Kirimkan kode OTP anda ke saya untuk verifikasi akun", "main gacorzz tiap malam"):
        refused = await person.call("PATCH", "/me/profile", {"bio": typed})
        assert (refused.status, refused.error["fields"]["bio"]["reason"]) == (400, "not_for_publication")
    assert (await admin.call("PUT", "/review/words", {"word": "gacorzz", "action": "none"})).status == 200
    assert (await _profile(person))["person"]["bio"]["text"] == "Menjual kue basah"


async def test_the_name_of_an_account_is_changed(world: World) -> None:
    """As support sees it, at once and in later requests; never an identifier; the forum shows none of it."""
    person = await world.person("customer", "Nama Lama")
    wrong = await person.call("PATCH", "/me/profile", {"display_name": "0812-5550-1234"})
    assert wrong.reasons == {"display_name": "identifier_in_name"}
    changed = await person.call("PATCH", "/me/profile", {"display_name": "  Warung   Baru "})
    assert changed.data["profile"]["display_name"] == "Warung Baru"
    assert (await person.get("/me")).data["account"]["display_name"] == "Warung Baru"
    assert (await person.get("/me/profile")).data["profile"]["display_name"] == "Warung Baru"
    document = await world.database["accounts"].find_one({"_id": person.id})
    assert "Warung" not in str(document)
    assert "Warung" not in str(await world.database["people"].find_one({"_id": person.id}))


async def test_pictures_are_drawn_here(world: World) -> None:
    """An SVG that may be kept, of the handle alone: an account's id does not draw it. For nobody there is none."""
    person = await world.person("customer", "Uji")
    shown = (await person.get("/me/profile")).data["profile"]["person"]
    path = shown["avatar_path"]
    picture = await world.http.get(path)
    assert picture.body == avatar_svg(shown["handle"]).encode() != avatar_svg(person.id).encode()
    assert (await world.http.get(path.replace(shown["handle"], shown["handle"].upper()))).body == picture.body
    assert picture.headers["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert "max-age" in picture.headers["Cache-Control"]
    assert picture.body.startswith(b"<svg ")
    again = await world.http.call("GET", path, headers={"If-None-Match": picture.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    assert (await world.http.get("/forum/u/tidak-ada-1000/avatar.svg")).status == 404
