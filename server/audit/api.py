"""The newest checkpoint, for anybody: whoever keeps it can hold the trail to it later. Holds no ids."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

from server.audit.checkpoints import Checkpoints
from server.kernel.access import Access
from server.kernel.errors import NotFound
from server.kernel.wire import Moment, Schema
from server.web.endpoint import Call, Endpoint


class CheckpointReply(Schema):
    """A signed checkpoint. `note` is what is signed; the rest says the same, and `key` is the public key."""

    origin: str
    size: int
    entries: int
    root: str
    at: Moment
    key: str
    note: str


def endpoints(checkpoints: Checkpoints) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    @lru_cache(maxsize=1)
    def reply(note: str) -> CheckpointReply:
        signer = checkpoints.signer
        head = signer.tree_head(note)
        return CheckpointReply(
            origin=signer.origin,
            size=head.size,
            entries=head.entries,
            root=head.root.hex(),
            at=datetime.fromtimestamp(head.at / 1000, UTC),
            key=signer.described,
            note=note,
        )

    async def newest(_: Call) -> CheckpointReply:
        # From memory: anybody may ask, as often as they like.
        if checkpoints.newest is None:
            raise NotFound
        return reply(checkpoints.newest.note)

    return (
        Endpoint(
            "GET",
            "/api/v1/audit/checkpoint",
            "The newest signed checkpoint of the audit trail",
            newest,
            CheckpointReply,
            access=Access.PUBLIC,
        ),
    )
