"""Schemathesis against the OpenAPI document: whatever is sent, no 5xx and no answer that it does not name."""

import asyncio
import sys
from pathlib import Path

import pytest

from tests.harness.people import World
from tests.harness.process import PATIENCE_S

_CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,ignored_auth"
_ENDS_ITSELF = ("DELETE /api/v1/sessions/current", "DELETE /api/v1/me")
"""What takes away the very token that the run is made with; each has its own tests."""


@pytest.mark.parametrize("role", ["customer", "admin"])
async def test_every_answer_is_a_documented_one(world: World, role: str, tmp_path: Path) -> None:
    """Valid and broken requests of every kind, for every operation, as each kind of caller."""
    person = await world.person(role)
    excluded = [part for name in _ENDS_ITSELF for part in ("--exclude-name", name)]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "schemathesis.cli",
        "run",
        f"{world.http.url}/api/openapi.json",
        *("--header", f"Authorization: Bearer {person.token}"),
        *("--checks", _CHECKS, "--phases", "fuzzing", "--mode", "all", "--max-examples", "5", "--seed", "1"),
        # How long an answer takes says something of the machine.
        *("--request-timeout", str(2 * PATIENCE_S)),
        *("--no-shrink", "--continue-on-failure", "--suppress-health-check", "all", "--warnings", "off"),
        *excluded,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=tmp_path,
    )
    output, _ = await process.communicate()
    report = output.decode(errors="replace")
    assert process.returncode == 0, report
    assert " passed" in report, report
