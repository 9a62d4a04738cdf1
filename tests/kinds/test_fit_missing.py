"""Parts taken for missing are not seen by a fit."""

from __future__ import annotations

import numpy as np
import pytest

from fourierfield.errors import SettingsError
from fourierfield.grids._arrays import as_signal
from fourierfield.kinds._fit import run_fit, without
from fourierfield.kinds.tables._read import as_points
from fourierfield.tasks._settings import FitSettings


def test_a_fit_does_not_see_what_is_missing() -> None:
    clean = np.random.default_rng(0).random((24, 24)).astype(np.float32)
    damaged = clean.copy()
    damaged[4:10, 6:12] = 0.9
    settings = FitSettings(missing=("4:10,6:12px",), steps=5, width=8, features=4, bandwidth=2.0)
    fields = [run_fit(image, settings).field for image in (clean, damaged)]
    points = np.random.default_rng(1).random((50, 2))
    np.testing.assert_array_equal(fields[0](points), fields[1](points))
    assert fields[0].record["missing"] == ["4:10,6:12px"]


def test_windows_add_up() -> None:
    signal = without(as_signal(np.ones((8, 8))), ("0:2,0:2px", "1:3,1:3px"))
    assert signal.present.sum() == 64 - 7


def test_windows_without_samples_and_signals_without_a_grid() -> None:
    with pytest.raises(SettingsError, match="no sample lies there"):
        without(as_signal(np.ones((8, 8))), ("0:0.01,:",))
    with pytest.raises(SettingsError, match="part of a grid"):
        without(as_points(np.random.default_rng(0).random((9, 2)), np.ones(9)), ("0:1",))
