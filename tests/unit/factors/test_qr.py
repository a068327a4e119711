"""QR codes, read back by a reader that is not ours (npm's jsQR)."""

import json
import subprocess
from pathlib import Path

import pytest

from server.factors.qr import grid_of, svg_of
from tests.harness.identity_provider import node

_FOLDER = Path(__file__).parents[2] / "harness" / "provider"
_READER = """
import jsQR from "jsqr";
let text = "";
for await (const part of process.stdin) text += part;
const read = JSON.parse(text).map((grid) => {
  const size = (grid.length + 8) * 3;
  const pixels = new Uint8ClampedArray(size * size * 4).fill(255);
  grid.forEach((row, y) => row.forEach((dark, x) => {
    if (!dark) return;
    for (let dy = 0; dy < 3; dy++) for (let dx = 0; dx < 3; dx++) {
      const at = (((y + 4) * 3 + dy) * size + (x + 4) * 3 + dx) * 4;
      pixels.fill(0, at, at + 3);
    }
  }));
  return jsQR(pixels, size, size)?.data ?? null;
});
console.log(JSON.stringify(read));
"""


def test_every_version_can_be_read() -> None:
    texts = ["otpauth://totp/Amanah:" + "siti@contoh.example?" * 40][:1]
    texts = [texts[0][:length] for length in (1, 14, 15, 60, 122, 213, 311, 450, 666)] + ["Toko Bu Ratna — 24 jam é"]
    grids = [grid_of(text.encode()) for text in texts]
    read = subprocess.run(
        [node(), "--input-type=module", "--eval", _READER],
        cwd=_FOLDER,
        input=json.dumps(grids),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(read.stdout) == texts
    assert sorted({(len(grid) - 17) // 4 for grid in grids}) == [1, 2, 3, 4, 7, 10, 13, 16, 20]


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        svg_of("a" * 667)


def test_the_picture_holds_nothing_but_squares() -> None:
    picture = svg_of("otpauth://totp/a?secret=AAAA")
    assert picture.startswith('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 37 37"')
    assert "AAAA" not in picture
    assert "script" not in picture
