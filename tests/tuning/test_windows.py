"""Windows of a large signal: they lie inside it, spread evenly, and where samples are known."""

from __future__ import annotations

import itertools
import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fourierfield.grids._arrays import as_signal
from fourierfield.problems._grid import grid_problem
from fourierfield.tuning._windows import Cut, window_boxes


def size(box: tuple[slice, ...]) -> int:
    return math.prod(side.stop - side.start for side in box)


@settings(max_examples=40)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=3), st.integers(1, 6), st.integers(4, 200))
def test_windows_lie_inside_and_around_the_middle(shape: list[int], windows: int, most: int) -> None:
    boxes = window_boxes(np.ones(shape, dtype=bool), windows, most)
    assert 1 <= len(boxes) <= windows
    for box in boxes:
        assert all(0 <= side.start < side.stop <= n for side, n in zip(box, shape, strict=True))
        assert size(box) <= (1.5 if len(boxes) == 1 else 1) * most
    assert len({tuple((side.start, side.stop) for side in box) for box in boxes}) == len(boxes)
    for axis, n in enumerate(shape):  # spread evenly: the windows' middles are those of the grid, up to rounding
        middles = [(box[axis].start + box[axis].stop) / 2 for box in boxes]
        assert abs(sum(middles) / len(boxes) - n / 2) <= 0.5


def test_a_corner_of_known_samples_is_found() -> None:
    known = np.zeros((200, 200), dtype=bool)
    known[170:200, 170:200] = True
    (box,) = window_boxes(known, 4, 100)
    assert known[box].mean() > 0.2


def test_windows_hold_the_signal_s_own_values_up_to_a_rotation() -> None:
    """Squares about the centre are the same before and after; the detail is that of the whole."""
    rng = np.random.default_rng(0)
    problem = grid_problem(as_signal(rng.random((40, 40, 3)).astype(np.float32)))
    cut = Cut.of(problem, 4, 100)
    assert len(cut.boxes) == len(cut.parts) == 4
    assert cut.side_by_side.shape == (10, 10, 12)
    for box, part in zip(cut.boxes, cut.parts, strict=True):
        squares = [np.square(values - 0.5).sum(-1) for values in (cut.values[box], part)]
        np.testing.assert_allclose(*squares, atol=1e-5)
    for first, second in itertools.combinations(cut.boxes, 2):
        assert first != second
