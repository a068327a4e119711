"""The embedded store belongs to the server alone, whoever else works on the machine."""

from pathlib import Path

import pytest

from server.storage.embedded import EmbeddedStore
from server.storage.engine import engine_url
from server.storage.errors import StoreRefused
from server.storage.mongo import open_client, ping


async def test_a_user_made_while_nobody_was_asked_for_a_password_is_removed(tmp_path: Path) -> None:
    """Like one made by another user of the machine during the first start."""
    store = EmbeddedStore(tmp_path / "data", cache_mb=64)
    url = await store.start()
    client = open_client(url, embedded=True)
    role = {"role": "root", "db": "admin"}
    for database, name in (("admin", "stranger"), ("elsewhere", "stranger2")):
        await client[database].command({"createUser": name, "pwd": "a-password", "roles": [role]})
    client.close()
    await store.stop()

    store = EmbeddedStore(tmp_path / "data", cache_mb=64)
    port = int((await store.start()).partition("@127.0.0.1:")[2].partition("/")[0])
    try:
        for database, name in (("admin", "stranger"), ("elsewhere", "stranger2")):
            url = engine_url(port, "a-password").replace("//amanah:", f"//{name}:").replace("=admin&", f"={database}&")
            stranger = open_client(url, embedded=True)
            with pytest.raises(StoreRefused):
                await ping(stranger)
            stranger.close()
    finally:
        await store.stop()
