"""From a scan to values on its grid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from fourierfield.errors import Interrupted, SettingsError
from fourierfield.kinds.scans._judging import Unseen
from fourierfield.kinds.scans._kspace import KSpaceSignal
from fourierfield.kinds.scans._local import LocalFit, LocalSolver
from fourierfield.kinds.scans._posterior import Posterior, PosteriorSolver
from fourierfield.kinds.scans._problem import Scan, ScanProblem, forward_map, inner_problem, measurements
from fourierfield.kinds.scans._reconstruction import Reconstruction, Tried, reconstruct
from fourierfield.kinds.scans._sinogram import SinogramSignal

from .conftest import KINDS, box_phantom, ct_scan, decibels, measuring, mri_scan, of_boxes, stationary, tiny_scan


def solved(scan: Scan, **choices) -> Reconstruction:  # type: ignore[no-untyped-def]
    return reconstruct(ScanProblem(scan, None), [stationary(scan)], **choices)


@pytest.mark.parametrize("scan", [ct_scan(32, 12), mri_scan(32, 0.35)], ids=["ct", "mri"])
def test_adapted_amplitudes_are_better_for_boxes(scan: Scan) -> None:
    by_start, adapted = (solved(scan, adapt=adapt) for adapt in (False, True))
    start, found = (decibels(one.parts[0].numpy(), box_phantom(32)) for one in (by_start, adapted))
    assert found > start + 10
    assert (by_start.adapted, adapted.adapted) == (False, True)
    assert isinstance(by_start.fit, Posterior)
    assert isinstance(adapted.fit, LocalFit)


def test_a_kernel_that_is_the_same_everywhere_stays_where_it_foretells_more() -> None:
    """Of CT of a draw from it."""
    scan = ct_scan(24, 20)
    drawn = stationary(scan, 1.0).draw(1, torch.Generator().manual_seed(0))[:, 0]
    smooth = measuring(scan, forward_map(scan) @ (10 + drawn))
    found = solved(smooth)
    assert not found.adapted
    assert isinstance(found.fit, Posterior)
    assert {one.adapted for one in found.tried} == {True, False}
    best = min(found.tried, key=lambda one: one.verdict)
    assert not best.adapted


def test_a_field_of_complex_values() -> None:
    scan = mri_scan(24, 0.6)
    turned = replace(scan, samples=(0.6 + 0.8j) * scan.samples, real=False, truth=None)
    found = solved(turned).parts
    assert found.shape == (2, 24, 24)
    assert decibels(found[0].numpy(), 0.6 * box_phantom(24)) > 28
    assert decibels(found[1].numpy(), 0.8 * box_phantom(24)) > 28


@pytest.mark.parametrize("adapt", [True, False])
def test_noise_makes_the_ridge_larger(adapt: bool) -> None:
    quiet, loud = (solved(ct_scan(16, 12, noise), adapt=adapt).fit.ridge for noise in (0.0, 0.3))
    assert loud > 3 * quiet


@pytest.mark.parametrize("scan", [ct_scan(24, 12, 0.05), mri_scan(32, 0.5, 0.1)], ids=["ct", "mri"])
def test_the_nearest_of_all_that_were_tried_is_chosen(scan: Scan) -> None:
    """Sparser or not; of k-space a kernel that is the same everywhere is not among them."""
    told: list[int] = []
    found = solved(scan, report=told.append)
    assert told == list(range(1, len(found.tried) + 1))
    chosen = found.chosen
    assert chosen is not None
    assert 0.99 * chosen.verdict <= min(one.verdict for one in found.tried)
    by_start = [one.ridge for one in found.tried if one.sparsity is None]
    assert by_start[:1] == ([0.1] if scan.kind == "ct" else [])
    assert len(set(by_start)) == len(by_start)
    for sparsity in (1.0, 0.5):
        ridges = [one.ridge for one in found.tried if one.sparsity == sparsity]
        assert len(set(ridges)) == len(ridges) >= 1


@pytest.mark.parametrize("adapt", [True, False])
@pytest.mark.parametrize("scan", [ct_scan(16, 12, 0.02), mri_scan(16, 0.7, 0.02)], ids=["ct", "mri"])
def test_what_was_chosen_is_what_is_fitted(scan: Scan, adapt: bool) -> None:
    found = solved(scan, adapt=adapt)
    chosen = found.chosen
    assert isinstance(chosen, Tried)
    assert (chosen.ridge, chosen.adapted) == (found.fit.ridge, found.adapted)
    if isinstance(found.fit, LocalFit):
        assert chosen.sparsity == found.fit.sparsity
    else:
        assert chosen.sparsity is None
        again = PosteriorSolver(scan, stationary(scan)).fit(found.fit.ridge)
        assert torch.equal(again.parts, found.parts)
    assert torch.equal(found.parts, found.fit.parts)


def test_errors_are_those_of_what_was_not_seen() -> None:
    scan = ct_scan(16, 12, 0.02)
    start, problem = stationary(scan), ScanProblem(scan, None)
    found = reconstruct(problem, [start], adapt=False, seed=4)
    inner = inner_problem(problem, 4)
    assert inner.held_out is not None
    wanted = measurements(inner.held_out)
    for tried in found.tried:
        again = reconstruct(inner, [start], adapt=False, ridge=tried.ridge)
        off = forward_map(inner.held_out) @ again.parts.reshape(-1) - wanted
        assert tried.error == pytest.approx(float(off.norm() / wanted.norm()))
        assert tried.distance == pytest.approx(Unseen(inner).errors(again.parts)[1])
        assert tried.verdict == pytest.approx((tried.error * tried.distance) ** 0.5)
        assert tried.size == pytest.approx(float(wanted.square().mean().sqrt()))


def test_of_several_kernels_the_one_that_foretells_best_is_taken() -> None:
    """And only that one is solved for all measurements."""
    scan = ct_scan(24, 14, 0.02)
    starts = [stationary(scan, scale) for scale in (0.5, 2.0, 6.0)]
    found = reconstruct(ScanProblem(scan, None), starts, adapt=False)
    chosen = found.chosen
    assert chosen is not None
    assert chosen.start is not None
    assert [one.start for one in found.tried] == sorted(one.start or 0 for one in found.tried)
    assert {one.start for one in found.tried} == {0, 1, 2}
    again = PosteriorSolver(scan, starts[chosen.start]).fit(chosen.ridge)
    assert torch.equal(again.parts, found.parts)
    alone = [reconstruct(ScanProblem(scan, None), [one], adapt=False).chosen for one in starts]
    assert chosen.verdict == min(one.verdict for one in alone if one)


def test_absorption_is_never_negative() -> None:
    scan = ct_scan(24, 8, 0.1)
    found = solved(scan, adapt=False, ridge=1e-3)
    assert float(found.parts.min()) == 0
    assert isinstance(found.fit, Posterior)
    assert float(found.fit.mean.min()) < 0
    assert float(solved(scan).parts.min()) == 0


def test_a_given_ridge_is_taken() -> None:
    for adapt in (True, False):
        found = solved(ct_scan(16, 8), ridge=0.02, adapt=adapt)
        assert (found.fit.ridge, found.tried, found.adapted) == (0.02, (), adapt)
        assert found.chosen is None


def test_a_given_ridge_is_solved_to_the_end() -> None:
    scan = mri_scan(16, 0.6)
    found = solved(scan, ridge=0.02)
    assert isinstance(found.fit, LocalFit)
    assert found.fit.sparsity == 1.0
    solver = LocalSolver(scan, lambda step, change: None)
    assert torch.equal(found.parts, solver.final(solver.fit(0.02)).parts)


def test_the_same_seed_gives_the_same_bits() -> None:
    scan = ct_scan(12, 8, 0.1)
    one, same, other = (solved(scan, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(one.parts, same.parts)
    assert one.tried == same.tried
    assert [t.error for t in one.tried] != [t.error for t in other.tried]


@pytest.mark.parametrize("at", [40, 400])
def test_it_may_be_stopped(at: int) -> None:
    """In the solves of either kernel."""
    asked = iter(range(10_000))

    def watch(step: int, error: float) -> None:
        if next(asked) == at:
            raise Interrupted(2, step, None)

    with pytest.raises(Interrupted):
        solved(ct_scan(16, 8), watch=watch)
    assert next(asked) == at + 1


@pytest.mark.parametrize("angles", [2, 3])
def test_few_projections(angles: int) -> None:
    found = solved(ct_scan(16, angles))
    assert bool(found.parts.isfinite().all())
    assert decibels(found.parts[0].numpy(), box_phantom(16)) > 10


def test_a_single_projection_needs_a_ridge() -> None:
    scan = ct_scan(16, 1)
    with pytest.raises(SettingsError, match="single projection"):
        solved(scan)
    assert bool(solved(scan, ridge=0.01).parts.isfinite().all())


def test_the_ridge_for_k_space_does_not_hang_on_the_seed() -> None:
    """Whichever places are kept back to choose it by: the strong ones in the middle never are."""
    scan = mri_scan(40, 0.3)
    found = [decibels(solved(scan, seed=seed).parts[0].numpy(), box_phantom(40)) for seed in range(5)]
    assert min(found) > 40
    assert min(found) > decibels(solved(scan, ridge=1e-3).parts[0].numpy(), box_phantom(40)) - 2


@pytest.mark.parametrize("kind", KINDS)
def test_scans_of_every_kind(kind: str) -> None:
    scan = of_boxes(tiny_scan(kind), 0.02)
    found = solved(scan)
    assert found.parts.shape == (scan.channels, *scan.image_shape)
    assert bool(found.parts.isfinite().all())
    off = forward_map(scan) @ found.parts.reshape(-1) - measurements(scan)
    assert float(off.norm() / measurements(scan).norm()) < 0.3
    magnitude = found.parts.square().sum(0).sqrt()
    assert decibels(magnitude.numpy(), box_phantom(scan.image_shape[-1])) > 13


def test_coils_are_better_than_one_of_them() -> None:
    """Of every second line."""
    n = 16
    y, x = np.mgrid[:n, :n] / n
    maps = np.stack([np.exp(-2 * (y - a) ** 2 - 2 * (x - b) ** 2) for a, b in ((0, 0), (0, 1), (1, 0), (1, 1))])
    maps = (maps / np.sqrt((maps**2).sum(0))).astype(np.complex64)
    mask = np.zeros((n, n), dtype=bool)
    mask[::2] = True
    places = np.argwhere(mask).astype(float) - n // 2
    scan = KSpaceSignal(np.ones((4, len(places)), np.complex64), places, (n, n), maps=maps)
    image = torch.from_numpy(box_phantom(n)).reshape(-1)
    whole = measuring(scan, forward_map(scan) @ torch.cat([image, 0 * image]))
    assert isinstance(whole, KSpaceSignal)
    first = replace(whole, samples=whole.samples[:1], maps=maps[:1])
    by_all, by_one = (decibels(solved(one).parts[0].numpy(), box_phantom(n)) for one in (whole, first))
    assert by_all > 30
    assert by_all > by_one + 5


@pytest.mark.parametrize("adapt", [True, False])
def test_projections_of_nothing_give_nothing(adapt: bool) -> None:
    scan = ct_scan(12, 8)
    found = solved(measuring(scan, torch.zeros_like(measurements(scan))), adapt=adapt)
    assert not found.parts.any()
    assert all(one.error == 0 for one in found.tried)


@pytest.mark.parametrize("real", [True, False])
@pytest.mark.parametrize("level", [0.0, 3.0])
def test_k_space_of_a_constant_field_or_of_nothing(real: bool, level: float) -> None:
    """What is kept back is nothing but zeros."""
    scan = replace(mri_scan(12, 1.0), real=real, truth=None)
    image = torch.full((scan.channels, 12, 12), level, dtype=torch.float64)
    found = solved(measuring(scan, forward_map(scan) @ image.reshape(-1)))
    assert torch.allclose(found.parts, image, atol=0.05)
    assert all(np.isfinite([one.error, one.distance, one.verdict]).all() for one in found.tried)


def test_missing_rays_are_filled_in() -> None:
    """Those of one detector element, as of a ring."""
    scan = ct_scan(24, 20)
    values = scan.projections.copy()
    values[:, 0, 9] = np.nan
    found = solved(SinogramSignal(values, scan.geometry))
    assert decibels(found.parts[0].numpy(), box_phantom(24)) > 25
