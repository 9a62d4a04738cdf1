"""Affines of volumes: where samples lie in millimetres, and which headers are refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fourierfield.errors import SettingsError, SignalError
from fourierfield.grids._arrays import as_video, as_volume, checked_affine, resampled_affine, voxel_sizes
from fourierfield.grids._domain import Grid

AFFINE = np.array([[0.0, -2.0, 0.1, 5.0], [1.5, 0.0, 0.0, -7.0], [0.0, 0.2, 3.0, 1.0], [0.0, 0.0, 0.0, 1.0]])


@settings(max_examples=40)
@given(*[st.tuples(*[st.integers(1, 9)] * 3)] * 2, st.tuples(*[st.floats(0.1, 2.0)] * 3))
def test_points_stay_at_the_same_millimetres(own: tuple, new: tuple, upper: tuple) -> None:
    """A coordinate has the same place by the affine of either grid."""
    first = Grid((0.0,) * 3, (1.0, 0.5, 0.25), own)
    second = Grid((-0.1, 0.0, 0.05), upper, new)
    moved = resampled_affine(AFFINE, first, second)
    coordinates = np.array([0.3, 0.1, 0.2])
    places = []
    for affine, grid in ((AFFINE, first), (moved, second)):
        index = (coordinates - np.array(grid.origin)) / np.array(grid.spacing)
        places.append(affine @ [*index, 1.0])
    np.testing.assert_allclose(places[0], places[1], atol=1e-9)


def test_the_spacing_of_a_volume_is_that_of_its_affine() -> None:
    signal = as_volume(np.zeros((4, 5, 6)), affine=AFFINE)
    np.testing.assert_allclose(signal.domain.extent, np.array([4, 5, 6]) * voxel_sizes(AFFINE))
    assert signal.domain.units == ("mm",) * 3


@pytest.mark.parametrize(
    ("affine", "reason"),
    [
        (np.eye(3), "not a 4×4 matrix"),
        (np.full((4, 4), np.nan), "finite numbers"),
        (np.diag([1.0, 0.0, 1.0, 1.0]), "singular"),
        (np.array([[1.0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1]]), "singular"),
    ],
)
def test_affines_without_a_volume_are_refused(affine: np.ndarray, reason: str) -> None:
    with pytest.raises(SignalError, match=reason):
        checked_affine(affine, "a.nii")


def test_what_is_no_film_is_refused() -> None:
    assert as_video(np.zeros((6, 4, 5))).domain.units == ("frame", "px", "px")
    with pytest.raises(SignalError, match="a film must be"):
        as_video(np.zeros((4, 5)))
    with pytest.raises(SettingsError, match="frames per second"):
        as_video(np.zeros((6, 4, 5)), rate=0)
