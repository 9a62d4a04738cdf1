"""Kernels of amplitudes that vary from place to place, against dense matrices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from fourierfield.kinds.scans._local import LocalFit, LocalSolver, local_penalty
from fourierfield.kinds.scans._problem import Scan, forward_map, inner_problem, measurements, scan_problem
from fourierfield.kinds.scans._sinogram import SinogramSignal
from fourierfield.operators._cells import ValuesAndDetails

from .conftest import KINDS, ct_scan, local, measuring, mri_scan, of_boxes, tiny_scan

ROUNDS = {"real mri": 30, "complex mri": 30}  # of fewer steps


def ignore(step: int, change: float) -> None:
    """Nobody watches."""


def fitted(kind: str, sparsity: float) -> tuple[Scan, LocalFit]:
    scan = of_boxes(tiny_scan(kind), 0.05)
    return scan, local(scan, 1e-2, sparsity, ROUNDS.get(kind, 6))


def matrices(scan: Scan) -> tuple[Tensor, Tensor]:
    """A and W, of all parts."""
    analysis = ValuesAndDetails(scan.image_shape).to_dense()
    return forward_map(scan).to_dense(), torch.block_diag(*[analysis] * scan.channels)


def posterior(scan: Scan, fit: LocalFit) -> Tensor:
    """argmin ‖A f − y‖² + ‖√u W f‖², of CT among those that are nowhere negative."""
    from scipy.optimize import nnls

    forward, analysis = matrices(scan)
    u, y = fit.precisions().repeat(scan.channels), measurements(scan)
    if scan.kind == "ct":
        rows = torch.cat([forward, u.sqrt()[:, None] * analysis]).numpy()
        return torch.from_numpy(nnls(rows, torch.cat([y, torch.zeros_like(u)]).numpy(), maxiter=5000)[0])
    return torch.linalg.solve(forward.T @ forward + analysis.T @ (u[:, None] * analysis), forward.T @ y)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sparsity", [1.0, 0.5])
def test_the_field_is_the_posterior_mean_by_its_own_kernel(kind: str, sparsity: float) -> None:
    """(AᵀA + Wᵀ diag(u) W) f = Aᵀy, but for the floor of deviations; of CT, of the most likely field ≥ 0."""
    scan, found = fitted(kind, sparsity)
    exact = posterior(scan, found)
    assert (found.state.value - exact).norm() < 6e-3 * exact.norm()
    assert torch.equal(found.parts.reshape(-1), found.state.value)
    assert found.parts.shape == (scan.channels, *scan.image_shape)
    assert found.sparsity == sparsity
    if scan.kind == "ct":
        assert float(found.parts.min()) == 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sparsity", [1.0, 0.5])
def test_power_is_that_of_the_formula(kind: str, sparsity: float) -> None:
    """yᵀ(I + A K Aᵀ)⁻¹y/m; of CT that of the most likely field ≥ 0."""
    scan, found = fitted(kind, sparsity)
    forward, analysis = matrices(scan)
    u, y = found.precisions().repeat(scan.channels), measurements(scan)
    if scan.kind == "ct":
        exact = posterior(scan, found)
        power = (forward @ exact - y).square().sum() + (u * (analysis @ exact).square()).sum()
    else:
        kernel = torch.linalg.inv(analysis.T @ (u[:, None] * analysis))
        power = y @ torch.linalg.solve(torch.eye(len(y), dtype=torch.float64) + forward @ kernel @ forward.T, y)
    assert found.power == pytest.approx(float(power) / len(y), rel=0.01)


@pytest.mark.parametrize("sparsity", [1.0, 0.5])
def test_precisions_are_those_of_the_formula(scan: Scan, sparsity: float) -> None:
    """weight·w/|(W f)_g|, the same for all details of a cell and all parts of the field."""
    found = local(scan, 0.02, sparsity, 1)
    shape, n = scan.image_shape, int(np.prod(scan.image_shape))
    analysis = ValuesAndDetails(shape)
    bands = (analysis @ found.state.field).reshape(analysis.bands, n, scan.channels)
    u = found.precisions().reshape(analysis.bands, n)
    least = 1e-3 * float(found.state.field.abs().max())
    for group, size in ((u[:1], bands[:1].norm(dim=(0, 2))), (u[1:], bands[1:].norm(dim=(0, 2)))):
        w = found.amplitudes[0 if len(group) == 1 else 1].reshape(-1)
        assert torch.allclose(group, (found.weight * w / size.clamp_min(least)).expand_as(group))
    assert all((len(w.unique()) == 1) == (sparsity == 1) for w in found.amplitudes)


def test_values_of_ct_count_less_than_details() -> None:
    """A fifth: nothing but f ≥ 0 and the details keep them small."""
    of_ct, of_mri = (local(of_boxes(tiny_scan(kind)), 0.02, 1.0, 1).amplitudes for kind in ("ct", "real mri"))
    assert [float(w) for w in of_ct] == [0.2, 1.0]
    assert [float(w) for w in of_mri] == [1.0, 1.0]


def test_amplitudes_of_sparser_fields_are_powers_of_what_there_was() -> None:
    """1 where it is a tenth of the largest value, and larger where it is less."""
    scan = of_boxes(tiny_scan("real mri"))
    found = local(scan, 0.02, 0.5, 30)
    penalty = local_penalty(scan.image_shape)
    sizes = penalty.sizes((penalty.analysis @ found.state.field).reshape(4, 64, 1))
    peak = found.state.field.abs().max()
    for w, size in zip(found.amplitudes, sizes, strict=True):
        assert torch.allclose(w, ((size / peak + 0.01) / 0.1) ** -0.5, rtol=1e-3)


def test_sparser_fields_have_fewer_details() -> None:
    scan = of_boxes(mri_scan(16, 0.6), 0.1)
    details = []
    for sparsity in (1.0, 0.5):
        found = local(scan, 0.02, sparsity, 3)
        bands = local_penalty(scan.image_shape).analysis @ found.state.field
        details.append(int((bands[256:].abs() > 1e-3 * found.parts.max()).sum()))
    assert details[1] < 0.8 * details[0]


@pytest.mark.parametrize("kind", ["ct", "coils", "complex mri"])
def test_of_nothing_precisions_are_positive_and_finite(kind: str) -> None:
    scan = tiny_scan(kind)
    nothing = measuring(scan, torch.zeros_like(measurements(scan)))
    for sparsity in (1.0, 0.5):
        found = LocalSolver(nothing, ignore).fit(1e-3, sparsity)
        u = found.precisions()
        assert not found.parts.any()
        assert bool((u.isfinite() & (u > 0)).all())
        assert found.power == 0.0


def test_a_huge_ridge_leaves_nothing_but_precisions_are_finite(scan: Scan) -> None:
    found = local(scan, 10.0, rounds=3)
    assert float(found.parts.abs().max()) < 0.05
    u = found.precisions()
    assert bool((u.isfinite() & (u > 0)).all())
    y = measurements(scan)
    assert found.power == pytest.approx(float(y.square().mean()), rel=0.05)


@pytest.mark.parametrize("kind", KINDS)
def test_units_of_the_measurements_do_not_matter(kind: str) -> None:
    scan = of_boxes(tiny_scan(kind), 0.05)
    one, ten = (
        LocalSolver(measuring(scan, factor * measurements(scan)), ignore).fit(1e-2, 0.5) for factor in (1.0, 1e3)
    )
    assert torch.allclose(ten.parts, 1e3 * one.parts, atol=0.1 * float(one.parts.abs().max()))
    assert ten.power == pytest.approx(1e6 * one.power, rel=1e-3)
    assert torch.allclose(ten.precisions(), one.precisions(), rtol=0.1, atol=0.01 * float(one.precisions().max()))


@pytest.mark.parametrize("kind", ["complex mri", "coils", "beside the grid"])
def test_phases_do_not_matter(kind: str) -> None:
    """i times the measurements gives i times the field, and the same kernel."""
    scan = of_boxes(tiny_scan(kind), 0.05)
    real, imaginary = measurements(scan).tensor_split(2)
    one, turned = (local(each, 0.01, 0.5, 2) for each in (scan, measuring(scan, torch.cat([-imaginary, real]))))
    scale = float(one.parts.abs().max())
    assert torch.allclose(turned.parts, torch.stack([-one.parts[1], one.parts[0]]), atol=0.01 * scale)
    assert turned.power == pytest.approx(one.power, rel=1e-2)


def test_slices_are_fitted_together() -> None:
    """Details between them count, and they are more alike than by themselves."""
    scan = of_boxes(tiny_scan("slices"), 0.3)
    assert isinstance(scan, SinogramSignal)
    both = local(scan, 0.05, rounds=3).parts[0]
    first, second = (
        local(replace(scan, projections=scan.projections[:, at : at + 1]), 0.05, rounds=3).parts[0] for at in (0, 1)
    )
    assert both.shape == (2, 6, 6)
    assert first.shape == (6, 6)
    assert (both[0] - both[1]).norm() < 0.95 * (first - second).norm()


@pytest.mark.parametrize("scan", [ct_scan(16, 10), mri_scan(16, 0.7)], ids=["ct", "mri"])
@pytest.mark.parametrize("sparsity", [1.0, 0.5])
def test_a_final_fit_goes_on_from_one_to_other_measurements(scan: Scan, sparsity: float) -> None:
    inner = inner_problem(scan_problem(scan), 0)
    before = LocalSolver(inner.training, ignore).fit(1e-3, sparsity)
    told: list[int] = []
    found = LocalSolver(scan, lambda step, change: told.append(step)).final(before)
    assert (found.ridge, found.sparsity) == (1e-3, sparsity)
    assert found.iterations == len(told)
    end = local(scan, 1e-3, sparsity, 10)
    off = [float((one.parts - end.parts).norm() / end.parts.norm()) for one in (before, found)]
    assert off[1] < 0.01
    assert off[1] < off[0]


def test_fits_are_watched_and_told_how_they_ended() -> None:
    told: list[tuple[int, float]] = []
    solver = LocalSolver(ct_scan(12, 8), lambda step, change: told.append((step, change)))
    first = solver.fit(1e-3)
    assert (first.iterations, first.residual) == (len(told), told[-1][1])
    warm = solver.fit(3e-3, 1.0, first)
    assert warm.iterations == len(told)
    sparse = solver.fit(3e-3, 0.5, warm)
    assert sparse.iterations == len(told)
    assert (sparse.ridge, sparse.residual) == (3e-3, told[-1][1])


@pytest.mark.parametrize("shape", [(4, 5), (2, 3, 4)])
def test_the_penalty_has_values_alone_and_details_together(shape: tuple[int, ...]) -> None:
    penalty = local_penalty(shape)
    assert penalty.groups == (1, 2 ** len(shape) - 1)
    assert penalty.analysis.shape == (2 ** len(shape) * int(np.prod(shape)), int(np.prod(shape)))
    assert torch.equal(penalty.spectrum, ValuesAndDetails(shape).spectrum())
