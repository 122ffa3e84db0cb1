"""Checks a parsed mapping against a dataclass and tells of all that is wrong at once."""

from __future__ import annotations

import difflib
import types
from dataclasses import dataclass, fields, is_dataclass
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from xrdsym.common.suggestions import nearest

Section = TypeVar("Section")


@dataclass(frozen=True)
class Range:
    """Bounds of a number, both inclusive."""

    low: float
    high: float | None = None


class _WrongError(Exception):
    """One value is wrong; the text says what was expected."""


def check_mapping(kind: type[Section], content: object, prefix: str = "") -> tuple[Section | None, list[str]]:
    """Make a dataclass of a mapping.

    Args:
        kind: The dataclass; its fields' types say what is allowed (`bool`, `int`, `float`, `str`, `None`,
            `Literal`, `tuple[X, ...]` with at least one entry, `tuple[X, Y]`, `list[X]`, `dict[str, X]`,
            `Annotated[X, Range]`, `Any`, unions and dataclasses of these).
        content: What YAML or JSON gave.
        prefix: The path of this mapping in the whole, ending in a dot, for the messages.

    Returns:
        The dataclass, or None where something is wrong; and one line for each thing that is wrong.
    """
    if not isinstance(content, dict):
        return None, [f"{prefix.rstrip('.') or 'the file'}: expected a mapping, received {_shown(content)}"]
    hints = get_type_hints(kind, include_extras=True)
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    problems = [f"{prefix}{key}: unknown key; {nearest(str(key), names)}" for key in content if key not in names]
    values: dict[str, Any] = {}
    for name in names:
        if name not in content:
            problems.append(f"{prefix}{name}: missing")
        elif is_dataclass(hints[name]):
            values[name], inner = check_mapping(hints[name], content[name], f"{prefix}{name}.")
            problems += inner
        else:
            try:
                values[name] = _checked(hints[name], content[name])
            except _WrongError as error:
                problems.append(f"{prefix}{name}: {error}, received {_shown(content[name])}")
    return (None, problems) if problems else (kind(**values), [])


def _shown(value: object) -> str:
    return "null" if value is None else repr(value)


def _checked(hint: Any, value: Any) -> Any:  # noqa: ANN401 - any type, any value
    origin = get_origin(hint)
    if origin is Annotated:
        inner, bounds = get_args(hint)
        return _within(bounds, _checked(inner, value))
    if origin in (Union, types.UnionType):
        return _one_of(get_args(hint), value)
    if origin is Literal:
        return _chosen(get_args(hint), value)
    if origin in (tuple, list, dict):
        return _collected(origin, get_args(hint), value)
    if is_dataclass(hint):
        return _mapped(hint, value)
    return value if hint is Any else _plain(hint, value)


def _mapped(kind: Any, value: Any) -> Any:  # noqa: ANN401
    found, problems = check_mapping(kind, value)
    if found is None:
        msg = f"expected a mapping ({'; '.join(problems)})"
        raise _WrongError(msg)
    return found


def _collected(origin: Any, inner: tuple[Any, ...], value: Any) -> Any:  # noqa: ANN401
    if origin is dict:
        if not isinstance(value, dict):
            msg = "expected a mapping"
            raise _WrongError(msg)
        return {str(key): _checked(inner[1], entry) for key, entry in value.items()}
    if origin is tuple and inner[-1] is not Ellipsis:
        if not isinstance(value, list | tuple) or len(value) != len(inner):
            msg = f"expected a list of {len(inner)}"
            raise _WrongError(msg)
        return tuple(_checked(kind, entry) for kind, entry in zip(inner, value, strict=True))
    if not isinstance(value, list) or (origin is tuple and not value):
        msg = "expected a list with at least one entry" if origin is tuple else "expected a list"
        raise _WrongError(msg)
    return origin(_checked(inner[0], entry) for entry in value)


def _within(bounds: Range, value: Any) -> Any:  # noqa: ANN401 - a number, or numbers in tuples
    if isinstance(value, tuple):
        return tuple(_within(bounds, entry) for entry in value)
    if value < bounds.low or (bounds.high is not None and value > bounds.high):
        upper = f" to {bounds.high:g}" if bounds.high is not None else " or more"
        msg = f"expected {bounds.low:g}{upper}"
        raise _WrongError(msg)
    return value


def _one_of(kinds: tuple[Any, ...], value: Any) -> Any:  # noqa: ANN401
    expected = []
    for kind in kinds:
        try:
            return _checked(kind, value)
        except _WrongError as error:
            expected.append(str(error).removeprefix("expected "))
    raise _WrongError("expected " + " or ".join(expected))


def _chosen(choices: tuple[Any, ...], value: Any) -> Any:  # noqa: ANN401
    for choice in choices:
        if value == choice and isinstance(value, bool) == isinstance(choice, bool):
            return choice
    hint = ""
    if isinstance(value, str):
        close = difflib.get_close_matches(value, [str(choice) for choice in choices], n=1)
        hint = f" (did you mean {close[0]}?)" if close else ""
    raise _WrongError("expected one of " + ", ".join(str(choice) for choice in choices) + hint)


def _plain(kind: Any, value: Any) -> Any:  # noqa: ANN401
    if kind is type(None):
        if value is None:
            return None
        msg = "expected null"
        raise _WrongError(msg)
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool) and value == value:  # noqa: PLR0124 - not a NaN
        return float(value)
    if kind is not float and isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
        return value
    names = {float: "a number", int: "a whole number", str: "a text", bool: "true or false"}
    msg = f"expected {names[kind]}"
    raise _WrongError(msg)
