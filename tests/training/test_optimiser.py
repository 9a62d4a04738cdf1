from __future__ import annotations

import pytest
import torch
from torch import nn

from fourierfield.networks._mlp import MLP, MLPSpec
from fourierfield.training._optimiser import Optimiser, nearly_orthogonal
from fourierfield.training._plan import TrainingPlan
from fourierfield.training._schedules import ConstantRate

RATE = 1e-2


def parameters(seed: int = 0) -> dict[str, nn.Parameter]:
    generator = torch.Generator().manual_seed(seed)
    return dict(MLP(MLPSpec(32, 3, depth=3, width=24), generator).named_parameters())


def plan(**choices: float) -> TrainingPlan:
    return TrainingPlan(steps=10, schedule=ConstantRate(RATE), **choices)  # type: ignore[arg-type]


def give_gradients(moved: dict[str, nn.Parameter], seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    for parameter in moved.values():
        parameter.grad = torch.randn(parameter.shape, generator=generator) * 1e-4


def copy(of: dict[str, nn.Parameter]) -> dict[str, torch.Tensor]:
    return {name: parameter.detach().clone() for name, parameter in of.items()}


@pytest.mark.parametrize("shape", [(40, 40), (30, 90), (90, 30)])
@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_singular_values_come_near_one_and_directions_stay(shape: tuple[int, int], precision: torch.dtype) -> None:
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    found = nearly_orthogonal(matrix.to(precision)).float()
    left, _, right = torch.linalg.svd(matrix, full_matrices=False)
    along = (left.T @ found @ right.T).diagonal()
    assert 0.6 < along[:-1].min() < along.max() < 1.3  # the smallest singular value of a square one may lag
    assert (found - left @ torch.diag(along) @ right).norm() < 0.1 * found.norm()


@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_the_scale_of_a_gradient_does_not_count(scale: float) -> None:
    matrix = torch.randn(20, 30, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(nearly_orthogonal(scale * matrix), nearly_orthogonal(matrix), rtol=0, atol=1e-4)


def test_without_orthogonal_steps_it_is_adamw() -> None:
    moved, reference = parameters(), parameters()
    optimiser = Optimiser(moved, plan(weight_decay=2.0))
    adam = torch.optim.AdamW(reference.values(), RATE, weight_decay=2.0)
    for seed in range(3):
        give_gradients(moved, seed)
        give_gradients(reference, seed)
        optimiser.step(RATE)
        adam.step()
    for name in moved:
        torch.testing.assert_close(moved[name], reference[name], rtol=1e-5, atol=1e-6)


def test_hidden_matrices_move_by_the_formula_and_the_rest_by_adam() -> None:
    moved, by_adam = parameters(), parameters()
    start = copy(moved)
    optimiser, adam = (
        Optimiser(moved, plan(orthogonal=3.0, weight_decay=2.0)),
        Optimiser(by_adam, plan(weight_decay=2.0)),
    )
    for parameters_of in (moved, by_adam):
        give_gradients(parameters_of, seed=1)
    optimiser.step(RATE)
    adam.step(RATE)
    for name, parameter in moved.items():
        if name in ("layers.0.weight", "layers.1.weight"):  # (24, 32), (24, 24): no taller than wide
            assert parameter.grad is not None
            expected = (1 - 2 * RATE) * start[name] - 3 * RATE * nearly_orthogonal(parameter.grad)
            torch.testing.assert_close(parameter.data, expected, rtol=1e-4, atol=1e-5)
        else:
            assert torch.equal(parameter, by_adam[name]), name


def test_a_weight_without_gradient_only_shrinks() -> None:
    moved = parameters()
    start = copy(moved)
    for parameter in moved.values():
        parameter.grad = torch.zeros_like(parameter)
    Optimiser(moved, plan(orthogonal=3.0, weight_decay=2.0)).step(RATE)
    for name, parameter in moved.items():
        torch.testing.assert_close(parameter.data, (1 - 2 * RATE) * start[name])


@pytest.mark.parametrize("orthogonal", [0.0, 3.0])
def test_what_is_kept_restores_the_same_steps(orthogonal: float) -> None:
    whole, resumed = parameters(), parameters(seed=9)
    optimiser = Optimiser(whole, plan(orthogonal=orthogonal))
    give_gradients(whole, seed=1)
    optimiser.step(RATE)
    other = Optimiser(resumed, plan(orthogonal=orthogonal))
    other.restore({name: kept.clone() for name, kept in optimiser.tensors().items()}, step=1)
    for moved, by in ((whole, optimiser), (resumed, other)):
        give_gradients(moved, seed=2)
        by.step(RATE)
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)
