"""Triage by the pool's workers: answers, what it must not hold up, and workers that are killed or have no model."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from nlp.frames import FrameBuffer, encode_answer, encode_question, encode_request
from nlp.pool import RedactorPool
from nlp.triage import MODEL, Triage
from nlp.triage_proposal import NOTHING, Guess, TriageProposal, TriageUnavailable, as_rows, from_rows
from tests.harness.process import PATIENCE_S

TEXT = "struk tidak keluar lagi dari printer, tolong dibantu"
MAIL = "surel saya contoh@example.com ya"


@asynccontextmanager
async def running(pool: RedactorPool) -> AsyncIterator[RedactorPool]:
    try:
        await pool.start()
        yield pool
    finally:
        await pool.close()


def test_questions_and_proposals_travel() -> None:
    proposal = TriageProposal(
        Guess("complaint", 0.91, ("struk", "tidak")), Guess(None, 0.2), Guess("struk", 0.5), *[Guess("low", 1.0)] * 2
    )
    assert from_rows(as_rows(proposal)) == proposal
    buffer = FrameBuffer()
    question = encode_question(TEXT, {"stok", "kasir"})
    assert list(buffer.feed(encode_request(4, [question]))) == [[4, [[TEXT, None, ["kasir", "stok"]]]]]
    ((batch, rows),) = buffer.feed(encode_answer(7, [proposal, None, []]))
    assert batch == 7
    assert from_rows(rows[0]) == proposal
    assert rows[1:] == [None, []]
    with pytest.raises(ValueError, match="not valid Unicode"):
        encode_question("\ud800", None)


async def test_proposals_are_those_of_the_model(patterns_model: Path) -> None:
    pool = RedactorPool(workers=1, model_path=patterns_model, triage_path=MODEL, deadline_s=PATIENCE_S)
    async with running(pool):
        model = Triage.load()
        assert await pool.propose(TEXT) == model.propose(TEXT)
        assert await pool.propose(TEXT, {"stok"}) == model.propose(TEXT, {"stok"})
        assert await pool.propose("") == NOTHING
        with pytest.raises(TriageUnavailable):
            await pool.propose("\ud800")
        assert pool.stats.texts == 0, "they count as nothing that was redacted"
        assert pool.stats.failures == 0


async def test_questions_let_texts_to_redact_go_first(patterns_model: Path) -> None:
    pool = RedactorPool(workers=1, model_path=patterns_model, triage_path=MODEL, deadline_s=PATIENCE_S)
    async with running(pool):
        done: list[str] = []

        async def ask(number: int) -> None:
            await pool.propose(f"{TEXT} {number}")
            done.append("question")

        async def find() -> None:
            await pool.find(MAIL)
            done.append("text")

        # The questions were first; one of them may be at work when the texts come, never more.
        await asyncio.gather(*(ask(number) for number in range(6)), *(find() for _ in range(6)))
        assert done.count("text") == 6
        assert done[:6].count("question") <= 1


async def test_a_killed_worker_loses_its_question_and_nothing_else(patterns_model: Path) -> None:
    pool = RedactorPool(workers=1, model_path=patterns_model, triage_path=MODEL, deadline_s=60.0)
    async with running(pool):
        (pid,) = pool.worker_pids
        os.kill(pid, signal.SIGSTOP)
        lost, waits = (asyncio.ensure_future(pool.propose(TEXT)) for _ in range(2))
        # Until the first is on its way, which happens within two turns of the loop.
        for _ in range(3):
            await asyncio.sleep(0)
        text = asyncio.ensure_future(pool.find(MAIL))
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(TriageUnavailable):
            await lost
        assert (await waits).kind.value == "complaint"
        assert len(await text) == 1


async def test_without_a_model_there_is_no_answer(patterns_model: Path, tmp_path: Path) -> None:
    for path in (None, tmp_path):
        async with running(
            RedactorPool(workers=1, model_path=patterns_model, triage_path=path, deadline_s=PATIENCE_S)
        ) as pool:
            with pytest.raises(TriageUnavailable):
                await pool.propose(TEXT)
            assert len(await pool.find(MAIL)) == 1, "redaction is as it was"


async def test_a_closed_pool_refuses_questions(patterns_model: Path) -> None:
    pool = RedactorPool(workers=1, model_path=patterns_model, triage_path=MODEL)
    with pytest.raises(TriageUnavailable):
        await pool.propose(TEXT)
    await pool.start()
    waiting = [asyncio.ensure_future(pool.propose(TEXT)) for _ in range(3)]
    for _ in range(3):
        await asyncio.sleep(0)
    await pool.close()
    for question in waiting:
        with pytest.raises(TriageUnavailable):
            await question
