"""Sums at some places of a large grid: cut out of one FFT, the same as those by waves or term by term."""

from __future__ import annotations

import pytest
import torch

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.grids._domain import Domain
from fourierfield.grids._sample_format import SampleFormat
from fourierfield.grids._signal import SignalDescription
from fourierfield.networks._values import ValueRange
from fourierfield.problems._grid import GridSamples
from fourierfield.regression import _field
from fourierfield.regression._field import KernelField
from fourierfield.regression._spec import KernelSpec
from fourierfield.regression._weights import KernelWeights


@pytest.mark.parametrize("missing", [0, 7])
def test_scattered_samples_of_a_large_grid_are_cut_out(missing: int, monkeypatch: pytest.MonkeyPatch) -> None:
    domain = Domain.of_samples((20, 30))
    alpha = torch.randn(600 - missing, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    samples = GridSamples(domain.grid((20, 30)), torch.arange(600 - missing), torch.zeros(600 - missing, 2))
    weights = KernelWeights(samples, alpha, torch.zeros(2, dtype=torch.float64), ridge=0.1, scale=torch.ones(2))
    source = SignalDescription("image", (20, 30), 2, SampleFormat("float32"))
    made = KernelField(KernelSpec(EncodingSpec("gaussian", 2.0)), weights, domain, ValueRange(), source)
    some = samples.at(torch.tensor([3, 50, 51, 400]))
    right = made.at(some)
    monkeypatch.setattr(_field, "_LARGE", 1)
    monkeypatch.setattr(_field, "_DENSE", 1)
    assert made._cut_out(some) is not None
    torch.testing.assert_close(made.at(some), right, rtol=1e-9, atol=1e-9)
    assert made.solution_error(samples.values.double()).shape == (2,)
