"""Pins every dependency with hashes into `requirements/`. No index address is written, so any mirror serves."""

import subprocess
import sys
from pathlib import Path

_TOP = Path(__file__).parents[1]
_RUN = ("pyproject.toml", "--extra", "embedded", "--extra", "build")
_SETS = {
    "run.txt": _RUN,
    "dev.txt": (*_RUN, "--extra", "dev", "--constraint", "requirements/run.txt"),
    "node.txt": ("requirements/node.in",),
    "peers.txt": ("requirements/peers.in",),
}


def main() -> None:
    """Compile each set in turn; the development set keeps to the versions of the first."""
    for name, sources in _SETS.items():
        command = [
            *(sys.executable, "-m", "piptools", "compile", *sources, "--output-file", f"requirements/{name}"),
            *("--generate-hashes", "--strip-extras", "--allow-unsafe", "--no-header", "--annotation-style", "line"),
            *("--no-emit-index-url", "--no-emit-find-links", "--no-emit-trusted-host", "--quiet"),
        ]
        subprocess.run(command, cwd=_TOP, check=True)


if __name__ == "__main__":
    main()
