"""`amanah audit ...` beside a running server, and the checkpoint that anybody may fetch, as an auditor uses both."""

from pathlib import Path

import pytest

from tests.harness.auditor import audit_outside
from tests.harness.people import World
from tests.harness.process import Finished, ServerProcess


async def _audit(server: ServerProcess, *words: str) -> Finished:
    finished = await server.command("audit", *words)
    assert finished.status == 0, finished.errors
    return finished


async def test_an_auditor_checks_a_running_server(world: World, running: ServerProcess, tmp_path: Path) -> None:
    """Key, checkpoints, export, proofs and contents; all of it fits, and a forged export does not."""
    person = await world.person("customer")
    talk = await person.conversation()
    for number in range(5):
        assert (await person.send(talk, f"pesan {number} nomor 0812-9071-3648")).status == 201
    key = (await _audit(running, "key")).output.strip()
    first, last = tmp_path / "first.txt", tmp_path / "last.txt"
    await _audit(running, "checkpoint", str(first))
    assert (await person.send(talk, "satu lagi")).status == 201
    await _audit(running, "checkpoint", str(last))
    again = await running.command("audit", "checkpoint", str(last))
    assert (again.status, "File exists" in again.errors) == (1, True)
    export = tmp_path / "export.jsonl"
    await _audit(running, "export", str(export))
    checked = audit_outside(tmp_path, "--key", key, "--checkpoints", first, last, "--export", export)
    assert (checked.status, checked.errors) == (0, "")
    assert checked.output.endswith("all of it fits\n")
    assert b"pesan" not in export.read_bytes()
    size = first.read_text().splitlines()[1]
    proofs = {"entry.json": ("prove", "1"), "growth.json": ("prove", "--from", size)}
    for name, words in proofs.items():
        (tmp_path / name).write_text((await _audit(running, *words)).output)
    paths = [tmp_path / name for name in proofs]
    checked = audit_outside(tmp_path, "--key", key, "--checkpoints", first, "--proof", *paths)
    assert (checked.status, checked.errors) == (0, "")
    forged = tmp_path / "forged.jsonl"
    forged.write_bytes(export.read_bytes().replace(person.id.encode(), b"x" * len(person.id), 1))
    checked = audit_outside(tmp_path, "--key", key, "--checkpoints", last, "--export", forged)
    assert checked.status == 1
    assert "was changed or moved" in checked.errors


async def test_contents_are_checked(world: World, running: ServerProcess) -> None:
    """A text changed in the store, behind the server's back."""
    person = await world.person("customer")
    talk = await person.conversation()
    sent = await person.send(talk, "teks yang benar")
    checked = await _audit(running, "verify", "--content")
    assert "texts fit" in checked.output
    message_id = sent.data["message"]["id"]
    messages = world.database["messages"]
    kept = await messages.find_one({"_id": message_id})
    assert kept is not None
    await messages.update_one({"_id": message_id}, {"$set": {"text": "teks yang lain"}})
    found = await running.command("audit", "verify", "--content")
    await messages.replace_one({"_id": message_id}, kept)
    assert found.status == 1
    assert found.errors == f"message {message_id}: changed since it was audited\n"


async def test_texts_of_the_forum_are_checked(world: World, running: ServerProcess) -> None:
    """Written, changed, moved, hidden and withdrawn ones fit; the HTML that readers are shown is checked too."""
    moderator, author = await world.person("moderator", "Penjaga"), await world.person("agent", "Uji")
    body = {"slug": f"jejak-{author.id[-8:]}", "name": "Jejak", "description": "Tempat."}
    category = (await moderator.post("/forum/categories", body)).data["category"]["id"]
    topics = []
    for title in ("Printer kasir macet", "Kertas struk habis"):
        begun = await author.post(
            "/forum/topics", {"category_id": category, "title": title, "text": f"{title}, tolong."}
        )
        topics.append(begun.data["topic"]["id"])
    ids = []
    for text in ("Coba dinyalakan ulang.", "Sudah, tetap macet.", "Ganti kabelnya.", "Terima kasih."):
        ids.append((await author.post(f"/forum/topics/{topics[0]}/posts", {"text": text})).data["post"]["id"])
    assert (await author.call("PATCH", f"/forum/posts/{ids[0]}", {"text": "Coba **matikan** dulu."})).status == 200
    assert (await author.call("DELETE", f"/forum/posts/{ids[3]}")).status == 200
    split = await moderator.post(f"/forum/topics/{topics[0]}/split", {"seqs": [3], "title": "Kabel printer"})
    assert split.status in {200, 201}
    merged = await moderator.post(f"/forum/topics/{topics[1]}/merge", {"into_id": topics[0]})
    assert merged.status == 200
    assert "texts fit" in (await _audit(running, "verify", "--content")).output
    posts = world.database["forum_posts"]
    for change in ({"text": "Coba hal lain."}, {"html": "<p>Coba hal lain.</p>"}):
        kept = await posts.find_one({"_id": ids[0]})
        assert kept is not None
        await posts.update_one({"_id": ids[0]}, {"$set": change})
        found = await running.command("audit", "verify", "--content")
        await posts.replace_one({"_id": ids[0]}, kept)
        assert (found.status, found.errors) == (1, f"post {ids[0]}: changed since it was audited\n")


async def test_holds_and_cuts_on_the_command_line(world: World, running: ServerProcess) -> None:
    """A hold is set, shown and released; nothing is old enough to be cut."""
    await world.person("customer")
    assert "nothing is old enough" in (await _audit(running, "cut", "--dry-run")).output
    number = (await _audit(running, "hold", "set", "court_order")).output.split()[2]
    assert "court_order  set" in (await _audit(running, "hold", "list")).output
    assert f"legal hold {number} stands" in (await _audit(running, "cut")).output
    await _audit(running, "hold", "release", number)
    again = await running.command("audit", "hold", "release", number)
    assert (again.status, again.errors) == (1, "amanah: not_found\n")
    wrong = await running.command("audit", "hold", "set", "Budi Santoso")
    assert (wrong.status, "reason not_allowed" in wrong.errors) == (1, True)
    assert (await _audit(running, "verify")).output.startswith("ok: ")


@pytest.mark.parametrize("words", [("prove", "999999"), ("prove", "--from", "999999")])
async def test_what_can_not_be_proved_is_one_line(world: World, running: ServerProcess, words: tuple[str, ...]) -> None:
    await world.person("customer")
    await _audit(running, "checkpoint")
    finished = await running.command("audit", *words)
    assert (finished.status, finished.errors) == (1, "amanah: not_found\n")
