"""A film's time has a bandwidth of its own."""

from __future__ import annotations

import numpy as np
import torch

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.grids._arrays import as_video, as_volume
from fourierfield.grids._metrics import psnr
from fourierfield.grids._splits import RandomHoldOut
from fourierfield.problems._grid import grid_problem
from fourierfield.regression._choice import Candidates
from fourierfield.regression._spec import KernelSpec
from fourierfield.regression._train import choose_for, stretches, train_kernel

FREE = Candidates(free=[KernelSpec(EncodingSpec("gaussian", 1.5), 4)])


def film(per_second: float) -> np.ndarray:
    """Waves that move slowly across wide frames: steep in space, shallow in time."""
    t, y, x = np.meshgrid(np.arange(20) / 20, np.arange(16) / 24, np.arange(24) / 24, indexing="ij")
    return (0.5 + 0.2 * np.sin(2 * np.pi * (4 * x + per_second * t)) + 0.2 * np.cos(2 * np.pi * 3 * y)).astype(
        np.float32
    )


def test_slow_films_are_stretched_and_volumes_are_not() -> None:
    slow = grid_problem(as_video(film(0.5), rate=20))
    time, *space = stretches(slow.training, slow.domain)
    assert time < 0.4
    assert space == [1.0, 1.0]
    still = grid_problem(as_video(np.repeat(film(0.5)[:1], 9, 0), rate=20))
    assert stretches(still.training, still.domain)[0] == 1 / 8
    volume = grid_problem(as_volume(film(0.5)))
    assert stretches(volume.training, volume.domain) == (1.0, 1.0, 1.0)
    flat = grid_problem(as_video(np.ones((4, 5, 6))))
    assert stretches(flat.training, flat.domain) == (1.0, 1.0, 1.0)


def test_a_bandwidth_for_time_foretells_missing_frames_better() -> None:
    problem = grid_problem(as_video(film(0.5), rate=20), RandomHoldOut(0.8))
    assert problem.held_out is not None
    own = choose_for(problem, FREE)
    bandwidth = own.spec.encoding.bandwidth
    assert isinstance(bandwidth, tuple)
    assert bandwidth[0] < 0.5 * bandwidth[1]
    assert bandwidth[1] == bandwidth[2]
    common = own.__class__(own.spec.with_bandwidth(max(bandwidth)), own.ridge, 1)
    scores = []
    for choice in (own, common):
        field = train_kernel(problem, choice).field
        found = field.value_range.normalise(field.at(problem.held_out))
        scores.append(psnr(found.numpy(), problem.held_out.values.numpy()))
    assert scores[0] > scores[1] + 3
    assert torch.isfinite(torch.tensor(scores)).all()
