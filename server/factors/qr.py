"""A QR code (ISO/IEC 18004) as SVG: bytes only, error correction level M, up to version 20. Fetches and logs nothing.

Made here so that a secret needs no outside service and no further library.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Final

_LARGEST: Final = 20
_CORRECTION: Final = (0, 10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26)
"""Version -> codewords of correction in a block, level M (table 9)."""
_BLOCKS: Final = (0, 1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16)
"""Version -> blocks, level M (table 9)."""
_LEVEL_M: Final = 0
_MASKS: Final[tuple[Callable[[int, int], bool], ...]] = (
    lambda x, y: (x + y) % 2 == 0,
    lambda x, y: y % 2 == 0,
    lambda x, y: x % 3 == 0,
    lambda x, y: (x + y) % 3 == 0,
    lambda x, y: (x // 3 + y // 2) % 2 == 0,
    lambda x, y: x * y % 2 + x * y % 3 == 0,
    lambda x, y: (x * y % 2 + x * y % 3) % 2 == 0,
    lambda x, y: ((x + y) % 2 + x * y % 3) % 2 == 0,
)
_QUIET: Final = 4

Grid = list[list[bool]]


def svg_of(text: str) -> str:
    """Draw a text of at most 660 bytes in UTF-8.

    Raises:
        ValueError: it is too long.
    """
    grid = grid_of(text.encode())
    side = len(grid) + 2 * _QUIET
    path = "".join(
        f"M{x + _QUIET},{y + _QUIET}h1v1h-1z" for y, row in enumerate(grid) for x, dark in enumerate(row) if dark
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0,0h{side}v{side}h-{side}z"/><path fill="#000" d="{path}"/></svg>'
    )


def grid_of(data: bytes) -> Grid:
    """Give the modules, row by row; True is dark."""
    version = next((v for v in range(1, _LARGEST + 1) if len(data) <= _capacity(v)), None)
    if version is None:
        raise ValueError("too long for a QR code of ours")
    drawn = [_drawn(version, _codewords(version, data), mask) for mask in range(len(_MASKS))]
    return min(drawn, key=_penalty)


def _capacity(version: int) -> int:
    """Bytes that fit: four bits of mode and a length take two or three codewords."""
    return _data_words(version) - (2 if version < 10 else 3)


def _data_words(version: int) -> int:
    return _free_modules(version) // 8 - _CORRECTION[version] * _BLOCKS[version]


def _free_modules(version: int) -> int:
    """Modules that are left for codewords beside the patterns and the format."""
    free = (16 * version + 128) * version + 64
    if version >= 2:
        count = version // 7 + 2
        free -= (25 * count - 10) * count - 55
        if version >= 7:
            free -= 36
    return free


# --- codewords -------------------------------------------------------------------------------------------------------


def _codewords(version: int, data: bytes) -> bytes:
    """Data and correction, interleaved block by block."""
    blocks: list[bytes] = []
    words, count = _padded(version, data), _BLOCKS[version]
    short, longer, at = len(words) // count, len(words) % count, 0
    for number in range(count):
        length = short + (number >= count - longer)
        blocks.append(words[at : at + length])
        at += length
    divisor = _divisor(_CORRECTION[version])
    return _interleaved(blocks) + _interleaved([_remainder(block, divisor) for block in blocks])


def _padded(version: int, data: bytes) -> bytes:
    bits = f"0100{len(data):0{8 if version < 10 else 16}b}" + "".join(f"{byte:08b}" for byte in data)
    size = _data_words(version) * 8
    bits += "0" * min(4, size - len(bits))
    bits += "0" * (-len(bits) % 8)
    words = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))
    fill = b"\xec\x11" * (size // 8)
    return words + fill[: size // 8 - len(words)]


def _interleaved(blocks: Sequence[bytes]) -> bytes:
    longest = max(len(block) for block in blocks)
    return bytes(block[at] for at in range(longest) for block in blocks if at < len(block))


def _product(a: int, b: int) -> int:
    """In GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1."""
    product = 0
    for bit in range(7, -1, -1):
        product = product << 1 ^ (product >> 7) * 0x11D
        product ^= (b >> bit & 1) * a
    return product


def _divisor(degree: int) -> bytes:
    """The Reed-Solomon generator polynomial, highest power first and left out."""
    powers = [0] * (degree - 1) + [1]
    root = 1
    for _ in range(degree):
        for at in range(degree):
            powers[at] = _product(powers[at], root) ^ (powers[at + 1] if at + 1 < degree else 0)
        root = _product(root, 2)
    return bytes(powers)


def _remainder(block: bytes, divisor: bytes) -> bytes:
    rest = [0] * len(divisor)
    for byte in block:
        factor = byte ^ rest.pop(0)
        rest.append(0)
        rest = [have ^ _product(power, factor) for have, power in zip(rest, divisor, strict=True)]
    return bytes(rest)


# --- drawing ---------------------------------------------------------------------------------------------------------


def _drawn(version: int, words: bytes, mask: int) -> Grid:
    side = 17 + 4 * version
    taken: dict[tuple[int, int], bool] = {}
    _draw_patterns(taken, side, version)
    _draw_format(taken, side, mask)
    _draw_version(taken, side, version)
    grid = [[taken.get((x, y), False) for x in range(side)] for y in range(side)]
    bits = (byte >> bit & 1 for byte in words for bit in range(7, -1, -1))
    for x, y in _way(side):
        if (x, y) not in taken:
            grid[y][x] = bool(next(bits, 0)) ^ _MASKS[mask](x, y)
    return grid


def _way(side: int) -> Iterator[tuple[int, int]]:
    """The order in which modules are filled: two columns at a time, up and down, from the right."""
    upward = True
    for right in (*range(side - 1, 6, -2), *range(5, 0, -2)):
        for y in range(side - 1, -1, -1) if upward else range(side):
            yield right, y
            yield right - 1, y
        upward = not upward


def _draw_patterns(taken: dict[tuple[int, int], bool], side: int, version: int) -> None:
    for at in range(side):
        taken[6, at] = taken[at, 6] = at % 2 == 0
    for centre_x, centre_y in ((3, 3), (side - 4, 3), (3, side - 4)):
        for x in range(max(0, centre_x - 4), min(side, centre_x + 5)):
            for y in range(max(0, centre_y - 4), min(side, centre_y + 5)):
                taken[x, y] = max(abs(x - centre_x), abs(y - centre_y)) not in {2, 4}
    places = _alignments(version, side)
    for centre_x in places:
        for centre_y in places:
            if (centre_x, centre_y) not in {(6, 6), (6, side - 7), (side - 7, 6)}:
                for x in range(centre_x - 2, centre_x + 3):
                    for y in range(centre_y - 2, centre_y + 3):
                        taken[x, y] = max(abs(x - centre_x), abs(y - centre_y)) != 1


def _alignments(version: int, side: int) -> list[int]:
    if version == 1:
        return []
    count = version // 7 + 2
    step = (version * 4 + count * 2 + 1) // (count * 2 - 2) * 2
    return [6, *sorted(side - 7 - step * at for at in range(count - 1))]


def _draw_format(taken: dict[tuple[int, int], bool], side: int, mask: int) -> None:
    data = _LEVEL_M << 3 | mask
    rest = data
    for _ in range(10):
        rest = rest << 1 ^ (rest >> 9) * 0x537
    bits = (data << 10 | rest) ^ 0x5412
    first = [*((8, y) for y in range(6)), (8, 7), (8, 8), (7, 8), *((x, 8) for x in range(5, -1, -1))]
    second = [*((side - 1 - at, 8) for at in range(8)), *((8, side - 7 + at) for at in range(7))]
    for places in (first, second):
        for at, place in enumerate(places):
            taken[place] = bool(bits >> at & 1)
    taken[8, side - 8] = True


def _draw_version(taken: dict[tuple[int, int], bool], side: int, version: int) -> None:
    if version < 7:
        return
    rest = version
    for _ in range(12):
        rest = rest << 1 ^ (rest >> 11) * 0x1F25
    bits = version << 12 | rest
    for at in range(18):
        x, y = side - 11 + at % 3, at // 3
        taken[x, y] = taken[y, x] = bool(bits >> at & 1)


def _penalty(grid: Grid) -> int:
    """How hard a grid is to read: long runs and large squares of one colour (7.8.3, the first two rules)."""
    penalty = 0
    for lines in (grid, list(zip(*grid, strict=True))):
        for line in lines:
            text = "".join("1" if dark else "0" for dark in line)
            runs = text.replace("01", "0 1").replace("10", "1 0").split()
            penalty += sum(len(run) - 2 for run in runs if len(run) >= 5)
    for upper, lower in pairwise(grid):
        for x in range(len(grid) - 1):
            penalty += 3 * (upper[x] == upper[x + 1] == lower[x] == lower[x + 1])
    return penalty
