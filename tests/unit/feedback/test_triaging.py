"""Between the pool and feedback: what is asked, what comes back, and what is written for training."""

from collections.abc import Collection
from pathlib import Path

import pytest

from nlp.triage_proposal import Guess, TriageProposal, TriageUnavailable
from server.composition.triaging import SHIPPED, PooledTriage, model_folder, whole
from server.config import SettingsError
from server.feedback.ports import TriageAway
from server.feedback.proposals import TASKS
from server.kernel.text import RedactedText


class Answering:
    """Stands where the pool is, for what it is asked."""

    def __init__(self, proposal: TriageProposal | None) -> None:
        self.proposal = proposal
        self.asked: list[tuple[str, Collection[str] | None]] = []

    async def propose(self, text: str, areas: Collection[str] | None = None) -> TriageProposal:
        self.asked.append((text, areas))
        if self.proposal is None:
            raise TriageUnavailable("no answer")
        return self.proposal


async def areas() -> Collection[str]:
    return {"app", "stock"}


async def test_a_proposal_is_passed_on_task_by_task() -> None:
    guesses = [Guess(f"value {number}", number / 10, (f"kata{number}",)) for number in range(4)]
    pool = Answering(TriageProposal(*guesses, Guess(None, 0.2)))
    found = await PooledTriage(pool, areas).propose("id", RedactedText("Stok"), RedactedText("Barang hilang"))
    assert pool.asked == [("Stok\nBarang hilang", {"app", "stock"})]
    assert found is not None
    assert tuple(found.guesses) == TASKS
    assert [guess.words for guess in found.guesses.values()] == [("kata0",), ("kata1",), ("kata2",), ("kata3",), ()]
    assert found.guesses["urgency"].value is None
    assert found.duplicates == ()


async def test_without_an_answer_it_is_to_be_asked_again(caplog: pytest.LogCaptureFixture) -> None:
    title = RedactedText("Stok")
    with pytest.raises(TriageAway):
        await PooledTriage(Answering(None), areas).propose("id", title, RedactedText("Barang hilang"))
    assert "Barang" not in caplog.text


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("Stok hilang", "Di gudang dua", "Stok hilang\nDi gudang dua"),
        ("Stok hilang di…", "Stok hilang di gudang dua", "Stok hilang di gudang dua"),
        ("Stok hilang", "Stok hilang", "Stok hilang"),
        ("", "Stok hilang", "Stok hilang"),
    ],
)
def test_a_title_that_repeats_the_text_is_left_out(title: str, text: str, expected: str) -> None:
    assert whole(RedactedText(title), RedactedText(text)) == expected


def test_a_setting_names_the_model(tmp_path: Path) -> None:
    assert model_folder("") == SHIPPED
    assert (SHIPPED / "meta.json").is_file()
    assert model_folder("off") is None
    with pytest.raises(SettingsError):
        model_folder(str(tmp_path))
    (tmp_path / "meta.json").write_text("{}", "utf-8")
    assert model_folder(str(tmp_path)) == tmp_path
