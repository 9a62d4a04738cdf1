"""Which range of values counts as [0, 1], from the training samples alone."""

from __future__ import annotations

import numpy as np
import pytest

from fourierfield.grids._arrays import as_signal
from fourierfield.grids._splits import GridHoldOut
from fourierfield.kinds.audio._sound import as_audio
from fourierfield.networks._values import ValueRange
from fourierfield.problems._grid import grid_problem


def value_range(array: np.ndarray) -> ValueRange:
    return grid_problem(as_signal(array)).value_range


def test_eight_bits_span_their_nominal_range_even_in_the_dark() -> None:
    assert value_range(np.full((4, 4), 3, dtype=np.uint8)) == ValueRange()


@pytest.mark.parametrize(("highest", "peak"), [(4000, 4095), (65535, 65535), (100, 255), (1023, 1023)])
def test_deeper_integers_span_the_bits_that_they_use(highest: int, peak: int) -> None:
    image = np.zeros((4, 4), dtype=np.uint16)
    image[0, 0] = highest
    assert value_range(image) == ValueRange(0.0, peak / 65535)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 1.0, (0.0, 1.0)),
        (0.2, 0.9, (0.0, 1.0)),
        (0.0, 0.01, (0.0, 0.01)),
        (-5.0, 3.0, (-5.0, 8.0)),
        (7.0, 7.0, (7.0, 1.0)),
    ],
)
def test_floats_span_the_unit_interval_or_their_own_range(low: float, high: float, expected: tuple) -> None:
    image = np.full((4, 4), low)
    image[0, 0] = high
    found = value_range(image)
    assert (found.offset, found.peak) == pytest.approx(expected)


def test_held_out_values_do_not_set_the_range() -> None:
    image = np.zeros((4, 4))
    image[::2, ::2] = np.linspace(-1, 1, 4).reshape(2, 2)
    image[1, 1] = 1000.0
    problem = grid_problem(as_signal(image), GridHoldOut())
    assert (problem.value_range.offset, problem.value_range.peak) == (-1.0, 2.0)
    assert problem.training.values.min() == 0
    assert problem.training.values.max() == 1


@pytest.mark.parametrize("values", [[0.1, -0.5], [0.5, 0.5], [-0.5, -0.1], [0.5, np.nan]])
def test_audio_is_symmetric_about_silence(values: list[float]) -> None:
    problem = grid_problem(as_audio(np.array(values), 8000))
    assert problem.value_range == ValueRange(-0.5, 1.0)
    assert problem.value_range.normalise(0.0) == 0.5


def test_silence_and_what_is_held_out_of_audio() -> None:
    assert grid_problem(as_audio(np.zeros(5), 8000)).value_range == ValueRange(-1.0, 2.0)
    loud_between = np.array([0.25, 0.9, -0.1, 0.9])
    assert grid_problem(as_audio(loud_between, 8000), GridHoldOut()).value_range == ValueRange(-0.25, 0.5)
