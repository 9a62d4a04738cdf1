"""A smooth disc, and scans of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from fourierfield.signals.scans import Geometry, KSpaceSignal, SinogramSignal
from fourierfield.signals.scans.line_integrals import line_integrals

Disc = Callable[..., np.ndarray]
DiscScan = Callable[..., SinogramSignal]


@pytest.fixture
def disc() -> Disc:
    """``disc(n)``: 1 within a circle above and to the right of the middle of n×n pixels, falling off over one."""

    def draw(n: int) -> np.ndarray:
        along = np.arange(n) - (n - 1) / 2
        away = np.hypot(along[:, None] + 0.12 * n, along - 0.2 * n)
        return np.asarray(1 / (1 + np.exp(3 * (away - 0.12 * n))))

    return draw


@pytest.fixture
def disc_scan(disc: Disc) -> DiscScan:
    """``disc_scan(n, angles, …)``: line integrals of the disc, with the words of ``Geometry``."""

    def scan(n: int, angles: np.ndarray, **geometry: Any) -> SinogramSignal:
        rays = Geometry(angles, n, **geometry)
        return SinogramSignal(line_integrals(disc(n), rays)[:, None].astype(np.float32), rays)

    return scan


@pytest.fixture
def coil_scan(disc: Disc) -> Callable[..., KSpaceSignal]:
    """``coil_scan(mask)``: what coils at the four corners see of discs, with their true sensitivities as ``maps``."""

    def scan(mask: np.ndarray) -> KSpaceSignal:
        n = len(mask)
        image = 0.5 + disc(n) + np.rot90(disc(n))
        y, x = np.mgrid[:n, :n] / n - 0.5
        corners = [(-0.6, -0.6), (-0.6, 0.6), (0.6, -0.6), (0.6, 0.6)]
        maps = np.stack(
            [
                np.exp(-((y - a) ** 2 + (x - b) ** 2)) * np.exp(1j * (2 * b * y - a * x + 0.5 * c))
                for c, (a, b) in enumerate(corners)
            ]
        )
        maps /= np.sqrt((np.abs(maps) ** 2).sum(0))
        kspace = np.fft.fftshift(np.fft.fftn(np.fft.ifftshift(maps * image, (1, 2)), axes=(1, 2), norm="ortho"), (1, 2))
        places = np.argwhere(mask) - n // 2
        return KSpaceSignal(
            kspace[:, mask].astype(np.complex64), places.astype(float), (n, n), maps=maps.astype(np.complex64)
        )

    return scan
