"""Frozen dataclasses that check their values, and in words all that is wrong with a mapping for one of them."""

from __future__ import annotations

import difflib
import json
from dataclasses import is_dataclass
from functools import cache
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    TypeVar,
    cast,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

from annotated_types import Ge, Gt, Le
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as pydantic_dataclass
from pydantic.fields import FieldInfo

from xrdsym.common.suggestions import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic_core import ErrorDetails

Section = TypeVar("Section")
STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
"""No unknown keys; 1.0 is no whole number, true is no number, NaN is no number either."""
PLAIN_TYPES = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a number",
    "string_type": "a text",
    "bool_type": "true or false",
    "dataclass_type": "a mapping",
    "dict_type": "a mapping",
}
LONGEST_SHOWN = 200
"""Characters of a wrong value that a message repeats."""
BOUNDS = ("greater_than_equal", "greater_than", "less_than_equal")
SIZES = ("missing", "too_short", "too_long", "tuple_type", "list_type")


@dataclass_transform(frozen_default=True, field_specifiers=(Field,))
def checked_dataclass(kind: type[Section]) -> type[Section]:
    """Make a frozen dataclass that checks the types and bounds of its values."""
    return cast("type[Section]", pydantic_dataclass(frozen=True, config=STRICT)(kind))


def check_mapping(kind: type[Section], content: object) -> tuple[Section | None, list[str]]:
    """Make a checked dataclass of a mapping.

    Args:
        kind: The dataclass, made with `checked_dataclass`.
        content: What YAML or JSON gave.

    Returns:
        The dataclass, or None where something is wrong; and one line for each thing that is wrong.
    """
    if not isinstance(content, dict):
        return None, [f"the file: expected a mapping, received {_shown(content)}"]
    try:
        text = json.dumps(content, default=str)
    except (TypeError, ValueError, RecursionError) as error:
        return None, [f"the file: expected plain values with names that are texts ({error})"]
    try:
        # as JSON: strict, and yet mappings make dataclasses and lists make tuples
        found: Section = _adapter(cast("Any", kind)).validate_json(text)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        if errors[0]["type"] == "json_invalid":
            # half of a surrogate pair, `"\ud800"`
            return None, ["the file: expected texts that UTF-8 can hold"]
        return None, _problems(kind, content, errors)
    return found, []


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:  # noqa: ANN401 - a dataclass
    return TypeAdapter(kind)


def _problems(kind: type[Any], content: object, errors: Sequence[ErrorDetails]) -> list[str]:
    """One line for each value that is wrong, whatever the number of errors that its type gives."""
    problems: list[str] = []
    expected: dict[tuple[str | int, ...], list[str]] = {}
    for error in errors:
        path, hint = _field(kind, error["loc"])
        name, rest = ".".join(map(str, path)), error["loc"][len(path) :]
        if error["type"] == "unexpected_keyword_argument":
            known = [field for field, _ in _fields(_field(kind, path[:-1])[1])]
            problems.append(f"{name}: unknown key; {nearest(str(path[-1]), known)}")
        elif error["type"] == "missing" and not rest:
            problems.append(f"{name}: missing")
        elif error["type"] == "value_error":
            problems.append(f"{name}: {error['ctx']['error']}")
        else:
            phrase = _expected(hint, rest, error)
            phrases = expected.setdefault(path, [])
            if phrase not in phrases:
                phrases.append(phrase)
    for path, phrases in expected.items():
        hint = _field(kind, path)[1]
        allowed = " or ".join([*phrases, "null"] if type(None) in _members(hint) else phrases)
        problems.append(f"{'.'.join(map(str, path))}: expected {allowed}, received {_shown(_at(content, path))}")
    return problems


def _field(kind: Any, location: Sequence[str | int]) -> tuple[tuple[str | int, ...], Any]:  # noqa: ANN401 - a type
    """The part of an error's location that is keys of mappings, and the type of the value there."""
    path: list[str | int] = []
    hint = kind
    for key in location:
        section = next((member for member in _members(hint) if is_dataclass(member)), None)
        if section is not None:
            hint = dict(_fields(section)).get(str(key))
        elif get_origin(_plain(hint)) is dict:
            hint = get_args(_plain(hint))[1]
        else:
            break
        path.append(key)
    return tuple(path), hint


def _fields(hint: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
    section = next(member for member in _members(hint) if is_dataclass(member))
    known: dict[str, FieldInfo] | None = getattr(section, "__pydantic_fields__", None)
    if known is None:
        # a plain dataclass within a checked one
        return list(get_type_hints(section, include_extras=True).items())
    return [(name, Annotated[info.annotation, *info.metadata, None]) for name, info in known.items()]


def _plain(hint: Any) -> Any:  # noqa: ANN401
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def _members(hint: Any) -> tuple[Any, ...]:  # noqa: ANN401
    """The types of a union; else the type alone."""
    plain = _plain(hint)
    origin = get_origin(plain)
    return (plain,) if origin in {None, tuple, list, dict, Literal} else get_args(plain)


def _expected(hint: Any, rest: Sequence[str | int], error: ErrorDetails) -> str:  # noqa: ANN401
    """What a value should have been."""
    kind = error["type"]
    if kind in PLAIN_TYPES:
        return PLAIN_TYPES[kind]
    if kind in BOUNDS:
        return _bounds(_inside(hint, rest))
    if kind == "literal_error":
        return _choices(_inside(hint, rest), error["input"])
    if kind in SIZES:
        return _list(_inside(hint, rest[:-1] if kind == "missing" else rest))
    return error["msg"]


def _inside(hint: Any, rest: Sequence[str | int]) -> Any:  # noqa: ANN401
    """The type of an entry of tuples and lists; what tells the members of a union is passed over."""
    for key in rest:
        if isinstance(key, int):
            inner = get_args(next(member for member in _members(hint) if get_origin(member) in {tuple, list}))
            hint = inner[0] if len(inner) == 1 or inner[-1] is Ellipsis else inner[min(key, len(inner) - 1)]
    return hint


def _walk(hint: Any) -> Iterator[Any]:  # noqa: ANN401
    """A type, its metadata, and those of all that it is made of."""
    yield hint
    if isinstance(hint, FieldInfo):
        yield from hint.metadata
    elif get_origin(hint) is not Literal:
        for inner in get_args(hint):
            yield from _walk(inner)


def _bounds(hint: Any) -> str:  # noqa: ANN401
    lows = [_number(one.ge) for one in _walk(hint) if isinstance(one, Ge)]
    lows += [f"more than {_number(one.gt)}" for one in _walk(hint) if isinstance(one, Gt)]
    highs = [_number(one.le) for one in _walk(hint) if isinstance(one, Le)]
    return f"{lows[0]} to {highs[0]}" if highs else f"{lows[0]} or more"


def _number(value: Any) -> str:  # noqa: ANN401
    return f"{value:g}" if isinstance(value, float) else str(value)


def _choices(hint: Any, value: object) -> str:  # noqa: ANN401
    choices = [str(choice) for one in _walk(hint) if get_origin(one) is Literal for choice in get_args(one)]
    close = difflib.get_close_matches(value, choices, n=1) if isinstance(value, str) else []
    return "one of " + ", ".join(choices) + (f" (did you mean {close[0]}?)" if close else "")


def _list(hint: Any) -> str:  # noqa: ANN401
    tuples = [get_args(member) for member in _members(hint) if get_origin(member) is tuple]
    if tuples and tuples[0][-1] is not Ellipsis:
        return f"a list of {len(tuples[0])}"
    return "a list with at least one entry" if tuples else "a list"


def _at(content: Any, path: Sequence[str | int]) -> Any:  # noqa: ANN401
    for key in path:
        # JSON, in which content is checked, has texts alone as keys
        own = {str(name): name for name in content} if isinstance(content, dict) else {}
        content = content[own.get(str(key), key)]
    return content


def _shown(value: object) -> str:
    text = "null" if value is None else repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}… ({len(text)} characters)"
