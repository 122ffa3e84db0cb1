"""The embedded source: AFLOW prototypes and their decorated, strained and distorted variants."""

from __future__ import annotations

from collections import Counter, deque
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.common.progress import progress_bar
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS, CrystalSystem
from xrdsym.sources.aflow import load_prototypes
from xrdsym.sources.variants import VariantMaker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tqdm import tqdm

    from xrdsym.config.data_sections import PrototypesParams
    from xrdsym.crystal.structure_table import CrystalStructure
    from xrdsym.sources.aflow import Prototype
    from xrdsym.sources.surroundings import Surroundings

SHARES = {
    CrystalSystem.CUBIC: 0.150,
    CrystalSystem.HEXAGONAL: 0.085,
    CrystalSystem.MONOCLINIC: 0.210,
    CrystalSystem.ORTHORHOMBIC: 0.200,
    CrystalSystem.TETRAGONAL: 0.120,
    CrystalSystem.TRICLINIC: 0.145,
    CrystalSystem.TRIGONAL: 0.090,
}
"""Share of each system, close to that in the Materials Project (14.5, 7.7, 22.0, 21.0, 12.1, 14.0 and 8.8 % at symprec
0.01), with at least 250 of each system among 3,000 structures."""

NATIVE_SHARE = 0.6
"""Share of a system that comes from prototypes of that system, if distorted prototypes can provide the rest."""

PROTOTYPE_SHARE = 0.5
"""Largest share of unchanged prototypes in a system; it limits only small sets."""

LARGEST_GROUP_SHARE = 0.005
"""Largest share of all structures that one prototype contributes to one system."""

SMALLEST_GROUP_LIMIT = 6
"""Number of structures that one prototype may contribute to one system in a set of any size."""

VARIANT_SITES = 60
"""Largest number of sites of a prototype with variants, so that simulation stays fast."""

SMALLEST_DISTORTED_CELL = {
    CrystalSystem.TRICLINIC: 16,
    CrystalSystem.MONOCLINIC: 12,
    CrystalSystem.ORTHORHOMBIC: 8,
    CrystalSystem.TETRAGONAL: 8,
    CrystalSystem.TRIGONAL: 8,
}
"""Smallest number of sites of a prototype that is distorted into a system of lower symmetry.

Real cells of low symmetry are large: the medians in the Materials Project are 32 sites in the triclinic system, 30 in
the monoclinic, 20 in the orthorhombic, 13 in the tetragonal, 14 in the trigonal and 6 in the cubic system.
"""


def prototype_structures(count: int, seed: int) -> list[CrystalStructure]:
    """Make AFLOW prototypes and variants of them, with crystal systems in the shares `SHARES`.

    A system consists of prototypes of that system, isostructural decorations of them, and distorted variants of
    prototypes of higher symmetry. spglib finds the crystal system of each structure, with the same result at
    tolerances of 0.01 and 0.1 Å.

    Args:
        count: Number of structures, 7 or more.
        seed: Seed of every random choice, 0 or more; the same seed gives the same structures.

    Returns:
        The structures in the order of their prototypes. `parent` is the id of the prototype, also for the prototype
        itself.

    Raises:
        UsageError: `count` or `seed` is too small.
        XrdsymError: The prototypes have too few variants in one system.
    """
    if count < len(CRYSTAL_SYSTEMS) or seed < 0:
        msg = (
            f"source prototypes: {count} structures with seed {seed}; expected {len(CRYSTAL_SYSTEMS)} structures "
            "or more, one per crystal system, and a seed of 0 or more"
        )
        raise UsageError(msg)
    prototypes = load_prototypes()
    maker = VariantMaker(prototypes, seed)
    quotas = _quotas(count)
    made: list[tuple[int, CrystalStructure]] = []
    bar: tqdm[CrystalStructure] = progress_bar(total=count, description="prototypes", unit="structure")
    with bar:
        for number, system in enumerate(CrystalSystem):
            quota = quotas[system]
            order = [int(i) for i in np.random.default_rng([seed, number]).permutation(len(prototypes))]
            limit = max(SMALLEST_GROUP_LIMIT, ceil(LARGEST_GROUP_SHARE * count))
            for entry in _of_system(maker, system, quota, limit, order):
                made.append(entry)
                bar.update(1)
    made.sort(key=lambda entry: (entry[0], entry[1].material_id != entry[1].parent))
    return [structure for _, structure in made]


def _quotas(count: int) -> dict[CrystalSystem, int]:
    """Divide `count` among the systems, at least one structure each."""
    ends = np.rint(np.cumsum(list(SHARES.values())) * (count - len(SHARES))).astype(int)
    return {system: 1 + int(end - start) for system, start, end in zip(SHARES, [0, *ends[:-1]], ends, strict=True)}


def _of_system(
    maker: VariantMaker, system: CrystalSystem, quota: int, limit: int, order: list[int]
) -> Iterator[tuple[int, CrystalStructure]]:
    """Structures of one system, each with the index of its prototype; the prototypes take turns."""
    prototypes = maker.prototypes
    unchanged = [i for i in order if prototypes[i].system == system and prototypes[i].flaw is None]
    unchanged = unchanged[: ceil(quota * PROTOTYPE_SHARE)]
    for index in unchanged:
        yield index, prototypes[index].structure
    used = Counter(unchanged)
    small = [i for i in order if len(prototypes[i].structure.numbers) <= VARIANT_SITES]
    own = deque(i for i in small if prototypes[i].system == system)
    smallest = SMALLEST_DISTORTED_CELL.get(system, 0)
    large = (i for i in small if len(prototypes[i].structure.numbers) >= smallest)
    others = deque(i for i in large if _splits_into(prototypes[i], system))
    from_own, total = len(unchanged), len(unchanged)
    while total < quota:
        turn = own if own and (from_own < NATIVE_SHARE * quota or not others) else others
        if not turn:
            msg = (
                f"source prototypes: only {total} of {quota} {system} structures are possible; "
                "use a smaller structures.prototypes.count or another structures.prototypes.seed"
            )
            raise XrdsymError(msg)
        index = turn.popleft()
        variant = maker.make(index, system)
        if variant is None:
            continue
        yield index, variant
        total += 1
        from_own += turn is own
        used[index] += 1
        if used[index] < limit:
            turn.append(index)


def _splits_into(prototype: Prototype, system: CrystalSystem) -> bool:
    """Whether a strain that breaks the symmetry of a prototype can bring it into a system."""
    # a trigonal crystal can keep a hexagonal lattice, so no peak would split
    if (prototype.system, system) == (CrystalSystem.HEXAGONAL, CrystalSystem.TRIGONAL):
        return False
    return prototype.system != system and system in prototype.subgroups


def source(params: PrototypesParams, _: Surroundings) -> list[CrystalStructure]:
    """The embedded source; see `prototype_structures`."""
    return prototype_structures(params.count, params.seed)
