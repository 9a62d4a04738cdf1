"""The structural similarity of pictures."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.metrics import structural_similarity

from fourierfield.grids._arrays import as_signal
from fourierfield.grids._splits import NoHoldOut
from fourierfield.kinds.images._kind import ImageKind
from fourierfield.networks._field import NetworkField
from fourierfield.problems._grid import grid_problem


def picture(peak: float) -> np.ndarray:
    return (peak * np.random.default_rng(0).random((12, 20, 3))).astype(np.float32)


@pytest.mark.parametrize("peak", [1.0, 300.0])
def test_it_is_that_of_the_whole_picture_in_its_range(small_field: NetworkField, peak: float) -> None:
    signal = as_signal(picture(peak))
    problem = grid_problem(signal, NoHoldOut())
    found = ImageKind().kind_scores(signal)(small_field, problem, {}, 1)
    drawn = small_field.sample(signal.grid)
    expected = structural_similarity(drawn, picture(peak), data_range=problem.value_range.common[1], channel_axis=-1)
    assert found == {"ssim": pytest.approx(expected, rel=1e-5)}


def test_large_pictures_and_those_with_gaps_have_none(
    small_field: NetworkField, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = picture(1.0)
    values[3, 4] = np.nan
    signal = as_signal(values)
    assert ImageKind().kind_scores(signal)(small_field, grid_problem(signal, NoHoldOut()), {}, 1) == {"ssim": None}
    whole = as_signal(picture(1.0))
    monkeypatch.setattr("fourierfield.kinds.images._kind._MOST", 12 * 20 - 1)
    monkeypatch.setattr(small_field, "sample", lambda grid: pytest.fail("it was drawn"))
    assert ImageKind().kind_scores(whole)(small_field, grid_problem(whole, NoHoldOut()), {}, 1) == {"ssim": None}
