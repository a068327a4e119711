"""The yardstick of pages: aiohttp on uvloop, one handler that answers with the same bytes each time. Nothing else."""

import asyncio
import sys

import uvloop
from aiohttp import web


async def serve(size: int) -> None:
    """Serve a page of so many bytes until killed."""
    body = b"x" * size

    async def page(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type="text/html", charset="utf-8")

    app = web.Application()
    app.router.add_get("/{rest:.*}", page)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(f"listening on http://127.0.0.1:{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
