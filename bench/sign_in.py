"""Does the time of an answer tell who has an account? Known and unknown addresses in turn, against a running server.

    python -m bench.sign_in [--url http://127.0.0.1:8080] [--count 200]

Asks an `amanah serve` of its own, with a mail server of its own where mail matters, unless a URL is given. For each
question: medians, how often a known address took longer than an unknown one (0.5 says nothing; the area under the ROC
curve, which is Mann-Whitney's U divided by the number of pairs), and the probability of such a share by chance.
A measurement, not a test: what a busy machine adds is noise on both sides alike.
"""

import argparse
import asyncio
import math
import secrets
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import aiohttp

from tests.harness.mail import MailSink
from tests.harness.process import ServerProcess

_PASSWORD = "kuda laut biru tua"
_WARM_UP = 5
Ask = Callable[[str], Awaitable[None]]


def share_longer(known: Sequence[float], unknown: Sequence[float]) -> float:
    """Give how often a known one took longer, of all pairs; ties count half."""
    longer = sum((a > b) + 0.5 * (a == b) for a in known for b in unknown)
    return longer / (len(known) * len(unknown))


def probability(share: float, known: int, unknown: int) -> float:
    """Give how probable such a share is by chance alone: two-sided, by the normal approximation of Mann-Whitney's U."""
    spread = math.sqrt((known + unknown + 1) / (12 * known * unknown))
    return math.erfc(abs(share - 0.5) / spread / math.sqrt(2))


async def measured(ask: Ask, known: str, count: int) -> tuple[list[float], list[float]]:
    """Ask for a known and for unknown addresses in turn, in an order that is tossed; give the times in milliseconds."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(count + _WARM_UP):
        for which in secrets.SystemRandom().sample((0, 1), 2):
            email = f"tidak-ada-{secrets.token_hex(8)}@contoh.example" if which else known
            began = time.perf_counter()
            await ask(email)
            if number >= _WARM_UP:
                times[which].append(1000 * (time.perf_counter() - began))
    return times


def report(name: str, known: Sequence[float], unknown: Sequence[float]) -> None:
    """Print one line."""
    share = share_longer(known, unknown)
    print(
        f"{name:<24} known {statistics.median(known):8.2f} ms  unknown {statistics.median(unknown):8.2f} ms  "
        f"known longer {share:.3f}  p {probability(share, len(known), len(unknown)):.2f}"
    )


async def run(url: str, sink: MailSink | None, count: int) -> None:
    """Measure every question that must not tell."""
    async with aiohttp.ClientSession(url, cookie_jar=aiohttp.DummyCookieJar()) as http:

        async def post(path: str, body: dict[str, str]) -> None:
            async with http.post("/api/v1" + path, json=body) as response:
                await response.read()

        known = f"ada-{secrets.token_hex(8)}@contoh.example"
        new = {"password": _PASSWORD, "display_name": "Toko Contoh", "locale": "id"}
        await post("/accounts", {**new, "email": known})
        if sink is not None:
            token = (await sink.letter(known)).token
            await post("/email-verifications/confirm", {"token": token, "password": _PASSWORD})
        questions: dict[str, Ask] = {
            "sign in": lambda email: post("/sessions", {"email": email, "password": "bukan sandinya"}),
        }
        if sink is not None:
            questions |= {
                "register": lambda email: post("/accounts", {**new, "email": email}),
                "ask for a reset": lambda email: post("/password-resets", {"email": email}),
                "ask for verification": lambda email: post("/email-verifications", {"email": email}),
            }
        for name, ask in questions.items():
            report(name, *await measured(ask, known, count))


async def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="a running server, with AMANAH_LIMITS=off; only signing in is measured there")
    parser.add_argument("--count", type=int, default=200)
    options = parser.parse_args()
    if options.url:
        await run(options.url, None, options.count)
        return
    sink = MailSink()
    await sink.start()
    with tempfile.TemporaryDirectory() as folder:
        settings = {
            "AMANAH_LIMITS": "off",
            "AMANAH_SMTP_URL": sink.url,
            "AMANAH_MAIL_FROM": "bantuan@toko.example",
            "AMANAH_PUBLIC_URL": "http://127.0.0.1",
        }
        server = ServerProcess(Path(folder), settings)
        await server.start()
        try:
            await run(server.url, sink, options.count)
        finally:
            await server.stop()
            await sink.stop()


if __name__ == "__main__":
    asyncio.run(main())
