"""Directed detail: none in random fields, much along edges."""

from __future__ import annotations

import numpy as np
import pytest

from fourierfield.forecast._structure import directed_detail


def edges(side: int = 64) -> np.ndarray:
    """Sharp slanted edges of several directions."""
    y, x = np.mgrid[0:side, 0:side] / side
    return (np.sin(9 * np.arctan2(y - 0.4, x - 0.3) + 14 * np.hypot(y, x)) > 0).astype(float)


def random_field(shape: tuple[int, ...], power: float, seed: int = 0) -> np.ndarray:
    spectrum = np.fft.fftn(np.random.default_rng(seed).standard_normal(shape))
    frequency = np.sqrt(sum(f**2 for f in np.meshgrid(*[np.fft.fftfreq(n, 1 / n) for n in shape], indexing="ij")))
    return np.fft.ifftn(spectrum * (1 + frequency) ** -power).real


@pytest.mark.parametrize("power", [0.0, 1.0, 2.0])
@pytest.mark.parametrize("shape", [(64, 64), (4096,), (24, 24, 24)])
def test_random_fields_have_none(shape: tuple[int, ...], power: float) -> None:
    assert directed_detail(random_field(shape, power)) < 0.4


def test_edges_have_it_and_keep_it_under_affine_maps() -> None:
    found = directed_detail(edges())
    assert found > 0.8
    assert directed_detail(3.0 * edges() - 7.0) == pytest.approx(found, rel=1e-6)
    assert directed_detail(edges().T) == pytest.approx(found, rel=1e-6)


def test_few_missing_samples_hardly_matter() -> None:
    values = edges()
    values[np.random.default_rng(0).random(values.shape) < 0.01] = np.nan
    assert directed_detail(values) == pytest.approx(directed_detail(edges()), abs=0.7)


@pytest.mark.parametrize("values", [np.zeros((40, 40)), np.ones(3), np.full((40, 40), np.nan), np.zeros((64, 64))])
def test_where_there_is_nothing_to_see_it_is_zero(values: np.ndarray) -> None:
    assert directed_detail(values) == 0.0
