"""The rules of thumb that the scorecard compares with (``benchmarks/scorecard/rivals.py``)."""

from __future__ import annotations

import importlib.util
import math
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from scipy.stats import wasserstein_distance

from fourierfield.encodings._octaves import siren_positional
from fourierfield.encodings._spec import EncodingSpec
from fourierfield.grids._arrays import as_signal
from fourierfield.grids._domain import Domain, Grid
from fourierfield.grids._sample_format import SampleFormat
from fourierfield.grids._signal import GridSignal
from fourierfield.grids._splits import GridHoldOut, HoldOut, RandomHoldOut
from fourierfield.problems._grid import GridProblem, grid_problem

FILE = Path(__file__).resolve().parents[2] / "benchmarks" / "scorecard" / "rivals.py"


@pytest.fixture(scope="module")
def rivals() -> ModuleType:
    spec = importlib.util.spec_from_file_location("scorecard_rivals", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def noise(side: int, slope: float = 1.5, hold_out: HoldOut | None = None) -> GridProblem:
    """An image of (2·side)² samples whose amplitudes fall like |f|^−slope."""
    lengths = np.hypot(*np.meshgrid(*[np.fft.fftfreq(2 * side, 1 / (2 * side))] * 2))
    waves = np.fft.fft2(np.random.default_rng(0).normal(size=(2 * side, 2 * side))) * np.maximum(lengths, 1) ** -slope
    image = np.fft.ifft2(waves).real
    return grid_problem(as_signal((image - image.min()) / np.ptp(image)), hold_out or GridHoldOut())


def sound(samples: int) -> GridProblem:
    values = (0.5 + 0.4 * np.sin(np.arange(2 * samples) / 3)).astype(np.float32)[:, None]
    signal = GridSignal(values, Domain.of_samples((2 * samples,)), "audio", SampleFormat.of(values))
    return grid_problem(signal, GridHoldOut())


def gaussians(*bandwidths: float) -> list[EncodingSpec]:
    return [EncodingSpec("gaussian", bandwidth) for bandwidth in bandwidths]


def test_the_papers_value_is_the_nearest_in_ratio(rivals: ModuleType) -> None:
    candidates = [EncodingSpec("laplace", 10.0), *gaussians(5.0, 19.0, 12.0), EncodingSpec("none")]
    assert rivals.paper_value(noise(16), candidates) == 3
    assert rivals.paper_value(noise(16), gaussians(5.0, 19.0)) == 1  # 10/5 is more than 19/10
    assert rivals.paper_value(noise(16), gaussians(8.0, 18.0), "text") == 1
    assert rivals.paper_value(sound(512), gaussians(32.0, 65.0, 130.0), "audio") == 1  # Nyquist is 256
    with pytest.raises(ValueError, match="no candidate"):
        rivals.paper_value(noise(16), [EncodingSpec("basic")])
    with pytest.raises(ValueError, match="photo, text or audio"):
        rivals.paper_value(noise(16), gaussians(1.0), "video")


@pytest.mark.parametrize("side", [16, 40, 64])
def test_sirens_octaves_end_where_its_encoding_ends(rivals: ModuleType, side: int) -> None:
    bandwidth = siren_positional(2, side).bandwidth
    assert isinstance(bandwidth, float)
    top = 2 * bandwidth  # cycles per unit: its coordinates are two units long
    assert top == 2 ** (math.floor(math.log2(side / 4)) - 1)
    candidates = [EncodingSpec("positional", 2.1 * top), EncodingSpec("nerf", top), EncodingSpec("positional", top)]
    assert rivals.siren_octaves(noise(side), candidates) == 1
    assert rivals.siren_octaves(noise(side), candidates[::2]) == 1
    assert rivals.siren_octaves(noise(side), candidates[:1]) == 0


def test_sirens_octaves_of_sound_and_of_scattered_samples(rivals: ModuleType) -> None:
    candidates = [EncodingSpec("nerf", bandwidth) for bandwidth in (4.0, 16.0, 64.0)]
    assert rivals.siren_octaves(sound(512), candidates) == 2  # a quarter of 256
    assert rivals.siren_octaves(noise(32, hold_out=RandomHoldOut(0.5)), candidates) == 0  # 45 samples: 3 octaves


def test_a_spectrum_is_of_diagonals(rivals: ModuleType) -> None:
    values = torch.rand(12, 10, 2, generator=torch.Generator().manual_seed(0))
    lattice = Grid((0.0, 0.0), (1.0, 10 / 12), (12, 10))
    magnitudes = np.abs(np.fft.fftn(values.numpy(), axes=(0, 1))).sum(-1)
    expected = np.zeros(14)
    for i, j in np.ndindex(12, 10):
        diagonal = round(min(i, 12 - i) + min(j, 10 - j) * 1.2)
        expected[diagonal] += magnitudes[i, j]
    got = rivals.shell_spectrum(values.reshape(-1, 2), lattice, 9)
    np.testing.assert_allclose(got, expected[1:10] / expected[1:10].sum(), rtol=1e-6)


def test_the_spectrum_forgets_scale_and_offset(rivals: ModuleType) -> None:
    lattice = Grid((0.0,), (1.0,), (64,))
    values = torch.rand(64, 1, generator=torch.Generator().manual_seed(0))
    one, other = (rivals.shell_spectrum(v, lattice) for v in (values, 100 - 3 * values))
    torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)
    with pytest.raises(ValueError, match="constant"):
        rivals.shell_spectrum(torch.full((64, 1), 0.3), lattice)


def test_the_distance_is_scipys(rivals: ModuleType) -> None:
    one, other = np.random.default_rng(0).random((2, 20))
    mine = rivals.wasserstein(*(torch.tensor(weights / weights.sum()) for weights in (one, other)))
    assert mine == pytest.approx(wasserstein_distance(np.arange(20), np.arange(20), one, other))


def test_fresh_finds_the_encoding_that_made_the_signal(rivals: ModuleType) -> None:
    """A signal that is itself an untrained network's output has that network's spectrum."""
    candidates = gaussians(1.0, 2.0, 4.0, 8.0, 16.0)
    problem = noise(32)
    few = rivals.FreshSettings(draws=2, width=64)
    for index in (1, 3):
        made = rivals._initial_output(
            candidates[index], problem.training.coordinates(), 1, few, torch.Generator().manual_seed(7)
        )
        assert rivals.fresh(_with_values(problem, made), candidates, few) == index


def test_fresh_follows_the_slope_and_stays_in_a_family(rivals: ModuleType) -> None:
    candidates = [EncodingSpec("none"), *gaussians(1.0, 2.0, 4.0, 8.0)]
    few = rivals.FreshSettings(draws=2, width=64)
    flat, steep = (rivals.fresh(noise(32, slope), candidates, few, ("gaussian",)) for slope in (0.5, 2.5))
    assert 1 <= steep < flat
    assert rivals.fresh_distances(noise(32), candidates, few) == rivals.fresh_distances(noise(32), candidates, few)
    assert rivals.fresh(sound(64), gaussians(1.0, 4.0, 16.0), few) in (0, 1, 2)


def test_fresh_reads_the_training_samples_alone(rivals: ModuleType) -> None:
    problem, candidates = noise(16), gaussians(1.0, 4.0)
    blind = GridProblem(problem.domain, problem.training, None, problem.value_range, problem.source)
    few = rivals.FreshSettings(draws=1, width=16)
    assert rivals.fresh_distances(problem, candidates, few) == rivals.fresh_distances(blind, candidates, few)
    with pytest.raises(ValueError, match="lattice"):
        rivals.fresh(noise(16, hold_out=RandomHoldOut(0.5)), candidates, few)


def _with_values(problem: GridProblem, values: torch.Tensor) -> GridProblem:
    return replace(problem, training=replace(problem.training, values=values))
