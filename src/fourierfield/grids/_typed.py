"""Check the fields of a dataclass against their annotations, for values that come from JSON or from a user."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

Instance = TypeVar("Instance")
_WORDS = {int: "a whole number", float: "a number", str: "text", bool: "True or False", Path: "a path"}


def typed(instance: Instance) -> Instance:
    """Return a dataclass's instance; raise ``TypeError`` that names a field of another type, or not finite.

    >>> from fourierfield.grids import Domain
    >>> typed(Domain((1.0,), ("px",))).units
    ('px',)
    """
    for name, value, hint in mistyped(instance):
        raise TypeError(f"{name} is {str(value)[:40]}, and must be {in_words(hint)}")
    for name in _hints_of(instance):
        value = getattr(instance, name)
        parts = value if isinstance(value, tuple) else (value,)
        if any(isinstance(part, float) and not math.isfinite(part) for part in parts):
            raise TypeError(f"{name} is not finite")
    return instance


def mistyped(instance: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield name, value and annotation of each field of a dataclass whose value has another type.

    Whole numbers are numbers too, but True and False are not; NumPy's scalars count as Python's, and any sequence as a
    tuple.
    """
    for name, hint in _hints_of(instance).items():
        value = getattr(instance, name)
        if not matches(value, hint):
            yield name, value, hint


def matches(value: Any, hint: Any) -> bool:
    """Return whether a value is of an annotated type.

    >>> matches(3, float | None), matches(True, int), matches((1, 2), tuple[int, ...])
    (True, False, True)
    """
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return any(matches(value, part) for part in parts)
    if origin is Literal:
        return value in parts
    if origin is tuple:
        return isinstance(value, Sequence) and not isinstance(value, str | bytes) and _are_of(value, parts)
    if hint in _PLAIN:
        return isinstance(value, _PLAIN[hint]) and (hint is bool) is isinstance(value, bool | np.bool_)
    known = object if hint is Any else origin or hint
    if getattr(known, "_is_protocol", False):  # what it has cannot be asked for; plain values are none
        return not isinstance(value, numbers.Number | Sequence | dict)
    return isinstance(value, known) if isinstance(known, type) else True


_PLAIN: dict[Any, Any] = {int: numbers.Integral, float: numbers.Real, bool: bool | np.bool_}


def _are_of(values: Sequence[Any], hints: tuple[Any, ...]) -> bool:
    if hints[-1] is Ellipsis:
        return all(matches(value, hints[0]) for value in values)
    return len(values) == len(hints) and all(map(matches, values, hints))


def in_words(hint: Any) -> str:
    """Return an annotated type in words, "a number or text"."""
    if get_origin(hint) in (Union, UnionType):
        known = dict.fromkeys(in_words(part) for part in get_args(hint) if part is not NoneType)
        return " or ".join(filter(None, known))
    if get_origin(hint) is tuple:
        return f"a list, each {in_words(get_args(hint)[0])}"
    return _WORDS.get(hint, "")


def _hints_of(instance: Any) -> dict[str, Any]:
    cls: Any = type(instance)
    return _hints(cls)


@lru_cache(maxsize=64)
def _hints(cls: Any) -> dict[str, Any]:
    names = getattr(cls, "__dataclass_fields__", {})
    return {name: hint for name, hint in get_type_hints(cls).items() if name in names}
