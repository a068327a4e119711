"""The yardstick: python-socketio on aiohttp and uvloop, one handler that sends to the room and acks. Nothing else."""

import asyncio
import sys

import socketio
import uvloop
from aiohttp import web


async def serve(port: int) -> None:
    """Serve until killed."""
    server = socketio.AsyncServer(async_mode="aiohttp", logger=False, engineio_logger=False, async_handlers=False)

    async def join(sid: str, data: dict[str, str]) -> dict[str, bool]:
        await server.enter_room(sid, data["conversation_id"])
        return {"ok": True}

    async def send(sid: str, data: dict[str, str]) -> dict[str, object]:
        message = {"message": data}
        await server.emit("chat:message", message, room=data["conversation_id"])
        return {"ok": True, "data": message}

    server.on("chat:join", join)
    server.on("chat:send", send)
    app = web.Application()
    server.attach(app)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    sys.stdout.write(f"listening on http://127.0.0.1:{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(0))
