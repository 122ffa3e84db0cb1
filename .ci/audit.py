"""Known vulnerabilities of the locked packages, from the report of pip-audit; each needs a fix or an explanation.

    python .ci/audit.py REPORT

`.ci/vulnerabilities.toml` explains the ones that do not concern this project. The exit status is 1 where another one is
found, or where an explained one no longer is.
"""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

EXPLAINED = Path(__file__).with_name("vulnerabilities.toml")


def main(report: Path) -> int:
    """Print what was found and what is not explained."""
    packages = json.loads(report.read_text(encoding="utf-8"))["dependencies"]
    explained = tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))
    audited = [one for one in packages if "skip_reason" not in one]
    found = {flaw["id"]: (one, flaw) for one in audited for flaw in one["vulns"]}
    print(f"{len(audited)} packages audited, {len(packages) - len(audited)} unknown to the advisory service")
    for name, (one, flaw) in found.items():
        fixed = ", ".join(flaw["fix_versions"]) or "no version"
        print(f"{name}: {one['name']} {one['version']}, fixed in {fixed}: {explained.get(name, 'NOT EXPLAINED')}")
    # packages that the service does not know may still have what is explained
    gone = set(explained) - set(found) if len(audited) == len(packages) else set()
    for name in gone:
        print(f"{name}: no longer found; remove it from {EXPLAINED.name}")
    return int(bool(set(found) - set(explained) or gone))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
