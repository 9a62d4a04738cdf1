"""Which run a checkpoint or a field belongs to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fourierfield.errors import SettingsError
from fourierfield.grids._arrays import as_signal
from fourierfield.grids._splits import GridHoldOut, RandomHoldOut
from fourierfield.problems._grid import grid_problem
from fourierfield.tasks._plan import plan_fit
from fourierfield.tasks._resume import (
    checkpoint_path,
    chosen_before,
    data_digest,
    kernel_identity,
    network_identity,
    refuse_other_run,
)
from fourierfield.tasks._settings import FitSettings
from fourierfield.training._checkpoint import Checkpoint

IMAGE = np.random.default_rng(0).random((12, 16)).astype(np.float32)


def kept(settings: FitSettings) -> dict[str, Any]:
    problem = grid_problem(as_signal(IMAGE))
    return network_identity(data_digest(problem), plan_fit(problem, settings), settings)


def test_data_are_told_by_values_places_and_hold_out() -> None:
    other = IMAGE.copy()
    other[3, 3] += 1e-6
    gap = IMAGE.copy()
    gap[3, 3] = np.nan
    problems = [
        grid_problem(as_signal(IMAGE)),
        grid_problem(as_signal(other)),
        grid_problem(as_signal(gap)),
        grid_problem(as_signal(IMAGE.reshape(16, 12))),
        grid_problem(as_signal(IMAGE), GridHoldOut()),
        grid_problem(as_signal(IMAGE), RandomHoldOut(0.1)),
    ]
    digests = [data_digest(problem) for problem in problems]
    assert len(set(digests)) == len(digests)
    assert data_digest(grid_problem(as_signal(IMAGE.copy()))) == digests[0]


@pytest.mark.parametrize(
    "change",
    [{"seed": 1}, {"steps": 70}, {"width": 32}, {"bandwidth": 3.0}, {"batch_size": 8}, {"learning_rate": 1e-3}],
)
def test_another_run_is_refused_with_what_differs(change: dict[str, Any]) -> None:
    settings = {"encoding": "gaussian", "bandwidth": 2.0, "features": 8, "width": 16, "steps": 60}
    first, second = (FitSettings(**{**settings, **more}) for more in ({}, change))
    found = Checkpoint(5, {}, [], kept(first))
    out = Path("a.safetensors")
    refuse_other_run(found, kept(first), out, first)
    with pytest.raises(SettingsError, match=r"^a\.safetensors\.checkpoint belongs to another run") as refused:
        refuse_other_run(found, kept(second), out, second)
    assert "\n" not in str(refused.value)


def test_a_choice_comes_back_from_json_with_its_tuples() -> None:
    settings = FitSettings(steps=60)
    identity = kept(FitSettings(encoding="gaussian", bandwidth=2.0, features=8, steps=60))
    identity["encoding"]["bandwidth"] = [2.0, 3.0]
    found = Checkpoint(5, {}, [], identity)
    assert chosen_before(found, FitSettings()).encoding.bandwidth == (2.0, 3.0)
    assert (chosen_before(found, FitSettings()).steps, chosen_before(found, settings).steps) == (60, None)


def test_fits_by_kernel_are_told_by_what_was_asked() -> None:
    asked = [kernel_identity("d", FitSettings(method="kernel", seed=seed), 4) for seed in (0, 0, 1)]
    assert asked[0] == asked[1] != asked[2]
    assert checkpoint_path(Path("x/a.safetensors")) == Path("x/a.safetensors.checkpoint")
