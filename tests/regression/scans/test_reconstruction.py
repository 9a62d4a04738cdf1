"""From a scan to values on its grid."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from fourierfield.errors import Interrupted
from fourierfield.operators import Circulant
from fourierfield.problems.scans import ScanProblem, forward_map, inner_problem, measurements
from fourierfield.regression.scans import Reconstruction, reconstruct
from fourierfield.regression.scans.adapt import LocalKernel

from .conftest import ct_scan, decibels, mri_scan, phantom, stationary


def solved(scan, **choices) -> Reconstruction:  # type: ignore[no-untyped-def]
    return reconstruct(ScanProblem(scan, None), stationary(scan), **choices)


@pytest.mark.parametrize("scan", [ct_scan(32, 12), mri_scan(32, 0.35)], ids=["ct", "mri"])
def test_adapted_amplitudes_are_better_for_boxes(scan) -> None:  # type: ignore[no-untyped-def]
    by_start, adapted = (solved(scan, adapt=adapt) for adapt in (False, True))
    start, found = (decibels(one.parts[0].numpy(), phantom(32)) for one in (by_start, adapted))
    assert found > start + 4
    assert (by_start.adapted, adapted.adapted) == (False, True)
    assert isinstance(by_start.prior, Circulant)
    assert isinstance(adapted.prior, LocalKernel)


def test_a_field_of_complex_values() -> None:
    scan = mri_scan(24, 0.6)
    turned = replace(scan, samples=(0.6 + 0.8j) * scan.samples, real=False, truth=None)
    found = solved(turned).parts
    assert found.shape == (2, 24, 24)
    assert decibels(found[0].numpy(), 0.6 * phantom(24)) > 28
    assert decibels(found[1].numpy(), 0.8 * phantom(24)) > 28


@pytest.mark.parametrize("adapt", [True, False])
def test_noise_makes_the_ridge_larger(adapt: bool) -> None:
    quiet, loud = (solved(ct_scan(24, 16, noise), adapt=adapt).ridge for noise in (0.0, 0.3))
    assert loud >= 9.9 * quiet


def test_no_ridge_that_was_tried_is_better_by_more_than_a_hundredth() -> None:
    told: list[int] = []
    found = solved(ct_scan(24, 12, 0.05), report=told.append)
    assert told == list(range(1, len(found.tried) + 1))
    (chosen,) = [one for one in found.tried if (one.adapted, one.ridge) == (found.adapted, found.ridge)]
    assert 0.99 * chosen.error <= min(one.error for one in found.tried)
    by_start = [one.ridge for one in found.tried if not one.adapted]
    assert by_start[0] == 0.1
    assert len(set(by_start)) == len(by_start) >= 2
    assert any(one.adapted for one in found.tried)


def test_errors_are_those_of_what_was_not_seen() -> None:
    scan = ct_scan(16, 12, 0.02)
    start, problem = stationary(scan), ScanProblem(scan, None)
    found = reconstruct(problem, start, adapt=False, seed=4)
    inner = inner_problem(problem, 4)
    assert inner.held_out is not None
    for tried in found.tried:
        again = reconstruct(inner, start, adapt=False, ridge=tried.ridge)
        wanted = measurements(inner.held_out)
        off = forward_map(inner.held_out) @ again.parts.reshape(-1) - wanted
        assert tried.error == pytest.approx(float(off.norm() / wanted.norm()))


def test_absorption_is_never_negative() -> None:
    scan = ct_scan(24, 8, 0.1)
    found = solved(scan, adapt=False, ridge=1e-3)
    assert float(found.parts.min()) == 0
    assert float(found.last.mean.min()) < 0


def test_a_given_ridge_is_taken() -> None:
    for adapt in (True, False):
        found = solved(ct_scan(16, 8), ridge=0.02, adapt=adapt)
        assert (found.ridge, found.tried, found.adapted) == (0.02, (), adapt)


def test_the_same_seed_gives_the_same_bits() -> None:
    scan = ct_scan(16, 14, 0.1)
    one, same, other = (solved(scan, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(one.parts, same.parts)
    assert one.tried == same.tried
    assert [t.error for t in one.tried] != [t.error for t in other.tried]


def test_it_may_be_stopped() -> None:
    asked = iter(range(100))

    def watch(step: int, error: float) -> None:
        if next(asked) == 40:
            raise Interrupted(2, step, None)

    with pytest.raises(Interrupted):
        solved(ct_scan(16, 8), watch=watch)
    assert next(asked) == 41


@pytest.mark.parametrize("angles", [2, 3])
def test_few_projections(angles: int) -> None:
    found = solved(ct_scan(16, angles))
    assert bool(found.parts.isfinite().all())
    assert decibels(found.parts[0].numpy(), phantom(16)) > 10


def test_the_ridge_for_k_space_does_not_hang_on_the_seed() -> None:
    """Whichever places are kept back to choose it by: the strong ones in the middle never are."""
    scan = mri_scan(40, 0.3)
    found = [decibels(solved(scan, seed=seed).parts[0].numpy(), phantom(40)) for seed in range(5)]
    assert max(found) - min(found) < 2
    assert min(found) > decibels(solved(scan, ridge=1e-3).parts[0].numpy(), phantom(40)) - 2
