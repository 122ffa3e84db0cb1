"""What docs/models.md says of the models."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

from params_of import preset_params
from xrdsym.config.model_specs import MODEL_SPECS
from xrdsym.encoding.features import feature_names
from xrdsym.models.networks.build import build

if TYPE_CHECKING:
    from pathlib import Path

ROW = re.compile(r"^\| `(\w+)` \|.*\| (images|profile|features) \|.*\| ?([\d,]*) ?\|$", flags=re.MULTILINE)


def test_every_model_is_documented_with_what_it_reads_and_its_parameters(project_root: Path) -> None:
    text = (project_root / "docs" / "models.md").read_text(encoding="utf-8")
    rows = {name: (takes, count.replace(",", "")) for name, takes, count in ROW.findall(text)}
    assert set(rows) == set(MODEL_SPECS)
    params = dataclasses.replace(preset_params().train, weights="none", alpha=1.0)
    for name, known in MODEL_SPECS.items():
        assert rows[name][0] == known.input
        if known.network:
            network = build(known.size, 7, dataclasses.replace(params, model=name))
            assert int(rows[name][1]) == network.count_params(), name
    assert f"take {len(feature_names())} features" in text
