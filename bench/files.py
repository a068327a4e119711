"""What it costs to send files, and whether anybody else waits meanwhile.

    python -m bench.files [--rounds 8]

Starts an `amanah serve` of its own and uploads files of every kind, one after the other. Beside that, somebody asks for
`/healthz` every ten milliseconds: the longest of those answers says for how long the event loop did nothing else.
"""

import argparse
import asyncio
import io
import itertools
import os
import statistics
import tempfile
import time
from contextlib import suppress

import aiohttp
from PIL import Image

from bench.processes import Running, start
from tests.harness.documents import docx, pdf, zipped

_PAUSE_S = 0.01
_LINE = "Printer kasir di cabang kedua tidak mau mencetak struk sejak tadi malam.\n"


def _photograph() -> bytes:
    """Twelve million pixels, as a telephone takes them."""
    out = io.BytesIO()
    small = Image.frombytes("RGB", (400, 300), os.urandom(400 * 300 * 3))
    small.resize((4000, 3000), Image.Resampling.BICUBIC).save(out, "JPEG", quality=85)
    return out.getvalue()


def _kinds() -> dict[str, bytes]:
    return {
        "photograph, 12 megapixels": _photograph(),
        "text, 20 KiB": (_LINE * 280).encode()[: 20 * 1024],
        "text, 256 KiB": (_LINE * 3_600).encode()[: 256 * 1024],
        "PDF, one page": pdf(_LINE.strip()),
        "docx, 1,000 paragraphs": docx("</w:t></w:r></w:p><w:p><w:r><w:t>".join([_LINE.strip()] * 1_000)),
        "refused: an archive of 5 MiB": zipped({"a.bin": os.urandom(5 * 1024 * 1024)}),
    }


async def _upload(session: aiohttp.ClientSession, url: str, data: bytes) -> int:
    form = aiohttp.FormData()
    form.add_field("file", data, filename="berkas", content_type="application/octet-stream")
    async with session.post(url, data=form) as answer:
        await answer.read()
        return answer.status


async def _watch(session: aiohttp.ClientSession, url: str, waits: list[float]) -> None:
    while True:
        began = time.perf_counter()
        async with session.get(f"{url}/healthz") as answer:
            await answer.read()
        waits.append(time.perf_counter() - began)
        await asyncio.sleep(_PAUSE_S)


async def _visitor(url: str) -> tuple[dict[str, str], str]:
    """Somebody new, with a conversation: twenty files may wait for their messages, so nobody uploads more."""
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{url}/api/v1/visitors", json={}) as answer:
            headers = {"Authorization": f"Bearer {(await answer.json())['data']['token']}"}
        async with session.post(f"{url}/api/v1/conversations", json={}, headers=headers) as answer:
            return headers, str((await answer.json())["data"]["conversation"]["id"])


async def _measure(server: Running, rounds: int) -> None:
    print(f"{'kind':<32}{'KiB':>8}{'ms':>8}{'server CPU ms':>15}{'longest wait ms':>17}{'median wait ms':>16}")
    for kind, data in _kinds().items():
        headers, talk = await _visitor(server.url)
        url = f"{server.url}/api/v1/conversations/{talk}/attachments"
        took: list[float] = []
        waits: list[float] = []
        async with aiohttp.ClientSession(headers=headers) as sender, aiohttp.ClientSession() as other:
            await _upload(sender, url, data)
            before = server.cpu_seconds().get("server", 0.0)
            watching = asyncio.create_task(_watch(other, server.url, waits))
            for _ in itertools.repeat(None, rounds):
                began = time.perf_counter()
                status = await _upload(sender, url, data)
                took.append(time.perf_counter() - began)
                if (status == 400) is not kind.startswith("refused"):
                    raise SystemExit(f"{kind}: answered with {status}")
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
        spent = (server.cpu_seconds().get("server", 0.0) - before) / rounds * 1000
        figures = f"{statistics.median(took) * 1000:>8.0f}{spent:>15.0f}"
        waiting = f"{max(waits) * 1000:>17.0f}{statistics.median(waits) * 1000:>16.1f}"
        print(f"{kind:<32}{len(data) / 1024:>8.0f}{figures}{waiting}", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=8)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = start("server", "serve", "--port", "0", "--data-dir", folder, environment={"AMANAH_LIMITS": "off"})
        try:
            asyncio.run(_measure(server, min(arguments.rounds, 18)))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
