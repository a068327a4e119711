"""Noise for one table, by OpenDP, in a process of its own: counts on standard input, noisy counts on standard output.

Started by `noise` for each table, because loading OpenDP takes longer than starting the server's own parts does. It
writes nothing but its answer; its environment is empty.
"""

import json
import sys
from collections.abc import Sequence

from opendp.domains import atom_domain, vector_domain
from opendp.measurements import make_laplace
from opendp.metrics import l1_distance
from opendp.mod import Measurement, binary_search_param, enable_features

enable_features("contrib")


def measurement(most: int, epsilon: float) -> Measurement:
    """Give what draws discrete Laplace noise on each of a table's counts.

    The scale is searched for with OpenDP's own account of what a measurement costs, so that its rounding is on the
    safe side.

    Args:
        most: by how much all counts together may differ when one person's data do.
        epsilon: what the table may cost.
    """

    def of(scale: float) -> Measurement:
        space = vector_domain(atom_domain(T="i64")), l1_distance(T="i64")
        return make_laplace(*space, scale=scale)

    return of(binary_search_param(of, d_in=most, d_out=epsilon, T=float))


def noisy(counts: Sequence[int], most: int, epsilon: float) -> tuple[list[int], float]:
    """Give the counts with noise, and what that cost."""
    drawing = measurement(most, epsilon)
    return [int(value) for value in drawing(list(counts))], float(drawing.map(most))  # type: ignore[no-untyped-call]  # OpenDP's own lacks a type


def main() -> None:
    """Read, draw, write."""
    asked = json.load(sys.stdin)
    drawn, cost = noisy([int(count) for count in asked["counts"]], int(asked["most"]), float(asked["epsilon"]))
    json.dump({"counts": drawn, "epsilon": cost}, sys.stdout)


if __name__ == "__main__":
    main()
