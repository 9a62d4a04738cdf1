"""The loop against a plain reimplementation, its determinism, and how it stops and goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from fourierfield.encodings._families import gaussian
from fourierfield.errors import Interrupted, SettingsError
from fourierfield.grids._arrays import as_signal
from fourierfield.grids._splits import GridHoldOut
from fourierfield.networks._mlp import MLP, CoordinateNetwork, MLPSpec
from fourierfield.problems._grid import GridProblem, grid_problem
from fourierfield.training._checkpoint import Checkpointer, read_checkpoint
from fourierfield.training._loop import Progress, TrainingRun, train
from fourierfield.training._plan import TrainingPlan
from fourierfield.training._schedules import ConstantRate, WarmupCosine


@pytest.fixture
def problem(smooth_image: np.ndarray) -> GridProblem:
    return grid_problem(as_signal(smooth_image), GridHoldOut())


def network(seed: int = 0) -> CoordinateNetwork:
    generator = torch.Generator().manual_seed(seed)
    encoding = gaussian(2, 2.0, 16, generator=generator)
    return CoordinateNetwork(encoding, MLP(MLPSpec(32, 3, depth=3, width=24), generator))


def weights(made: CoordinateNetwork) -> torch.Tensor:
    return nn.utils.parameters_to_vector(made.mlp.parameters())


PLAN = TrainingPlan(steps=60, schedule=WarmupCosine(1e-2), batch_size=50)


def test_full_batches_are_adam_on_half_the_mean_square(problem: GridProblem) -> None:
    trained, reference = network(), network()
    train(problem, trained, TrainingPlan(steps=20, schedule=ConstantRate(1e-3)))
    optimiser = torch.optim.Adam(reference.mlp.parameters(), lr=1e-3)
    points, values = problem.training.coordinates(), problem.training.values
    for _ in range(20):
        optimiser.zero_grad()
        (0.5 * ((reference(points) - values) ** 2).mean()).backward()
        optimiser.step()
    torch.testing.assert_close(weights(trained), weights(reference), rtol=0, atol=2e-4)


def test_training_lowers_the_error_on_both_parts(problem: GridProblem) -> None:
    field, curve = train(problem, network(), replace(PLAN, steps=400))
    first, last = curve[0], curve[-1]
    assert last["step"] == 400
    assert last["train_psnr_db"] > first["train_psnr_db"] + 10  # type: ignore[operator]
    assert last["held_out_psnr_db"] > 22  # type: ignore[operator]
    assert problem.held_out is not None
    error = field(problem.held_out.coordinates()) - problem.held_out.values
    assert -10 * torch.log10(error.square().mean()).item() == pytest.approx(last["held_out_psnr_db"], abs=1e-3)


def test_same_seed_same_bits_other_seed_other_bits(problem: GridProblem) -> None:
    runs = []
    for seed in (0, 0, 1):
        made = network()
        train(problem, made, replace(PLAN, seed=seed))
        runs.append(weights(made))
    assert torch.equal(runs[0], runs[1])
    assert not torch.equal(runs[0], runs[2])


def test_computing_features_for_each_batch_gives_the_same_bits(
    problem: GridProblem, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, computed = network(), network()
    train(problem, kept, PLAN)
    monkeypatch.setattr("fourierfield.training._estimate.MemoryEstimate.table_fits", False)
    train(problem, computed, PLAN)
    assert torch.equal(weights(kept), weights(computed))


@pytest.mark.parametrize("orthogonal", [0.0, 3.0])
@pytest.mark.parametrize("stop_at", [1, 17, 49, 59])
def test_interrupted_and_resumed_is_never_interrupted(
    problem: GridProblem, tmp_path: Path, stop_at: int, orthogonal: float
) -> None:
    plan = replace(PLAN, orthogonal=orthogonal, weight_decay=0.5)
    whole = network()
    _, expected_curve = train(problem, whole, plan)
    path = tmp_path / "checkpoint"
    seen: list[int] = []

    def stop_signal() -> int | None:
        return 15 if seen and seen[-1] == stop_at else None

    def note(progress: Progress) -> None:
        seen.append(progress.step)

    with pytest.raises(Interrupted) as caught:
        train(problem, network(), plan, TrainingRun(note, stop_signal, Checkpointer(path, {"a": 1})))
    assert (caught.value.step, caught.value.signal_number) == (stop_at, 15)
    checkpoint = read_checkpoint(path)
    assert checkpoint.step == stop_at
    assert checkpoint.settings == {"a": 1}
    resumed = network(seed=9)
    resumed.encoding = whole.encoding
    _, curve = train(problem, resumed, plan, TrainingRun(resume_from=checkpoint))
    assert torch.equal(weights(resumed), weights(whole))
    assert curve == expected_curve


def test_bfloat16_comes_close_to_float32(problem: GridProblem) -> None:
    plan = replace(PLAN, steps=300)
    scores = [
        train(problem, network(), replace(plan, precision=p))[1][-1]["train_psnr_db"]
        for p in (torch.float32, torch.bfloat16)
    ]
    assert scores[0] == pytest.approx(scores[1], abs=1.5)


def test_missing_channels_are_filled_from_the_others(smooth_image: np.ndarray) -> None:
    holed = smooth_image.copy()
    holed[::3, ::3, 1] = np.nan
    field, _ = train(grid_problem(as_signal(holed)), network(), replace(PLAN, steps=400))
    filled = field.sample(field.domain.grid((24, 32)))
    assert np.abs(filled - smooth_image)[::3, ::3, 1].mean() < 0.08


def test_divergence_is_told(problem: GridProblem) -> None:
    made = network()
    with torch.no_grad():
        made.mlp.layers[0].weight.fill_(torch.nan)
    with pytest.raises(SettingsError, match=r"diverged.*--learning-rate"):
        train(problem, made, PLAN)


@pytest.mark.parametrize(
    "choice", [{"steps": 0}, {"batch_size": 0}, {"schedule": WarmupCosine(-1.0)}, {"orthogonal": -1.0}]
)
def test_impossible_plans_are_refused(choice: dict) -> None:
    with pytest.raises(SettingsError):
        replace(PLAN, **choice)


@pytest.mark.gpu
def test_training_on_cuda_agrees_with_the_cpu(problem: GridProblem) -> None:
    cpu, cuda = network(), network()
    train(problem, cpu, PLAN)
    train(problem, cuda, replace(PLAN, device=torch.device("cuda")))
    torch.testing.assert_close(weights(cuda.cpu()), weights(cpu), rtol=0, atol=1e-2)


def test_an_observer_sees_every_scored_step_and_changes_nothing(problem: GridProblem) -> None:
    seen: list[tuple[int, torch.Tensor]] = []
    watched, alone = network(), network()
    _, curve = train(problem, watched, PLAN, TrainingRun(observe=lambda step, net: seen.append((step, weights(net)))))
    train(problem, alone, PLAN)
    assert [step for step, _ in seen] == [point["step"] for point in curve]
    assert torch.equal(weights(watched), weights(alone))
    assert torch.equal(seen[-1][1], weights(watched))
