from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pymatgen.analysis.diffraction.xrd import ATOMIC_SCATTERING_PARAMS, XRDCalculator
from pymatgen.core.molecule_structure_comparator import CovalentRadius
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer

from xrdsym.augmentation.strain import symmetrised_strain
from xrdsym.common.errors import UsageError
from xrdsym.crystal.structure_table import CrystalStructure, read_structures, to_pymatgen, write_structures
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS, CrystalSystem
from xrdsym.sources.aflow import load_prototypes
from xrdsym.sources.prototypes import SHARES, prototype_structures

if TYPE_CHECKING:
    from pathlib import Path

    from pymatgen.core import Structure

# pymatgen's symmetry analysis calls functions of spglib that warn
pytestmark = pytest.mark.filterwarnings("ignore:Set OLD_ERROR_HANDLING:DeprecationWarning")

COUNT = 700
SEED = 3

DIGEST = """
import hashlib
from xrdsym.sources.prototypes import SHARES, prototype_structures
digest = hashlib.sha256()
for one in prototype_structures({count}, {seed}):
    digest.update(f"{{one.material_id}} {{one.formula}} {{one.parent}}".encode())
    for array in (one.lattice, one.numbers, one.frac_coords):
        digest.update(array.tobytes())
print(digest.hexdigest())
"""


@pytest.fixture(scope="module")
def structures() -> list[CrystalStructure]:
    return prototype_structures(COUNT, SEED)


@pytest.fixture(scope="module")
def read_back(structures: list[CrystalStructure], tmp_path_factory: pytest.TempPathFactory) -> list[Structure]:
    """The structures as they come out of the table, whose coordinates are single precision."""
    path: Path = tmp_path_factory.mktemp("table") / "structures.parquet"
    assert write_structures(path, structures) == COUNT
    return [to_pymatgen(one) for one in read_structures(path)]


@pytest.fixture(scope="module")
def systems(read_back: list[Structure]) -> list[str]:
    return [SpacegroupAnalyzer(one, symprec=0.01, angle_tolerance=5).get_crystal_system() for one in read_back]


def digest_of(structures: list[CrystalStructure]) -> str:
    digest = hashlib.sha256()
    for one in structures:
        digest.update(f"{one.material_id} {one.formula} {one.parent}".encode())
        for array in (one.lattice, one.numbers, one.frac_coords):
            digest.update(array.tobytes())
    return digest.hexdigest()


def closest(structure: Structure) -> float:
    """Shortest distance in sums of covalent radii, by pymatgen's neighbour search."""
    first, second, _, distances = structure.get_neighbor_list(2 * max(CovalentRadius.radius.values()))
    # californium is the one element of the library that pymatgen has no radius of
    radii = np.array([CovalentRadius.radius.get(site.specie.symbol, 1.68) for site in structure])
    return float((distances / (radii[first] + radii[second])).min(initial=np.inf))


def test_every_system_gets_its_share(systems: list[str]) -> None:
    counts = Counter(systems)
    assert counts.total() == COUNT
    for system in CRYSTAL_SYSTEMS:
        assert counts[system] == pytest.approx(COUNT * SHARES[CrystalSystem(system)], abs=2)


def test_the_smallest_set_has_one_of_each() -> None:
    found = [
        SpacegroupAnalyzer(to_pymatgen(one), symprec=0.01).get_crystal_system() for one in prototype_structures(7, 0)
    ]
    assert sorted(found) == list(CRYSTAL_SYSTEMS)


def test_labels_hold_at_a_looser_tolerance(read_back: list[Structure], systems: list[str]) -> None:
    loose = [SpacegroupAnalyzer(one, symprec=0.1, angle_tolerance=5).get_crystal_system() for one in read_back]
    assert loose == systems


def test_the_same_seed_gives_the_same_structures(structures: list[CrystalStructure]) -> None:
    assert digest_of(prototype_structures(COUNT, SEED)) == digest_of(structures)


def test_another_process_gives_the_same_structures() -> None:
    script = DIGEST.format(count=70, seed=SEED)
    printed = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONHASHSEED": "12345"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert printed.strip() == digest_of(prototype_structures(70, SEED))


def test_another_seed_gives_other_variants(structures: list[CrystalStructure]) -> None:
    variants = {one.lattice.tobytes() for one in structures if one.material_id != one.parent}
    others = {one.lattice.tobytes() for one in prototype_structures(70, SEED + 1) if one.material_id != one.parent}
    assert not variants & others


def test_ids_are_unique_file_names(structures: list[CrystalStructure]) -> None:
    names = [one.material_id for one in structures]
    assert len({name.casefold() for name in names}) == COUNT
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in names)


def test_no_atoms_are_too_close(structures: list[CrystalStructure], read_back: list[Structure]) -> None:
    for row, structure in zip(structures, read_back, strict=True):
        limit = 0.65 if row.material_id == row.parent else 0.7
        assert closest(structure) > limit, row.material_id


def test_volumes_are_those_of_crystals(read_back: list[Structure]) -> None:
    for structure in read_back:
        # the densest is H3S of the library, under 150 GPa; the widest is caesium, 118 Å3 at ambient pressure
        assert 3 < structure.volume / len(structure) < 140, structure.formula


def test_prototypes_come_first_and_as_they_are(structures: list[CrystalStructure]) -> None:
    known = {one.structure.material_id: one for one in load_prototypes()}
    seen: set[str | None] = set()
    unchanged = 0
    for one in structures:
        assert one.parent in known
        if one.material_id == one.parent:
            assert one.parent not in seen
            assert known[one.parent].flaw is None
            np.testing.assert_array_equal(one.frac_coords, known[one.parent].structure.frac_coords)
            unchanged += 1
        else:
            assert re.fullmatch(re.escape(one.parent) + r"-v\d+", one.material_id)
        seen.add(one.parent)
    assert unchanged > 200


def test_no_prototype_hogs_a_system(structures: list[CrystalStructure], systems: list[str]) -> None:
    groups = defaultdict(set)
    for one, system in zip(structures, systems, strict=True):
        groups[system].add(one.parent)
    assert min(len(parents) for parents in groups.values()) >= 20
    assert max(Counter(one.parent for one in structures).values()) <= 0.03 * COUNT


def test_variants_are_decorated(structures: list[CrystalStructure]) -> None:
    known = {one.structure.material_id: one.structure for one in load_prototypes()}
    variants = [one for one in structures if one.material_id != one.parent]
    other = 0
    for one in variants:
        parent = known[str(one.parent)]
        assert len(np.unique(one.numbers)) == len(np.unique(parent.numbers))
        pairs = set(zip(one.numbers.tolist(), parent.numbers.tolist(), strict=True))
        assert len(pairs) == len(np.unique(parent.numbers))
        other += not np.array_equal(one.numbers, parent.numbers)
    assert other > 0.9 * len(variants)
    assert len({(one.parent, one.formula) for one in variants}) > 0.9 * len(variants)


def test_distorted_variants_split_lines(structures: list[CrystalStructure], systems: list[str]) -> None:
    known = {one.structure.material_id: one for one in load_prototypes()}
    split = 0
    for one, system in zip(structures, systems, strict=True):
        parent = known[str(one.parent)]
        if system == parent.system:
            continue
        assert (system, parent.system) != ("trigonal", "hexagonal"), "the same lattice: no line would split"
        change = np.linalg.solve(parent.structure.lattice, one.lattice)
        change /= np.cbrt(np.linalg.det(change))
        stretch = (change @ change.T - np.eye(3)) / 2
        breaking = stretch - symmetrised_strain(stretch, parent.structure.lattice, parent.operations.rotations)
        assert np.linalg.norm(breaking, 2) > 0.03, one.material_id
        split += 1
    assert split > 100


def test_every_element_has_scattering_factors(read_back: list[Structure]) -> None:
    symbols = {site.specie.symbol for structure in read_back for site in structure}
    assert symbols <= set(ATOMIC_SCATTERING_PARAMS)


def test_there_are_peaks_in_the_usual_range(read_back: list[Structure]) -> None:
    calculator = XRDCalculator("CuKa")
    for structure in read_back[:: COUNT // 35]:
        assert len(calculator.get_pattern(structure, two_theta_range=(0, 90))) >= 2, structure.formula


@pytest.mark.parametrize(("count", "seed"), [(6, 0), (140, -1)])
def test_impossible_requests_are_refused(count: int, seed: int) -> None:
    with pytest.raises(UsageError, match=f"{count} structures with seed {seed}"):
        prototype_structures(count, seed)


@pytest.mark.slow
def test_three_thousand_use_every_prototype() -> None:
    structures = prototype_structures(3000, 0)
    counts: Counter[str] = Counter()
    groups = defaultdict(set)
    for one in structures:
        system = SpacegroupAnalyzer(to_pymatgen(one), symprec=0.01, angle_tolerance=5).get_crystal_system()
        counts[system] += 1
        groups[system].add(one.parent)
    assert min(counts[system] for system in CRYSTAL_SYSTEMS) >= 250
    assert min(len(groups[system]) for system in CRYSTAL_SYSTEMS) >= 20
    assert max(Counter(one.parent for one in structures).values()) <= 90
    prototypes = load_prototypes()
    assert {one.parent for one in structures} == {one.structure.material_id for one in prototypes}
    as_they_stand = {one.material_id for one in structures} & {one.structure.material_id for one in prototypes}
    assert as_they_stand == {one.structure.material_id for one in prototypes if one.flaw is None}
