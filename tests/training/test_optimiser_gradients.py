"""The gradients of a step, block by block."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from fourierfield.errors import SettingsError
from fourierfield.networks._mlp import MLP, MLPSpec
from fourierfield.training._optimiser import accumulate_gradients, cross_entropy, rows_at_once, sum_of_squares
from fourierfield.training._plan import TrainingPlan
from fourierfield.training._schedules import ConstantRate

PLAN = TrainingPlan(steps=1, schedule=ConstantRate(1e-3))


def test_blocks_add_up_to_the_whole_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = torch.Generator().manual_seed(0)
    features, targets = torch.randn(50, 8, generator=generator), torch.rand(50, 2, generator=generator)
    targets[3, 1] = targets[44] = torch.nan
    found = []
    for rows in (50, 7):
        monkeypatch.setattr("fourierfield.training._optimiser._CACHED_ROWS", rows)
        mlp = MLP(MLPSpec(8, 2, depth=3, width=16), torch.Generator().manual_seed(1))
        loss = accumulate_gradients(mlp, features, targets, PLAN)
        found.append((loss, *(p.grad for p in mlp.parameters() if p.grad is not None)))
    for whole, blocks in zip(*found, strict=True):
        torch.testing.assert_close(blocks, whole, rtol=1e-5, atol=1e-7)
    outputs = MLP(MLPSpec(8, 2, depth=3, width=16), torch.Generator().manual_seed(1))(features)
    measured = ~torch.isnan(targets)
    torch.testing.assert_close(found[0][0], 0.5 * (outputs - targets)[measured].square().mean().detach())


def test_missing_values_do_not_count() -> None:
    output = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    total = sum_of_squares(output, torch.tensor([[0.0, torch.nan], [3.0, 2.0]]))
    assert total.item() == pytest.approx(1 + 0 + 4)
    total.backward()
    assert output.grad is not None
    assert output.grad[0, 1] == 0


def test_small_batches_go_in_one_piece() -> None:
    assert rows_at_once(100, PLAN) == 100
    assert rows_at_once(100_000, PLAN) == 4096


def test_cross_entropy_is_that_of_the_probabilities() -> None:
    generator = torch.Generator().manual_seed(0)
    features, targets = torch.randn(30, 8, generator=generator), torch.rand(30, 1, generator=generator).round()
    targets[4] = torch.nan
    mlp = MLP(MLPSpec(8, 1, depth=3, width=16), torch.Generator().manual_seed(1))
    plan = replace(PLAN, loss="cross-entropy")
    loss = accumulate_gradients(mlp, features, targets, plan)
    found = [p.grad.clone() for p in mlp.parameters() if p.grad is not None]
    mlp.zero_grad()
    known = ~torch.isnan(targets)
    expected = torch.nn.functional.binary_cross_entropy(mlp(features)[known], targets[known])
    expected.backward()
    torch.testing.assert_close(loss, expected.detach())
    for one, other in zip(found, [p.grad for p in mlp.parameters()], strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-7)


def test_cross_entropy_of_certain_and_wrong_logits_is_finite() -> None:
    logits = torch.tensor([[-500.0], [500.0]], requires_grad=True)
    total = cross_entropy(logits, torch.tensor([[1.0], [1.0]]), torch.tensor([2.0, 1.0]))
    total.backward()
    assert total.item() == pytest.approx(1000)
    assert logits.grad is not None
    assert logits.grad.flatten().tolist() == pytest.approx([-2, 0])


def test_a_loss_that_is_not_known() -> None:
    with pytest.raises(SettingsError, match="no loss is called hinge"):
        replace(PLAN, loss="hinge")  # type: ignore[arg-type]
