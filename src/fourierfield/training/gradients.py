"""The loss of a step and its gradients."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from ..networks import MLP
from .plan import TrainingPlan

__all__ = ["accumulate_gradients", "cross_entropy", "rows_at_once", "sum_of_squares"]

_CACHED_ROWS = 4096  # whose activations stay in a CPU's cache: larger blocks run slower, smaller ones too


def accumulate_gradients(
    mlp: MLP, features: Tensor, targets: Tensor, plan: TrainingPlan, weights: Tensor | None = None
) -> Tensor:
    """Add the gradients of ½·mean w(f − y)² over a batch, features (B, F) and targets (B, C), to the parameters'
    ``.grad``; w (B,) are the samples' ``weights``, 1 by default. With the plan's loss "cross-entropy", those of
    −mean w(y log f + (1 − y) log(1 − f)).

    On CPUs a block of rows at a time, which adds up to the whole batch but for rounding. Returns the loss.
    """
    on_logits = plan.loss == "cross-entropy"
    share = (1.0 if on_logits else 0.5) / (~torch.isnan(targets)).sum()
    loss = torch.zeros((), device=targets.device)
    rows = rows_at_once(len(features), plan)
    shares = [None] * -(-len(features) // rows) if weights is None else weights.split(rows)
    for block, wanted, w in zip(features.split(rows), targets.split(rows), shares, strict=True):
        with torch.autocast(plan.device.type, plan.precision, enabled=plan.precision != torch.float32):
            output = mlp.before_output(block) if on_logits else mlp(block)  # (b, C)
        part = share * (cross_entropy if on_logits else sum_of_squares)(output.float(), wanted, w)
        part.backward()
        loss += part.detach()
    return loss


def rows_at_once(batch: int, plan: TrainingPlan) -> int:
    """How many rows of a batch go through the network together."""
    return min(batch, _CACHED_ROWS) if plan.device.type == "cpu" else batch


def sum_of_squares(output: Tensor, targets: Tensor, weights: Tensor | None = None) -> Tensor:
    """Σ w·(output − target)², missing (NaN) targets left out; w (B,) are 1 by default.

    >>> sum_of_squares(torch.tensor([[1.0, 5.0]]), torch.tensor([[0.0, torch.nan]]))
    tensor(1.)
    """
    residual = torch.where(torch.isnan(targets), 0.0, output - torch.nan_to_num(targets))
    squares = residual.square()
    return squares.sum() if weights is None else (weights[:, None] * squares).sum()


def cross_entropy(logits: Tensor, targets: Tensor, weights: Tensor | None = None) -> Tensor:
    """−Σ w·(y log p + (1 − y) log(1 − p)), p = sigmoid(logit), in the form max(x, 0) − xy + log(1 + e^−|x|) that no
    logit x overflows; missing (NaN) targets are left out, w (B,) are 1 by default.

    >>> cross_entropy(torch.tensor([[0.0], [1000.0]]), torch.tensor([[1.0], [1.0]]))
    tensor(0.6931)
    """
    missing = torch.isnan(targets)
    losses = F.binary_cross_entropy_with_logits(logits, torch.nan_to_num(targets), reduction="none")
    losses = torch.where(missing, 0.0, losses)
    return losses.sum() if weights is None else (weights[:, None] * losses).sum()
