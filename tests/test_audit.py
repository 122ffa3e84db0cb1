"""The audit of the locked packages: what is found needs an explanation, and an explanation something that is found."""

from __future__ import annotations

import json
import runpy
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

FLAW = {"id": "PYSEC-1", "fix_versions": ["2.1"]}
UNKNOWN = {"name": "b", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("flaws", "explained", "others", "status", "said"),
    [
        ([], "", [], 0, "1 packages audited, 0 unknown"),
        ([FLAW], "", [], 1, "PYSEC-1: a 2.0, fixed in 2.1: NOT EXPLAINED"),
        ([FLAW], 'PYSEC-1 = "only on Windows"', [], 0, "only on Windows"),
        ([], 'PYSEC-1 = "only on Windows"', [], 1, "PYSEC-1: no longer found"),
        ([], 'PYSEC-1 = "only on Windows"', [UNKNOWN], 0, "1 packages audited, 1 unknown"),
    ],
)
def test_a_finding_is_explained_or_fails(
    flaws: list[Any],
    explained: str,
    others: list[Any],
    status: int,
    said: str,
    project_root: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    audit = runpy.run_path(str(project_root / ".ci" / "audit.py"))
    main = audit["main"]
    main.__globals__["EXPLAINED"] = tmp_path / "vulnerabilities.toml"
    (tmp_path / "vulnerabilities.toml").write_text(explained)
    report = tmp_path / "report.json"
    report.write_text(json.dumps({"dependencies": [{"name": "a", "version": "2.0", "vulns": flaws}, *others]}))
    assert main(report) == status
    assert said in capsys.readouterr().out
