"""Reading: what a cursor can cost, and who stays in a room when the trail fails."""

from base64 import urlsafe_b64encode

from tests.harness.people import World


async def test_a_cursor_from_beyond_the_end_costs_nothing(world: World) -> None:
    """Reading windows downwards from there would keep the store busy for years, also after the caller has gone."""
    agent = await world.person("agent", "Rani Dukungan")
    customer = await world.person("customer", "Toko Contoh")
    conversation = await customer.conversation()
    cursor = urlsafe_b64encode(b"n:999999999999999999").decode().rstrip("=")
    answer = await agent.get("/conversations", cursor=cursor, limit=5)
    assert answer.status == 200
    assert answer.data["items"][0]["id"] == conversation
