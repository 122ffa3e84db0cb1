"""docs/architecture.md names modules that exist, and every room."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NAMED = re.compile(r"`((?:[a-z0-9_]+/)+(?:[a-z0-9_]+\.(?:py|json))?)`")


def test_every_room_and_module_that_the_architecture_names_is_there(project_root: Path) -> None:
    text = (project_root / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(NAMED.findall(text))
    assert len(named) > 50
    places = (project_root, project_root / "src" / "xrdsym")
    missing = [name for name in sorted(named) if not any((place / name).exists() for place in places)]
    # what the pipeline writes is not in a checkout
    assert [name for name in missing if not name.startswith(("data/", "models/<", "reports/"))] == []


def test_every_room_has_its_line_in_the_architecture(project_root: Path) -> None:
    text = (project_root / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = {path.parent.name for path in (project_root / "src" / "xrdsym").glob("*/__init__.py")}
    assert rooms == set(re.findall(r"^\| `(\w+)/` \|", text, flags=re.MULTILINE))
