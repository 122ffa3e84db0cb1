"""The space-group settings that the words of a CIF may mean, the most binding words first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xrdsym.common.errors import MaterialError
from xrdsym.sources.checks import shortened
from xrdsym.sources.cif_block import ABSENT
from xrdsym.sources.operations import Setting, combined, setting_by_triplets
from xrdsym.sources.space_group_settings import setting_by_hall, settings_by_number, settings_by_symbol

if TYPE_CHECKING:
    from xrdsym.sources.cif_block import CifBlock

OPERATIONS = ("_space_group_symop_operation_xyz", "_symmetry_equiv_pos_as_xyz")
MAGNETIC_OPERATIONS = "_space_group_symop_magn_operation_xyz"
MAGNETIC_CENTERINGS = "_space_group_symop_magn_centering_xyz"
HALL = ("_space_group_name_hall", "_symmetry_space_group_name_hall")
SYMBOLS = (
    "_space_group_name_h-m_alt",
    "_symmetry_space_group_name_h-m",
    "_symmetry_space_group_name_h-m_alt",
    "_space_group_name_h-m_ref",
    "_space_group_name_h-m_full",
    "_symmetry_space_group_name_h-m_full",
)
NUMBERS = ("_space_group_it_number", "_symmetry_int_tables_number")
CODES = ("_space_group_it_coordinate_system_code",)


@dataclass(frozen=True)
class Word:
    """One statement about the symmetry.

    Attributes:
        said: What the file says, for messages.
        settings: What it may mean; one of them is right if the statement is.
        number: The space group that it names, if it names one.
        bare: Whether it is a name alone, which says less than operations.
        by_symbol: Whether it is a Hermann-Mauguin symbol, which tells the setting.
    """

    said: str
    settings: list[Setting]
    number: int | None
    bare: bool = True
    by_symbol: bool = False


def stated_symmetry(block: CifBlock, warnings: list[str]) -> list[Word]:
    """What a block says about its symmetry: operations, Hall symbol, Hermann-Mauguin symbol, number.

    Args:
        block: The block.
        warnings: Takes the statements that cannot be read where others can, and a symmetry that is supposed.

    Returns:
        At least one statement; a block without any is taken for P 1.

    Raises:
        MaterialError: The operations cannot be read, or nothing that is said can (`symmetry`).
    """
    listed = _listed(block)
    words = [] if listed is None else [Word(f"{len(listed.rotations)} operations", [listed], listed.number, bare=False)]
    named, unknown = _named(block)
    words += named
    if not words and any(tag.startswith("_space_group_magn_") for tag in block.tags):
        msg = f"{block.name}: a magnetic CIF without operations; list them (_space_group_symop_magn_operation.xyz)"
        raise MaterialError("symmetry", msg)
    if not words and unknown:
        msg = (
            f"{block.name}: {' and '.join(unknown)} is no space group; correct it, or list the operations "
            "(_space_group_symop_operation_xyz)"
        )
        raise MaterialError("symmetry", msg)
    warnings += [f"{one} is no space group: {words[0].said} used" for one in unknown]
    if not words:
        warnings.append("the CIF names no space group and no operations: P 1 supposed, each atom read as listed")
        words.append(Word("no symmetry (P 1)", settings_by_symbol("P 1"), 1))
    return words


def _named(block: CifBlock) -> tuple[list[Word], list[str]]:
    """The names of the space group, the Hall symbol first, and those that are none."""
    words, unknown = [], []
    code = block.word(*CODES)
    hall = block.word(*HALL)
    if hall is not None:
        setting = setting_by_hall(hall)
        if setting is None:
            unknown.append(f"the Hall symbol {shortened(hall)!r}")
        else:
            words.append(Word(f"the Hall symbol {shortened(hall)}", [setting], setting.number, bare=False))
    for tag in SYMBOLS:
        symbol = block.word(tag)
        if symbol is not None:
            settings = settings_by_symbol(symbol, code)
            if settings:
                words.append(Word(f"the space group {shortened(symbol)}", settings, settings[0].number, by_symbol=True))
                break
            unknown.append(f"the symbol {shortened(symbol)!r}")
    number = block.word(*NUMBERS)
    if number is not None:
        settings = settings_by_number(int(number), code) if re.fullmatch(r"[0-9]{1,3}", number) else []
        if settings:
            words.append(Word(f"the space group number {number}", settings, int(number)))
        else:
            unknown.append(f"the number {shortened(number)!r}")
    return words, unknown


def _listed(block: CifBlock) -> Setting | None:
    """The operations that are listed, those of a magnetic CIF without their time reversal; None without a list."""
    if block.word("_cell_modulation_dimension") not in {None, "0"}:
        msg = f"{block.name}: a modulated structure, which has no cell; give the average structure or a supercell"
        raise MaterialError("symmetry", msg)
    triplets = [text for text in block.column(*OPERATIONS) if text not in ABSENT]
    magnetic = [text for text in block.column(MAGNETIC_OPERATIONS) if text not in ABSENT]
    centerings = [text for text in block.column(MAGNETIC_CENTERINGS) if text not in ABSENT]
    try:
        if magnetic:
            setting = setting_by_triplets(magnetic, "the magnetic operations", closed=not centerings)
            shifts = setting_by_triplets(centerings, "the centering", closed=True)
            return combined(setting, shifts) if centerings else setting
        return setting_by_triplets(triplets, "the operations") if triplets else None
    except ValueError as error:
        msg = f"{block.name}: {error}; correct the CIF's list of operations"
        raise MaterialError("symmetry", msg) from error
