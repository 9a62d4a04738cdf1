"""Likelihood given near samples: with all that come before it is the whole one."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.problems._points import PointSamples
from fourierfield.regression import _evidence as near
from fourierfield.regression._evidence import NearEvidence, Scatter, WholeEvidence, axis_scale
from fourierfield.regression._spec import KernelSpec

NTK = KernelSpec(EncodingSpec("gaussian", 1.5))
RIDGES = (1e-3, 0.1, 1.0)


def drawn(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return (
        torch.rand(count, 2, dtype=torch.float64, generator=generator),
        torch.randn(count, 2, dtype=torch.float64, generator=generator),
    )


@pytest.mark.parametrize("weighted", [False, True])
def test_of_samples_with_all_before_them_it_is_the_whole_likelihood(
    weighted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near, "_AROUND", {2: 40})
    places, values = drawn(40)
    weights = torch.linspace(0.5, 2.0, 40, dtype=torch.float64) if weighted else None
    found = NearEvidence(places, values, weights).judge(NTK, RIDGES)
    whole = WholeEvidence(PointSamples(places, values, weights), values, Scatter.none(2)).judge(NTK, RIDGES)
    np.testing.assert_allclose(np.diff([one.score for one in found]), np.diff([one.score for one in whole]), atol=1e-9)
    assert [(one.spec, one.ridge) for one in found] == [(NTK, ridge) for ridge in RIDGES]


def test_freedom_falls_from_all_to_nothing() -> None:
    places, values = drawn(300)
    shares = [one.freedom for one in NearEvidence(places, values, None).judge(NTK, (1e-9, 0.1, 1.0, 1e4))]
    assert shares[0] == pytest.approx(1, abs=1e-5)
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] < 1e-3


def test_some_samples_are_enough() -> None:
    places, values = drawn(900)
    few, many = (NearEvidence(places, values, None, some=n) for n in (200, 900))
    assert (few.count, many.count) == (200, 900)
    assert few.judge(NTK, [0.1])[0].score == pytest.approx(many.judge(NTK, [0.1])[0].score, abs=0.1)


def test_drawn_frequencies_are_judged_like_their_law() -> None:
    """By fewer samples, but of all scales."""
    evidence = NearEvidence(*drawn(600), None)
    (few,) = evidence.judge(KernelSpec(EncodingSpec("gaussian", 1.5, 600)), [0.01])
    (law,) = evidence.judge(NTK, [0.01])
    assert few.score == pytest.approx(law.score, abs=0.1)


def test_near_is_near_for_the_kernel() -> None:
    assert axis_scale(NTK, 3).tolist() == [1.0, 1.0, 1.0]
    assert axis_scale(KernelSpec(EncodingSpec("gaussian", (1.0, 4.0))), 2).tolist() == [0.25, 1.0]
