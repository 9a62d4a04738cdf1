"""What does not fit in memory is refused before it is tried."""

from __future__ import annotations

import math
import re
from types import SimpleNamespace

import psutil
import pytest
import torch

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.errors import TooLargeError
from fourierfield.grids._domain import Domain
from fourierfield.problems._grid import GridSamples
from fourierfield.problems._points import PointSamples, Samples
from fourierfield.regression._effort import check_kernel_memory, kernel_bytes
from fourierfield.regression._spec import KernelSpec


def points(count: int, d: int, channels: int = 1) -> Samples:
    return PointSamples(torch.zeros(count, d), torch.zeros(count, channels))


def pixels(side: int, channels: int = 1, gaps: bool = False) -> Samples:
    flat = torch.arange(side**2)[: -side - 3 if gaps else None]
    return GridSamples(Domain.of_samples((side, side)).grid((side, side)), flat, torch.zeros(len(flat), channels))


def test_more_takes_more() -> None:
    """Dense matrices by the square of the points; gaps and channels cost extra."""
    assert kernel_bytes(points(2000, 5)) == pytest.approx(4 * kernel_bytes(points(1000, 5)))
    assert kernel_bytes(points(40_000, 2)) < 0.1 * kernel_bytes(points(40_000, 5))
    assert kernel_bytes(points(40_000, 2, 3)) > kernel_bytes(points(40_000, 2))
    assert kernel_bytes(pixels(128, 3)) > kernel_bytes(pixels(128)) > kernel_bytes(pixels(64))
    assert kernel_bytes(pixels(128, gaps=True)) > kernel_bytes(pixels(128))


@pytest.mark.parametrize(("samples", "words"), [(points(50_000, 2), "50,000 points"), (pixels(256), "65,536 samples")])
def test_what_does_not_fit_is_refused_with_numbers(
    samples: Samples, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what is then asked for fits."""
    check_kernel_memory(samples)
    free = SimpleNamespace(available=kernel_bytes(samples))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: free)
    with pytest.raises(TooLargeError, match=words) as refusal:
        check_kernel_memory(samples)
    found = re.search(r"give ([\d,]+) or fewer", str(refusal.value))
    assert found is not None
    assert 0 < int(found[1].replace(",", "")) < len(samples)
    free.available *= 2
    check_kernel_memory(samples)


def test_a_kernel_that_reaches_far_takes_more_on_a_grid() -> None:
    """Its table is not cut short, and the grid is padded to twice its size along each axis."""
    near, far = (KernelSpec(EncodingSpec("gaussian", bandwidth)).kernel(2) for bandwidth in (60.0, 0.5))
    samples = pixels(256)
    assert kernel_bytes(samples) < kernel_bytes(samples, near) < kernel_bytes(samples, far)
    assert kernel_bytes(samples, far) - kernel_bytes(samples) == pytest.approx(16 * (511**2 - 256**2), rel=0.01)


@pytest.mark.parametrize(("shape", "peak"), [((1200, 1200), 466e6), ((2200, 2200), 850e6), ((144, 144, 144), 933e6)])
def test_the_estimate_is_what_was_measured(shape: tuple[int, ...], peak: float) -> None:
    """The peaks are of whole fits, by ``ru_maxrss`` less that of a fit of some ten samples (docs/kernel.md)."""
    count = math.prod(shape)
    samples = GridSamples(Domain.of_samples(shape).grid(shape), torch.arange(count), torch.zeros(1).expand(count, 1))
    assert kernel_bytes(samples) == pytest.approx(peak, rel=0.2)
