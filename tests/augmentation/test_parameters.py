"""The table of effects decides the parameters; a row is all that an effect needs beside its function."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from xrdsym.augmentation.effects import EFFECTS, Effect
from xrdsym.augmentation.parameters import DEFAULT_RANGES, EffectsParams


def test_every_row_is_a_parameter_that_is_off() -> None:
    names = [field.name for field in dataclasses.fields(EffectsParams)]
    assert names == [*EFFECTS, "in_evaluation"]
    assert EffectsParams().on == ()
    assert DEFAULT_RANGES.on == tuple(EFFECTS)
    for name, effect in EFFECTS.items():
        assert getattr(EffectsParams(), name) == effect.off
        assert getattr(DEFAULT_RANGES, name) == effect.default_range
        assert effect.source
        assert ("{}" in effect.caption) == (not isinstance(effect.default_range, bool))


def test_rows_stand_in_the_order_in_which_they_are_applied() -> None:
    order = ["structure", "sample", "peaks", "widths", "background", "noise"]
    places = [order.index(effect.where) for effect in EFFECTS.values()]
    assert places == sorted(places)


@pytest.mark.parametrize("effect", [one for one in EFFECTS.values() if not isinstance(one.default_range, bool)])
def test_values_beyond_the_bounds_are_refused(effect: Effect) -> None:
    usual, above = effect.default_range, effect.bounds[1] * 1.01
    wrong = above
    if isinstance(usual, tuple):
        wrong = tuple((above, above) for _ in usual) if isinstance(usual[0], tuple) else (above, above)
    with pytest.raises(ValidationError, match=effect.name):
        EffectsParams(**{effect.name: wrong})


@pytest.mark.parametrize(
    ("values", "ideal", "below_peaks", "move_peaks", "need_symmetry"),
    [
        ({}, True, False, False, False),
        ({"strain": 0.1}, True, False, False, True),
        ({"debye_waller": (0.0, 1.0)}, False, False, False, False),
        ({"kalpha2": True}, False, False, True, False),
        ({"zero_shift": (0.0, 0.1)}, False, False, True, False),
        ({"displacement": (0.0, 0.1)}, False, False, True, False),
        ({"microstrain": (0.0, 0.1)}, False, False, False, False),
        ({"background": (0.0, 0.1)}, False, True, False, False),
        ({"noise": (0.1, 0.1)}, False, True, False, False),
    ],
)
def test_what_effects_mean_for_the_pattern(
    values: dict[str, object], ideal: bool, below_peaks: bool, move_peaks: bool, need_symmetry: bool
) -> None:
    effects = EffectsParams(**values)
    found = (effects.ideal, effects.below_peaks, effects.move_peaks, effects.need_symmetry)
    assert found == (ideal, below_peaks, move_peaks, need_symmetry)


ANOTHER_EFFECT = '''
import sys
from pathlib import Path
from types import MappingProxyType
import numpy as np
from xrdsym.augmentation import effects as table


def flattened(profile, interval, draw):
    """A profile whose peaks are lower than they would be, as a detector that saturates shows them."""
    return profile._replace(values=np.minimum(profile.values, draw.value(interval)))


row = table.Effect(
    name="saturation", where="noise", apply=flattened, default_range=(0.5, 0.9), source="a test", bounds=(0.0, 1.0),
    description="Highest intensity that the detector shows, of the strongest peak", caption="saturation at {}",
)
table.EFFECTS = MappingProxyType({**table.EFFECTS, row.name: row})

from pymatgen.core import Lattice, Structure
from xrdsym.augmentation.compose import apply
from xrdsym.augmentation.parameters import EffectsParams
from xrdsym.augmentation.setting import Setting
from xrdsym.cli.effects_figure import effect_examples
from xrdsym.config.params_file import load_params, params_from
from xrdsym.config.schema import params_schema
from xrdsym.crystal.labels import with_rotations
from xrdsym.crystal.structure_table import from_pymatgen
from xrdsym.diffraction.profile_grid import ProfileGrid
from xrdsym.encoding.recipe import read_recipe, recipe_of, write_recipe

root, folder = Path(sys.argv[1]), Path(sys.argv[2])
for kind in ("ideal", "measured"):
    assert read_recipe(root / "models" / "released" / kind).effects.saturation is None
assert load_params(root / "params.yaml").effects == EffectsParams()
params = params_from({"effects": {"saturation": [0.3, 0.4]}})
assert params.effects.on == ("saturation",) and params.input_source == "peaks"
write_recipe(folder, recipe_of(params, {}, {}, ("cubic",)))
assert read_recipe(folder).effects == params.effects
assert "saturation" in str(params_schema())

structure = from_pymatgen(Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"],
                                                    [[0, 0, 0], [0.5, 0.5, 0.5]]), "salt")
rotations = with_rotations([structure], 0.01, 5.0)[0][1]
setting = Setting("CuKa", 90.0, ProfileGrid(5.0, 90.0, 0.05), 3.0)
values = apply(structure, rotations, params.effects, setting, np.random.default_rng(0))
assert 0.3 <= values.max() <= 0.4
_, examples = effect_examples(structure, rotations, 0)
assert [one.title for one in examples if one.title.startswith("saturation at 0.")]
print("works")
'''


def test_another_effect_is_a_function_and_a_row(project_root: Path, tmp_path: Path) -> None:
    words = [sys.executable, "-c", ANOTHER_EFFECT, str(project_root), str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == ("works", 0), done.stderr
