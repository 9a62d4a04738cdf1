"""Types of fields by their annotations."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from fourierfield.grids._typed import in_words, matches, mistyped, typed


@dataclass
class Sizes:
    """Some of everything."""

    count: int = 3
    rate: float | None = 1.0
    name: str | Path = "a"
    flag: bool = False
    sides: tuple[float, ...] = (1.0, 2.0)
    pair: tuple[int, str] = (1, "b")
    word: Literal["all", "last"] = "all"
    anything: Any = None


GOOD: list[dict[str, Any]] = [
    {},
    {"count": np.int64(3), "rate": 2, "name": Path("b"), "flag": np.bool_(True)},
    {"rate": None, "sides": [1, 2.5], "anything": object()},
    {"sides": ()},
]
BAD: list[dict[str, Any]] = [
    *({"count": value} for value in (True, 2.0, "3", None, [3])),
    *({"rate": value} for value in (True, "1", [1.0])),
    *({"name": value} for value in (3, b"a", None)),
    *({"flag": value} for value in (1, 0.0, "yes", None)),
    *({"sides": value} for value in (1.0, "12", [1, "2"], None, {})),
    *({"pair": value} for value in ((1,), ("b", 1), (1, "b", 2))),
    {"word": "first"},
]


@pytest.mark.parametrize("given", GOOD)
def test_values_of_the_annotated_types_pass(given: dict[str, Any]) -> None:
    sizes = Sizes(**given)
    assert typed(sizes) is sizes


@pytest.mark.parametrize("given", BAD, ids=str)
def test_values_of_other_types_are_named(given: dict[str, Any]) -> None:
    sizes = Sizes(**given)
    assert [name for name, *_ in mistyped(sizes)] == list(given)
    with pytest.raises(TypeError, match=f"^{next(iter(given))} is "):
        typed(sizes)


@pytest.mark.parametrize("given", [{"rate": float("nan")}, {"sides": (1.0, float("inf"))}])
def test_numbers_that_are_not_finite_are_named(given: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="is not finite"):
        typed(Sizes(**given))


def test_types_in_words() -> None:
    assert in_words(int | None) == "a whole number"
    assert in_words(float | str) == "a number or text"
    assert in_words(tuple[str, ...]) == "a list, each text"
    assert matches(3, object)
