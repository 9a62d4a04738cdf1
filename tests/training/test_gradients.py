"""The gradients of a step, block by block."""

from __future__ import annotations

import pytest
import torch

from fourierfield.networks import MLP, MLPSpec
from fourierfield.training import ConstantRate, TrainingPlan
from fourierfield.training.gradients import accumulate_gradients, rows_at_once, sum_of_squares

PLAN = TrainingPlan(steps=1, schedule=ConstantRate(1e-3))


def test_blocks_add_up_to_the_whole_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = torch.Generator().manual_seed(0)
    features, targets = torch.randn(50, 8, generator=generator), torch.rand(50, 2, generator=generator)
    targets[3, 1] = targets[44] = torch.nan
    found = []
    for rows in (50, 7):
        monkeypatch.setattr("fourierfield.training.gradients._CACHED_ROWS", rows)
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
