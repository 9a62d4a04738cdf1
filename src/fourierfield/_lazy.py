"""Public names of a package that are imported when they are first used (PEP 562)."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


def lazy(package: str, sources: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return the ``__getattr__`` and ``__dir__`` of a package that imports its public names on first use.

    Importing the package, or a light module in it, then costs nothing that its heavy modules need. Type checkers do
    not see such names: a package imports them under ``if TYPE_CHECKING`` as well, and calls this in the ``else``.

    Args:
        package: the package's ``__name__``.
        sources: for each name the module that defines it, relative to the package: "_module", or "_module:original"
            where the public name is another one than the module's.

    Returns:
        The two functions, to be bound at the package's top level.

    >>> find, names = lazy("fourierfield.encodings", {"levels": "_units:to_nerf_levels"})
    >>> find("levels")(64.0, 1.0).is_integer(), "levels" in names()
    (False, True)
    >>> find("colour")
    Traceback (most recent call last):
    ...
    AttributeError: module 'fourierfield.encodings' has no attribute 'colour'
    """

    def find(name: str) -> Any:
        if name not in sources:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module, _, original = sources[name].partition(":")
        return getattr(importlib.import_module(f".{module}", package), original or name)

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *sources})

    return find, names
