"""A small phantom, and fits of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fourierfield.fitting import FitEvents, FitOutcome, FitSettings, run_fit


def phantom(n: int = 32) -> np.ndarray:
    """8 bits: an ellipse with things in it."""
    y, x = (np.mgrid[:n, :n] - (n - 1) / 2) / (n / 2)
    image = 0.4 * ((x / 0.7) ** 2 + (y / 0.9) ** 2 < 1) + 0.4 * ((x - 0.2) ** 2 + (y + 0.3) ** 2 < 0.04)
    image += 0.2 * ((np.abs(x + 0.2) < 0.2) & (np.abs(y - 0.3) < 0.15))
    return np.round(255 * image).astype(np.uint8)


def kspace_of(image: np.ndarray, step: int = 2) -> np.ndarray:
    """Centred k-space of a complex image, every ``step``-th line outside of the middle zero."""
    found = np.fft.fftshift(np.fft.fft2(np.fft.ifftshift(image), norm="ortho"))
    n = len(image)
    kept = (np.arange(n) % step == 0) | (np.abs(np.arange(n) - n // 2) < n // 8)
    return np.asarray(found * kept[:, None])


def fit(source: Any, events: FitEvents | None = None, **choices: Any) -> FitOutcome:
    return run_fit(source, FitSettings().changed(**choices), events)


@pytest.fixture(scope="session")
def ct_outcome() -> FitOutcome:
    return fit(phantom(), simulate="ct:16", hold_out="grid")


@pytest.fixture(scope="session")
def mri_outcome() -> FitOutcome:
    return fit(phantom(), simulate="mri:0.4", hold_out="random:0.1")
