"""Scans as problems: what is held out, and what was measured."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fourierfield.errors import SettingsError, SignalError
from fourierfield.grids._arrays import as_signal
from fourierfield.grids._splits import GridHoldOut, RandomHoldOut
from fourierfield.kinds.scans._kspace import KSpaceSignal
from fourierfield.kinds.scans._problem import ScanProblem, forward_map, inner_problem, measurements, scan_problem
from fourierfield.kinds.scans._simulate import simulate
from fourierfield.kinds.scans._sinogram import SinogramSignal
from fourierfield.operators._geometry import Geometry
from fourierfield.tasks._scan_options import ScanOptions


def ct(angles: int = 9, slices: int = 1) -> SinogramSignal:
    values = np.arange(angles * slices * 6, dtype=np.float32).reshape(angles, slices, 6)
    return SinogramSignal(values, Geometry(np.linspace(0, 3, angles), 6))


def mri(shape: tuple[int, ...], *, fraction: float = 1.0, real: bool = True) -> KSpaceSignal:
    image = np.random.default_rng(0).random(shape)
    scan = simulate(as_signal(image), ScanOptions(f"mri:{fraction}"))
    assert isinstance(scan, KSpaceSignal)
    return scan if real else replace(scan, real=False, truth=None)


def places(scan: KSpaceSignal) -> set[tuple[int, ...]]:
    return {tuple(k) for k in scan.places.astype(int).tolist()}


def test_nothing_is_held_out_by_default() -> None:
    for scan in (ct(), mri((6, 5))):
        problem = scan_problem(scan)
        assert problem.held_out is None
        assert torch.equal(measurements(problem.training), measurements(scan))


def test_every_second_projection_of_ct() -> None:
    scan = ct()
    problem = scan_problem(scan, GridHoldOut())
    assert isinstance(problem.training, SinogramSignal)
    assert isinstance(problem.held_out, SinogramSignal)
    assert np.array_equal(problem.training.geometry.angles, scan.geometry.angles[::2])
    assert np.array_equal(problem.held_out.geometry.angles, scan.geometry.angles[1::2])
    assert np.array_equal(problem.held_out.projections, scan.projections[1::2])


@settings(max_examples=15)
@given(st.integers(2, 30), st.integers(1, 3), st.floats(0.1, 0.9), st.integers(0, 5))
def test_whole_projections_at_random(angles: int, slices: int, fraction: float, seed: int) -> None:
    if round(fraction * angles) in (0, angles):
        return
    scan = ct(angles, slices)
    problem, same = (scan_problem(scan, RandomHoldOut(fraction, seed)) for _ in range(2))
    assert isinstance(problem.training, SinogramSignal)
    assert isinstance(problem.held_out, SinogramSignal)
    assert isinstance(same.held_out, SinogramSignal)
    assert len(problem.held_out.geometry.angles) == round(fraction * angles)
    both = np.concatenate([problem.training.geometry.angles, problem.held_out.geometry.angles])
    assert np.array_equal(np.sort(both), scan.geometry.angles)
    assert np.array_equal(problem.held_out.geometry.angles, same.held_out.geometry.angles)
    rows = np.searchsorted(scan.geometry.angles, problem.held_out.geometry.angles)
    assert np.array_equal(problem.held_out.projections, scan.projections[rows])


@settings(max_examples=20)
@given(st.sampled_from([(8, 10), (7, 9), (6, 7), (4, 5, 6)]), st.floats(0.2, 1.0), st.integers(0, 5))
def test_opposite_places_of_a_real_image_go_together(shape: tuple[int, ...], fraction: float, seed: int) -> None:
    """Those of the highest frequency of an even axis too, which are their own opposites along it."""
    scan = mri(shape, fraction=fraction)
    problem = scan_problem(scan, RandomHoldOut(0.3, seed))
    assert isinstance(problem.training, KSpaceSignal)
    assert isinstance(problem.held_out, KSpaceSignal)
    n = np.array(shape)
    opposites = {tuple(((-np.array(k) + n // 2) % n - n // 2).tolist()) for k in places(problem.held_out)}
    assert not opposites & places(problem.training)
    assert places(problem.training) | places(problem.held_out) == places(scan)
    assert len(places(problem.held_out)) / len(places(scan)) == pytest.approx(0.3, abs=0.15)
    known = {tuple(k): sample for k, sample in zip(scan.places.astype(int).tolist(), scan.samples.T, strict=True)}
    wanted = [known[tuple(k)] for k in problem.held_out.places.astype(int).tolist()]
    assert np.array_equal(problem.held_out.samples.T, wanted)


def test_places_of_a_complex_image_are_held_out_one_by_one() -> None:
    problem = scan_problem(mri((12, 12), real=False), RandomHoldOut(0.3, 0))
    assert isinstance(problem.held_out, KSpaceSignal)
    assert isinstance(problem.training, KSpaceSignal)
    assert len(problem.held_out.places) == round(0.3 * 144)
    opposites = {tuple(-i for i in k) for k in places(problem.held_out)}
    assert opposites & places(problem.training)


def test_a_grid_of_k_space_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"of k-space use random:0\.1"):
        scan_problem(mri((6, 6)), GridHoldOut())


@pytest.mark.parametrize("angles", [2, 3, 7, 20])
def test_some_projections_are_kept_back_to_choose_by(angles: int) -> None:
    problem = ScanProblem(ct(angles), None)
    inner, other = inner_problem(problem, 0), inner_problem(problem, 1)
    assert isinstance(inner.held_out, SinogramSignal)
    assert isinstance(inner.training, SinogramSignal)
    assert isinstance(other.held_out, SinogramSignal)
    assert len(inner.held_out.geometry.angles) == max(1, round(0.15 * angles))
    assert len(inner.training.geometry.angles) + len(inner.held_out.geometry.angles) == angles
    assert angles < 7 or not np.array_equal(inner.held_out.geometry.angles, other.held_out.geometry.angles)


def test_of_a_single_projection_none_is_kept_back() -> None:
    with pytest.raises(SettingsError, match="single projection"):
        inner_problem(ScanProblem(ct(1), None), 0)


def test_sizes() -> None:
    real, complex_, several = (ScanProblem(scan, None) for scan in (mri((6, 5)), mri((6, 5), real=False), ct(4, 3)))
    assert (real.unknowns, complex_.unknowns, several.unknowns) == (30, 60, 108)
    assert several.image_shape == (3, 6, 6)
    assert several.domain.extent == (3.0, 6.0, 6.0)


def test_measurements_of_ct_are_by_slice_and_without_gaps() -> None:
    scan = ct(3, 2)
    gaps = replace(scan, projections=np.where(scan.projections % 4 == 2, np.nan, scan.projections))
    wanted = scan.projections.transpose(1, 0, 2).ravel()
    assert torch.equal(measurements(scan), torch.from_numpy(wanted.astype(np.float64)))
    assert torch.equal(measurements(gaps), torch.from_numpy(wanted[wanted % 4 != 2].astype(np.float64)))
    whole, some = forward_map(scan).to_dense(), forward_map(gaps).to_dense()
    assert torch.allclose(some, whole[torch.from_numpy(wanted % 4 != 2)])
    one = forward_map(ct(3)).to_dense()
    assert torch.allclose(whole, torch.block_diag(one, one))


@pytest.mark.parametrize("real", [True, False])
@pytest.mark.parametrize("shifted", [0.0, 0.3])
def test_measurements_of_mri_are_the_map_of_the_image(real: bool, shifted: float) -> None:
    """By the definition of ``KSpaceSignal``, with two coils; Cartesian and beside the grid."""
    rng, shape = np.random.default_rng(0), (5, 6)
    k = rng.integers(-2, 2, (11, 2)) + shifted
    maps = rng.normal(size=(2, *shape)) + 1j * rng.normal(size=(2, *shape))
    image = rng.normal(size=shape) + (0 if real else 1j * rng.normal(size=shape))
    r = np.stack(np.meshgrid(np.arange(5) - 2, np.arange(6) - 3, indexing="ij"))
    waves = np.exp(-2j * np.pi * (k[:, 0, None, None] * r[0] / 5 + k[:, 1, None, None] * r[1] / 6)) / math.sqrt(30)
    samples = np.einsum("myx,cyx,yx->cm", waves, maps, image)
    scan = KSpaceSignal(samples.astype(np.complex64), k, shape, maps=maps.astype(np.complex64), real=real)
    vector = image.ravel() if real else np.concatenate([image.real.ravel(), image.imag.ravel()])
    found = forward_map(scan) @ torch.from_numpy(vector.astype(np.float64))
    assert scan.cartesian == (shifted == 0)
    assert torch.allclose(found, measurements(scan), atol=1e-5)


def test_the_middle_of_k_space_is_left_to_train_on() -> None:
    """To choose by what lies beyond; all of it where there is little beyond."""
    for scan in (mri((20, 18), fraction=0.6), mri((20, 18), real=False)):
        inner = inner_problem(ScanProblem(scan, None), 0)
        assert isinstance(inner.held_out, KSpaceSignal)
        assert isinstance(inner.training, KSpaceSignal)
        beyond = (np.abs(scan.places) > 4).any(axis=1)
        assert (np.abs(inner.held_out.places) > 4).any(axis=1).all()
        assert len(inner.held_out.places) == pytest.approx(0.15 * beyond.sum(), rel=0.2)
        assert places(inner.training) | places(inner.held_out) == places(scan)
        assert not places(inner.training) & places(inner.held_out)
    inner = inner_problem(ScanProblem(mri((8, 8)), None), 0)
    assert isinstance(inner.held_out, KSpaceSignal)
    assert len(inner.held_out.places) == pytest.approx(0.15 * 64, abs=2)


def test_k_space_of_nothing_is_refused_but_parts_of_it_are_not() -> None:
    scan = mri((6, 5), real=False)
    with pytest.raises(SignalError, match="nothing but zeros"):
        scan_problem(replace(scan, samples=0 * scan.samples))
    constant = replace(scan, samples=np.where((scan.places == 0).all(axis=1), 3.0, 0.0)[None].astype(np.complex64))
    held_out = inner_problem(scan_problem(constant), 0).held_out
    assert held_out is not None
    assert not measurements(held_out).any()
