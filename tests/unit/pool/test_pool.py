"""The pool with real workers: answers, batches, deadlines, and workers that are killed or stuck."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvloop

from nlp.errors import RedactorUnavailable
from nlp.labels import Label
from nlp.pool import MAX_TEXT, RedactorPool
from nlp.redactor import Redactor
from tests.harness.process import PATIENCE_S, eventually

POISON = "a" * 40 + "b"
MAIL = "surel saya contoh@example.com ya"


async def sent(pool: RedactorPool) -> None:
    """Until the first batch is on its way; that happens within two turns of the loop."""
    for _ in range(3):
        await asyncio.sleep(0)
    assert pool.stats.batches > 0


def children() -> list[int]:
    """Process ids of this process's children."""
    return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]


async def next_worker(pool: RedactorPool, before: int) -> int:
    """Process id of the worker that takes the place of the only one."""
    await eventually(lambda: pool.worker_pids not in ([], [before]), "another worker has come")
    return pool.worker_pids[0]


def shown_by_the_kernel(pid: int, name: str) -> str:
    return Path("/proc", str(pid), name).read_text()


@asynccontextmanager
async def running(pool: RedactorPool) -> AsyncIterator[RedactorPool]:
    try:
        await pool.start()
        yield pool
    finally:
        await pool.close()


@pytest.fixture
async def pool(patterns_model: Path) -> AsyncIterator[RedactorPool]:
    async with running(RedactorPool(workers=1, model_path=patterns_model, max_batch=8, deadline_s=PATIENCE_S)) as pool:
        yield pool


async def test_answers_are_those_of_the_redactor(pool: RedactorPool, patterns_model: Path) -> None:
    texts = [MAIL, "", "tidak ada apa-apa", "hubungi 0812-3456-7890 atau 0813 9876 5432", "🙂 a@b.example.com"]
    expected = Redactor.load(patterns_model).find(texts)
    assert await asyncio.gather(*(pool.find(text) for text in texts)) == expected
    assert [span.label for span in expected[0]] == [Label.EMAIL]
    assert pool.ready


async def test_what_comes_together_travels_together(pool: RedactorPool) -> None:
    before = pool.stats
    await asyncio.gather(*(pool.find(MAIL) for _ in range(8)))
    assert pool.stats.batches - before.batches == 1
    assert pool.stats.texts - before.texts == 8
    await asyncio.gather(*(pool.find(MAIL) for _ in range(80)))
    assert pool.stats.batches - before.batches == 11, "never more than 8 in a batch"
    await pool.find(MAIL)
    assert pool.stats.batches - before.batches == 12, "one alone does not wait for others"


async def test_text_that_cannot_travel_is_refused(pool: RedactorPool) -> None:
    for text, names in ((" " * (MAX_TEXT + 1), []), ("\ud800", []), (MAIL, ["x" * 2_000_000])):
        with pytest.raises(RedactorUnavailable):
            await pool.find(text, known_names=names)
    assert len(await pool.find(MAIL)) == 1
    assert pool.stats.restarts == 0


async def test_longest_text_is_answered(pool: RedactorPool) -> None:
    text = ("nama saya ada di sini " * 500)[: MAX_TEXT - len(MAIL)] + MAIL
    spans = await pool.find(text)
    assert [text[span.start : span.end] for span in spans] == ["contoh@example.com"]


async def test_overload_is_refused_at_once(patterns_model: Path) -> None:
    async with running(
        RedactorPool(workers=1, model_path=patterns_model, max_batch=2, max_waiting=10, deadline_s=PATIENCE_S)
    ) as pool:
        results = await asyncio.gather(*(pool.find(MAIL) for _ in range(50)), return_exceptions=True)
        assert sum(isinstance(result, list) for result in results) == 10
        assert sum(isinstance(result, RedactorUnavailable) for result in results) == 40
        assert pool.stats.failures == 40


async def test_texts_of_a_killed_worker_are_answered_by_the_next(pool: RedactorPool) -> None:
    (pid,) = pool.worker_pids
    # Stopped first, so that the batch is surely on its way when the worker dies.
    os.kill(pid, signal.SIGSTOP)
    waiting = [asyncio.ensure_future(pool.find(MAIL)) for _ in range(20)]
    await sent(pool)
    os.kill(pid, signal.SIGKILL)
    assert [len(spans) for spans in await asyncio.gather(*waiting)] == [1] * 20
    assert pool.stats.restarts == 1
    assert pool.worker_pids != [pid]
    assert pool.ready


async def test_another_worker_takes_over_at_once(patterns_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The dead one is not replaced while this runs: who answers is the other.
    monkeypatch.setattr("nlp.pool._FIRST_PAUSE_SECONDS", 10 * PATIENCE_S)
    async with running(RedactorPool(workers=2, model_path=patterns_model, deadline_s=PATIENCE_S)) as pool:
        first, _ = pool.worker_pids
        os.kill(first, signal.SIGSTOP)
        waiting = asyncio.ensure_future(pool.find(MAIL))
        await sent(pool)
        os.kill(first, signal.SIGKILL)
        assert len(await waiting) == 1
        assert pool.stats.restarts == 0
        assert pool.ready


async def test_silent_worker_is_killed_and_its_texts_refused_in_time(
    patterns_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The killed one is not replaced before its texts are due: a quick one would answer them.
    monkeypatch.setattr("nlp.pool._FIRST_PAUSE_SECONDS", 10.0)
    # Long enough for a worker that answers, however busy the machine is: it is killed as one that does not.
    async with running(RedactorPool(workers=1, model_path=patterns_model, deadline_s=5.0)) as pool:
        (pid,) = pool.worker_pids
        os.kill(pid, signal.SIGSTOP)
        async with asyncio.timeout(PATIENCE_S):  # without a deadline a stopped process would never answer
            results = await asyncio.gather(*(pool.find(MAIL) for _ in range(5)), return_exceptions=True)
        assert all(isinstance(result, RedactorUnavailable) for result in results)
        assert pool.stats.waiting == 0, "no text is kept that nobody waits for"
        await eventually(lambda: pool.ready, "another worker has come")
        assert pool.worker_pids != [pid]
        assert len(await pool.find(MAIL)) == 1
        assert pool.stats.restarts == 1


def test_same_on_the_loop_that_the_server_runs_on(patterns_model: Path) -> None:
    async def scenario() -> None:
        async with running(RedactorPool(workers=1, model_path=patterns_model, deadline_s=PATIENCE_S)) as pool:
            (pid,) = pool.worker_pids
            os.kill(pid, signal.SIGSTOP)
            waiting = asyncio.ensure_future(pool.find(MAIL))
            await sent(pool)
            os.kill(pid, signal.SIGKILL)
            assert len(await waiting) == 1
            assert pool.stats.restarts == 1

    uvloop.run(scenario())


async def test_text_that_hangs_fails_alone(stalling_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Little of the deadline: on a busy machine, processor time takes much more of the clock's.
    monkeypatch.setattr("nlp.pool._LIMIT_PART", 0.01)
    async with running(RedactorPool(workers=1, model_path=stalling_model, deadline_s=60.0)) as pool:
        texts = [MAIL] * 5 + [POISON] + [MAIL] * 5
        results = await asyncio.gather(*(pool.find(text) for text in texts), return_exceptions=True)
        assert pool.stats.batches == 1, "they came together"
        assert isinstance(results.pop(5), RedactorUnavailable)
        assert [len(spans) for spans in results if isinstance(spans, list)] == [1] * 10
        assert pool.stats.restarts == 0


async def test_text_whose_worker_dies_twice_fails_alone(stalling_model: Path) -> None:
    async with running(RedactorPool(workers=1, model_path=stalling_model, deadline_s=60.0)) as pool:
        poisoned = asyncio.ensure_future(pool.find(POISON))
        others = [asyncio.ensure_future(pool.find(MAIL)) for _ in range(5)]
        await sent(pool)
        (first,) = pool.worker_pids
        os.kill(first, signal.SIGKILL)
        os.kill(await next_worker(pool, first), signal.SIGKILL)
        assert [len(spans) for spans in await asyncio.gather(*others)] == [1] * 5
        with pytest.raises(RedactorUnavailable):
            await poisoned
        assert pool.stats.restarts == 2


async def test_abandoned_request_harms_nobody(pool: RedactorPool) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(pool.find(MAIL), 0)
    abandoned = asyncio.ensure_future(pool.find(MAIL))
    await asyncio.sleep(0)
    abandoned.cancel()
    assert len(await pool.find(MAIL)) == 1


async def test_closed_pool_refuses_and_leaves_no_process(patterns_model: Path) -> None:
    pool = RedactorPool(workers=2, model_path=patterns_model)
    with pytest.raises(RedactorUnavailable):
        await pool.find(MAIL)
    await pool.start()
    pids = pool.worker_pids
    waiting = asyncio.ensure_future(pool.find(MAIL))
    await asyncio.sleep(0)
    await pool.close()
    with pytest.raises(RedactorUnavailable):
        await waiting
    with pytest.raises(RedactorUnavailable):
        await pool.find(MAIL)
    assert not pool.ready
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_pool_closed_while_it_starts_leaves_no_process(patterns_model: Path) -> None:
    before = children()
    pool = RedactorPool(workers=2, model_path=patterns_model)
    starting = asyncio.ensure_future(pool.start())
    # As soon as the processes are there, they are not ready yet.
    await eventually(lambda: len(children()) == len(before) + 2, "the processes are there")
    await pool.close()
    with pytest.raises(RedactorUnavailable):
        await starting
    assert children() == before


async def test_missing_model_fails_the_start(tmp_path: Path) -> None:
    pool = RedactorPool(workers=2, model_path=tmp_path)
    with pytest.raises(RedactorUnavailable, match="model"):
        await pool.start()
    assert pool.worker_pids == []


async def test_worker_sees_no_settings_of_ours(patterns_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMANAH_MASTER_KEY_FILE", "/nowhere/key")
    async with running(RedactorPool(workers=1, model_path=patterns_model)) as pool:
        (pid,) = pool.worker_pids
        environment = shown_by_the_kernel(pid, "environ")
        assert "AMANAH_" not in environment
        assert "OMP_NUM_THREADS=1" in environment
        assert "Max core file size        0 " in shown_by_the_kernel(pid, "limits")
