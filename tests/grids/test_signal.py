"""Signals on a grid: which values are refused, and which samples are present."""

from __future__ import annotations

import numpy as np
import pytest

from fourierfield.errors import SignalError
from fourierfield.grids._domain import Domain
from fourierfield.grids._sample_format import SampleFormat
from fourierfield.grids._signal import GridSignal


def signal(values: np.ndarray) -> GridSignal:
    return GridSignal(values, Domain.of_samples((3, 4)), "image", SampleFormat("float32"), "a.npy")


def test_a_sample_is_present_if_one_of_its_channels_is() -> None:
    values = np.zeros((3, 4, 2), np.float32)
    values[0, 1] = np.nan
    values[2, 3, 0] = np.nan
    found = signal(values)
    assert np.argwhere(~found.present).tolist() == [[0, 1]]
    assert (found.shape, found.channels, found.grid.size) == ((3, 4), 2, 12)
    assert found.description.shape == found.shape


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (np.zeros((3, 4)), "1 axes of samples on a domain of 2 axes"),
        (np.zeros((3, 4, 0)), "no samples"),
        (np.full((3, 4, 1), np.nan), "nothing but missing"),
        (np.full((3, 4, 1), -np.inf), "infinite values"),
    ],
)
def test_values_that_cannot_be_fitted_are_refused(values: np.ndarray, reason: str) -> None:
    with pytest.raises(SignalError, match=rf"^a\.npy.*{reason}"):
        signal(values)
