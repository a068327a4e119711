"""The outside verifier as an auditor has it: one file, run or loaded by its path, with nothing of ours around it."""

import functools
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

from tests.harness.process import Finished

SCRIPT = Path(__file__).resolve().parents[2] / "deploy" / "verify_audit.py"


@functools.cache
def auditor() -> ModuleType:
    """The verifier as a module."""
    spec = importlib.util.spec_from_file_location("verify_audit", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def audit_outside(folder: Path, *arguments: str | Path) -> Finished:
    """Run the verifier alone: in another folder, with nothing but the standard library and installed packages."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AMANAH_", "PYTHON"))}
    finished = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), *map(str, arguments)],
        cwd=folder,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
    )
    return Finished(finished.returncode, finished.stdout, finished.stderr)
