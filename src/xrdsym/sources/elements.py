"""Elements by the symbols that files write: ions, isotopes of hydrogen, labels of sites."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from xrdsym.common.errors import MaterialError

if TYPE_CHECKING:
    from collections.abc import Collection

LAST_ELEMENT = 118

_SYMBOL = re.compile(r"([A-Z][a-z]?)(?![A-Za-z])")
_LETTERS = re.compile(r"[A-Za-z]+")
_WATER = {"WAT": "O", "OW": "O", "OH": "O", "HW": "H"}
"""Labels of the atoms of water and hydroxyl groups."""


@cache
def atomic_numbers() -> dict[str, int]:
    """The atomic number of each element and isotope of hydrogen by its symbol."""
    from pymatgen.core import Element

    # pymatgen lists D and T as elements of their own
    return {element.value: element.Z for element in Element} | {"D": 1, "T": 1}


@cache
def symbols() -> tuple[str, ...]:
    """Element symbols by atomic number; number 0 is the empty string."""
    from pymatgen.core import Element

    return ("", *(str(Element.from_Z(number)) for number in range(1, LAST_ELEMENT + 1)))


def atomic_number(symbol: str, site: str) -> int:
    """The atomic number of an element, an isotope of hydrogen, or an ion such as `Fe3+`.

    Args:
        symbol: The symbol.
        site: Which site of which material has it, for errors.

    Raises:
        MaterialError: `unknown_element`; a symbol such as Uue is not taken for the element that it begins with.
    """
    match = _SYMBOL.match(symbol)
    if match is None or match[1] not in atomic_numbers():
        msg = f"{site}: {symbol[:60]!r} is not an element; correct its file"
        raise MaterialError("unknown_element", msg)
    return atomic_numbers()[match[1]]


def is_element(symbol: str) -> bool:
    """Whether a symbol is that of an element, an isotope of hydrogen, or an ion."""
    match = _SYMBOL.match(symbol)
    return match is not None and match[1] in atomic_numbers()


def element_of_type(text: str, site: str) -> int:
    """The atomic number of a CIF's type symbol, such as Fe3+, FE or Fe+3.

    Raises:
        MaterialError: `unknown_element`.
    """
    letters = _LETTERS.match(text)
    return atomic_number(letters[0].capitalize() if letters and len(letters[0]) <= 2 else text, site)


def element_of_label(label: str, formula: Collection[str], site: str) -> int:
    """The atomic number of a site that has only a label, such as Fe1, OA2 or CA1.

    Args:
        label: The label.
        formula: Elements of the file's formula; empty if it has none. They decide between calcium and carbon.
        site: Which site of which material it is, for errors.

    Raises:
        MaterialError: `unknown_element`: it begins with no element, or with two that nothing decides between.
    """
    letters = _LETTERS.match(label)
    run = letters[0] if letters else ""
    if run.upper() in _WATER and not (len(run) == 2 and run.capitalize() in formula):
        return atomic_numbers()[_WATER[run.upper()]]
    known = [part for part in dict.fromkeys((run[:2].capitalize(), run[:1].upper())) if part in atomic_numbers()]
    fitting = [part for part in known if part in formula] or known
    if len(fitting) > 1 and run[1:2].isupper():
        msg = f"{site}: {label[:60]!r} may be {' or '.join(fitting)}; add _atom_site_type_symbol"
        raise MaterialError("unknown_element", msg)
    return atomic_number(fitting[0] if fitting else label, site)
