from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pymatgen.core import DummySpecies, Lattice, Structure

from xrdsym.common.errors import MaterialError, XrdsymError
from xrdsym.crystal.structure_table import (
    CrystalStructure,
    check_structure,
    count_structures,
    from_pymatgen,
    read_batches,
    read_structures,
    to_pymatgen,
    write_structures,
)
from xrdsym.diffraction.peaks import simulate


def mixed() -> Structure:
    return Structure(Lattice.hexagonal(3.2, 5.2), [{"Zn": 0.75, "Cd": 0.25}, "O"], [[1 / 3, 2 / 3, 0], [0, 0, 0.375]])


def test_a_shared_site_survives_the_way_to_pymatgen_and_back() -> None:
    row = from_pymatgen(mixed(), "mixed")
    assert row.numbers.tolist() == [30, 48, 8]
    assert row.occupancies is not None
    back = to_pymatgen(row)
    assert len(back) == 2
    assert back.matches(mixed())
    assert back.composition.almost_equals(mixed().composition)


def test_an_ordered_structure_has_no_occupancies() -> None:
    salt = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    row = from_pymatgen(salt, "salt", parent="aflow")
    assert row.occupancies is None
    assert to_pymatgen(row).matches(salt)
    assert row.formula == "NaCl"


coordinates = hnp.arrays(np.float32, (4, 3), elements=st.floats(-2, 2, width=32))


@given(coordinates, st.booleans())
def test_the_table_gives_back_what_was_written(positions: np.ndarray, shared: bool) -> None:
    import tempfile

    structure = CrystalStructure(
        material_id="a",
        formula="NaCl",
        lattice=np.array([[4.0, 0.1, 0], [0, 5, 0], [0.3, 0, 6]]),
        numbers=np.array([11, 11, 17, 17], dtype=np.int16),
        frac_coords=positions.astype(np.float64),
        occupancies=np.array([0.5, 0.5, 1, 1]) if shared else None,
        parent="p" if shared else None,
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "structures.parquet"
        assert write_structures(path, [structure] * 3) == 3
        assert count_structures(path) == 3
        for found in read_structures(path):
            assert found.material_id == "a"
            assert found.parent == structure.parent
            np.testing.assert_array_equal(found.lattice, structure.lattice)
            np.testing.assert_array_equal(found.numbers, structure.numbers)
            np.testing.assert_array_equal(found.frac_coords, structure.frac_coords)
            if shared:
                np.testing.assert_array_equal(found.occupancies, structure.occupancies)
            else:
                assert found.occupancies is None


def test_batches_are_as_long_as_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "structures.parquet"
    write_structures(path, (from_pymatgen(mixed(), f"m{i}") for i in range(25)))
    assert [len(batch) for batch in read_batches(path, 10)] == [10, 10, 5]


def test_the_real_table_is_read(shared_data: Path) -> None:
    path = shared_data / "mp" / "structures-0.parquet"
    batch = next(read_batches(path, 50))
    assert all(len(structure.numbers) == len(structure.frac_coords) for structure in batch)
    row = pq.ParquetFile(path).read_row_group(0).slice(7, 1).to_pylist()[0]
    assert batch[7].material_id == row["material_id"]
    np.testing.assert_array_equal(batch[7].lattice.ravel(), row["lattice"])


def test_faults_of_a_table_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "structures.parquet"
    with pytest.raises(XrdsymError, match="no structure table"):
        next(read_batches(path))
    path.write_text("no Parquet")
    with pytest.raises(XrdsymError, match="not a readable Parquet file"):
        next(read_batches(path))
    pq.write_table(pa.table({"material_id": ["a"]}), path)
    with pytest.raises(XrdsymError, match="lacks the columns formula, lattice"):
        next(read_batches(path))
    write_structures(path, [from_pymatgen(mixed(), "m")])
    table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata({b"xrdsym_schema_version": b"99"}), path)
    with pytest.raises(XrdsymError, match="schema version 99"):
        next(read_batches(path))


def test_a_cell_beyond_all_numbers_is_too_large() -> None:
    far = CrystalStructure("far", "Po", np.eye(3) * 1e200, np.array([84], np.int16), np.zeros((1, 3)))
    with pytest.raises(MaterialError, match="far: the cell is too large") as caught:
        check_structure(far)
    assert caught.value.reason == "too_large"


def test_a_dummy_species_is_refused_with_its_site() -> None:
    dummy = Structure(Lattice.cubic(4.2), ["Na", DummySpecies("X")], [[0, 0, 0], [0.5, 0.5, 0.5]])
    with pytest.raises(MaterialError, match=r"salt: site 2 \(X0\+ at 0\.5, 0\.5, 0\.5\) is a placeholder") as caught:
        from_pymatgen(dummy, "salt")
    assert caught.value.reason == "unknown_element"
    with pytest.raises(MaterialError, match="site 2"):
        simulate(dummy)
