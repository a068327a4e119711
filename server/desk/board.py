"""All open cases in memory, in the sets from which every view is made: counting a view costs nothing. Pure.

However many conversations are stored, only those that still need somebody are here. Closed ones are counted as what is
left. Must not know who may see what beyond what the sets say.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from server.desk.model import BuiltIn, Row, buckets
from server.kernel.actor import Actor, Role


class Board:
    """Open cases."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}
        self._sets: dict[str, set[str]] = defaultdict(set)
        self.closed = 0
        """How many conversations are closed."""
        self.version = 0
        """Counts changes, so that who counts can see whether there is anything new."""

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(list(self._rows.values()))

    def get(self, case_id: str) -> Row | None:
        """Give a row, or None where it is not here."""
        return self._rows.get(case_id)

    def put(self, row: Row) -> None:
        """Take a row in, or what has become of it; a closed one is let go."""
        case_id = row.conversation.id
        before = self._rows.get(case_id)
        old = buckets(before) if before is not None else ()
        new = buckets(row)
        if old != new:
            for name in old:
                self._sets[name].discard(case_id)
                if not self._sets[name]:
                    del self._sets[name]
            for name in new:
                self._sets[name].add(case_id)
            self.version += 1
        if row.is_open:
            self._rows[case_id] = row
        elif before is not None:
            del self._rows[case_id]
            self.version += 1

    def counts(self, actor: Actor) -> dict[str, int]:
        """Give how many each built-in view shows to somebody."""
        me = actor.account_id
        size = self._size
        mine, part = size(f"mine:{me}"), size(f"part:{me}")
        snoozed = len(self._snoozed(actor))
        return {
            BuiltIn.ALL.value: size("open"),
            BuiltIn.MINE.value: mine,
            BuiltIn.MINE_WAITING.value: size(f"waiting:{me}"),
            BuiltIn.QUEUE.value: size("queue"),
            BuiltIn.PARTICIPATING.value: part,
            BuiltIn.COLLEAGUES.value: size("assigned") - mine - part,
            BuiltIn.SNOOZED.value: snoozed,
            BuiltIn.CLOSED.value: self.closed,
        }

    def rows(self, view: BuiltIn, actor: Actor) -> list[Row]:
        """Give what a built-in view of open cases shows to somebody; in no order."""
        me = actor.account_id
        if view is BuiltIn.SNOOZED:
            return self._named(self._snoozed(actor))
        if view is BuiltIn.COLLEAGUES:
            own = self._set(f"mine:{me}") | self._set(f"part:{me}")
            return self._named(self._set("assigned") - own)
        name = {
            BuiltIn.ALL: "open",
            BuiltIn.MINE: f"mine:{me}",
            BuiltIn.MINE_WAITING: f"waiting:{me}",
            BuiltIn.QUEUE: "queue",
            BuiltIn.PARTICIPATING: f"part:{me}",
            BuiltIn.CLOSED: "",
        }[view]
        return self._named(self._set(name))

    def queue(self) -> list[Row]:
        """Give what nobody has."""
        return self._named(self._set("queue"))

    def load(self, account_id: str) -> int:
        """Give how many open ones somebody has, without those that are snoozed."""
        return self._size(f"mine:{account_id}")

    def waiting(self, account_id: str) -> int:
        """Give in how many of those somebody waits."""
        return self._size(f"waiting:{account_id}")

    def snoozed(self) -> list[Row]:
        """Give all that are snoozed."""
        return [row for row in self._rows.values() if row.is_snoozed]

    def _snoozed(self, actor: Actor) -> set[str]:
        if actor.role is Role.ADMIN:
            return {case_id for name, ids in self._sets.items() if name.startswith("snoozed:") for case_id in ids}
        return self._set(f"snoozed:{actor.account_id}") | self._set("snoozed:")

    def _named(self, ids: Iterable[str]) -> list[Row]:
        return [self._rows[case_id] for case_id in ids]

    def _set(self, name: str) -> set[str]:
        return self._sets.get(name, set())

    def _size(self, name: str) -> int:
        return len(self._sets.get(name, ()))
