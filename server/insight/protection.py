"""What makes a table of counts fit to be shared: bounded contributions, a smallest group, noise, no way back by sums.

Pure. The noise itself is drawn elsewhere (`insight.noise`), by OpenDP; here is how much of it, and what of the noisy
counts is shown. `docs/insight.md` says in plain words why.

The guarantee. Two sets of data that differ in everything one person ever sent differ in each table by at most
`Rules.most` counts of one, and discrete Laplace noise of scale `most / epsilon` on each count makes a table
epsilon-differentially private (Dwork and others, 2006; Ghosh and others, 2009). Everything done with the noisy counts
alone costs nothing further. One thing looks at the true counts too: nothing below the smallest group is ever shown.
That changes what is shown only where noise lifts a small group over the threshold, which lies so high that it happens
with a chance of at most `DELTA` a cell; so the whole is (epsilon, delta)-private, and the smallest group is certain.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

DELTA: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Rules:
    """How tables are protected.

    Attributes:
        smallest: k: distinct people without whom no count is shown.
        epsilon_milli: what one table costs, in thousandths of epsilon.
        budget_milli: what all tables about the same data may cost together, likewise.
        most: in how many cells of one table a person counts at most.
    """

    smallest: int
    epsilon_milli: int
    budget_milli: int
    most: int = 1

    @property
    def epsilon(self) -> float:
        """What one table costs."""
        return self.epsilon_milli / 1000

    @property
    def scale(self) -> float:
        """Scale of the noise."""
        return self.most / self.epsilon

    @property
    def threshold(self) -> int:
        """What a noisy count must reach to be shown."""
        return self.smallest + margin(self.scale)


@dataclass(frozen=True, slots=True)
class Table:
    """What is shown of one table.

    Attributes:
        cells: class -> noisy count of people, or None where it is not shown; in the order of the classes.
        total: noisy count of all people in it, or None where they are too few.
    """

    cells: Mapping[str, int | None]
    total: int | None


def margin(scale: float, delta: float = DELTA) -> int:
    """Give the least whole number that discrete Laplace noise reaches with a chance of at most `delta`.

    Args:
        scale: of the noise; the chance of a value x is proportional to exp(-|x| / scale).
        delta: the chance.
    """
    ratio = math.exp(-1 / scale)
    # P(noise >= m) = ratio ** m / (1 + ratio)
    return max(1, math.ceil(math.log(delta * (1 + ratio)) / math.log(ratio)))


def people_by_cell(rows: Iterable[tuple[str, str]], cells: Iterable[str], most: int) -> dict[str, int]:
    """Count distinct people by cell, nobody in more than so many cells.

    In which, where somebody is in more, depends on that person's rows alone, for otherwise one person could move
    others; and looks random, so that no class is favoured.

    Args:
        rows: person and cell; any number for a person.
        cells: all that there may be, known without the data.
        most: see `Rules.most`.
    """
    seen: dict[str, set[str]] = {}
    known = list(cells)
    for person, cell in rows:
        if cell in known:
            seen.setdefault(person, set()).add(cell)
    counts = dict.fromkeys(known, 0)
    for person, own in seen.items():
        for cell in sorted(own, key=lambda cell: sha256(f"{person}\0{cell}".encode()).digest())[:most]:
            counts[cell] += 1
    return counts


def protect(counts: Mapping[str, int], noisy: Mapping[str, int], rules: Rules) -> Table:
    """Say what of a table is shown.

    A count that is left out could be worked out from a total and all the others. So where any is left out, there are
    at least two, and together they stand for no fewer than the smallest group; the smallest ones that could be shown
    are left out beside them until it is so.

    Args:
        counts: distinct people by cell.
        noisy: the same with noise.
        rules: how tables are protected.
    """
    shown = {cell for cell, count in counts.items() if count >= rules.smallest and noisy[cell] >= rules.threshold}
    left_out = set(counts) - shown
    while shown and left_out and (len(left_out) < 2 or _together(noisy, left_out) < rules.smallest):
        smallest = min(shown, key=lambda cell: (noisy[cell], cell))
        shown.remove(smallest)
        left_out.add(smallest)
    everybody = sum(noisy.values())
    enough = sum(counts.values()) >= rules.smallest and everybody >= rules.threshold
    return Table({cell: noisy[cell] if cell in shown else None for cell in counts}, everybody if enough else None)


def _together(noisy: Mapping[str, int], cells: Iterable[str]) -> int:
    return sum(max(0, noisy[cell]) for cell in cells)
