"""Compute the loss of a step and its gradients, and move the weights: by Adam, hidden matrices by orthogonal steps."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..networks._mlp import MLP
from ._plan import TrainingPlan

_CACHED_ROWS = 4096  # rows whose activations stay in a CPU's cache: larger and smaller blocks were slower


def accumulate_gradients(
    mlp: MLP, features: Tensor, targets: Tensor, plan: TrainingPlan, weights: Tensor | None = None
) -> Tensor:
    """Add the gradients of ½·mean w(f − y)² over a batch to the parameters' ``.grad``; return the loss.

    ``features`` (B, F), ``targets`` (B, C), and w (B,) the samples' ``weights``, 1 by default. If the plan's loss is
    "cross-entropy", the gradients are those of −mean w(y log f + (1 − y) log(1 − f)). On CPUs a block of rows is
    processed at a time; the sum equals that of the whole batch but for rounding.
    """
    on_logits = plan.loss == "cross-entropy"
    share = (1.0 if on_logits else 0.5) / (~torch.isnan(targets)).sum()
    loss = torch.zeros((), device=targets.device)
    rows = rows_at_once(len(features), plan)
    shares = [None] * -(-len(features) // rows) if weights is None else weights.split(rows)
    for block, truth, w in zip(features.split(rows), targets.split(rows), shares, strict=True):
        with torch.autocast(plan.device.type, plan.precision, enabled=plan.precision != torch.float32):
            output = mlp.before_output(block) if on_logits else mlp(block)  # (b, C)
        part = share * (cross_entropy if on_logits else sum_of_squares)(output.float(), truth, w)
        part.backward()
        loss += part.detach()
    return loss


def rows_at_once(batch: int, plan: TrainingPlan) -> int:
    """Return how many rows of a batch go through the network together."""
    return min(batch, _CACHED_ROWS) if plan.device.type == "cpu" else batch


def sum_of_squares(output: Tensor, targets: Tensor, weights: Tensor | None = None) -> Tensor:
    """Compute Σ w·(output − target)² without missing (NaN) targets; w (B,) are 1 by default.

    >>> sum_of_squares(torch.tensor([[1.0, 5.0]]), torch.tensor([[0.0, torch.nan]]))
    tensor(1.)
    """
    residual = torch.where(torch.isnan(targets), 0.0, output - torch.nan_to_num(targets))
    squares = residual.square()
    return squares.sum() if weights is None else (weights[:, None] * squares).sum()


def cross_entropy(logits: Tensor, targets: Tensor, weights: Tensor | None = None) -> Tensor:
    """Compute −Σ w·(y log p + (1 − y) log(1 − p)) with p = sigmoid(logit), without missing (NaN) targets.

    It is evaluated as max(x, 0) − xy + log(1 + e^−|x|), which no logit x overflows; w (B,) are 1 by default.

    >>> cross_entropy(torch.tensor([[0.0], [1000.0]]), torch.tensor([[1.0], [1.0]]))
    tensor(0.6931)
    """
    missing = torch.isnan(targets)
    losses = F.binary_cross_entropy_with_logits(logits, torch.nan_to_num(targets), reduction="none")
    losses = torch.where(missing, 0.0, losses)
    return losses.sum() if weights is None else (weights[:, None] * losses).sum()


_MOMENTUM = 0.95  # μ of Muon (Jordan et al. 2024)
_QUINTICS = (  # each is the best of degree 5 on the image of [1/100, 1] so far (Amsel et al. 2025, Theorem 3.1)
    (8.0934, -23.6204, 17.4462),
    (3.6366, -2.7219, 0.5365),
    (2.6613, -1.9772, 0.4526),
)


class Optimiser:
    """AdamW on all parameters or, with ``plan.orthogonal``, on all but the matrices before the last layer.

    Those matrices take Muon's steps (Jordan et al. 2024), with the gradient G, μ = 0.95 and Nesterov's look-ahead:

        M ← μM + (1 − μ)G,   W ← (1 − rate·decay)·W − rate·orthogonal·√max(1, out/in)·polar(μM + (1 − μ)G),

    where polar(M) = UVᵀ for M = UΣVᵀ. All but the faintest directions of a gradient count alike, whereas Adam follows
    the few strong ones.
    """

    def __init__(self, parameters: dict[str, nn.Parameter], plan: TrainingPlan) -> None:
        self._parameters = parameters
        self._plan = plan
        *hidden, _ = [name for name, parameter in parameters.items() if parameter.ndim == 2]
        self._momenta = {name: torch.zeros_like(parameters[name]) for name in hidden} if plan.orthogonal else {}
        self._adam = torch.optim.AdamW(
            self._by_adam().values(),
            plan.schedule.peak,
            (0.9, 0.999),
            1e-8,
            plan.weight_decay,
            fused=True,
        )

    def clear(self) -> None:
        """Forget the gradients of the last step."""
        for parameter in self._parameters.values():
            parameter.grad = None

    def follow(self, plan: TrainingPlan) -> None:
        """Go on by another plan: its weight decay."""
        self._plan = plan
        for group in self._adam.param_groups:
            group["weight_decay"] = plan.weight_decay

    def step(self, rate: float) -> None:
        """Move all parameters along their gradients."""
        for group in self._adam.param_groups:
            group["lr"] = rate
        self._adam.step()
        for name, momentum in self._momenta.items():
            self._move(self._parameters[name], momentum, rate)

    def tensors(self) -> dict[str, Tensor]:
        """Return weights and moments by "kind.parameter": with the step, all that the optimiser needs to continue."""
        kept = {f"weights.{name}": parameter.data for name, parameter in self._parameters.items()}
        kept |= {f"momentum.{name}": momentum for name, momentum in self._momenta.items()}
        for name, parameter in self._by_adam().items():
            kept |= {f"{kind}.{name}": self._adam.state[parameter][kind] for kind in ("exp_avg", "exp_avg_sq")}
        return kept

    @torch.no_grad()
    def restore(self, tensors: dict[str, Tensor], step: int) -> None:
        """Set weights and moments to those after ``step`` steps."""
        for name, parameter in self._parameters.items():
            parameter.copy_(tensors[f"weights.{name}"])
        for name, momentum in self._momenta.items():
            momentum.copy_(tensors[f"momentum.{name}"])
        for name, parameter in self._by_adam().items():
            moments = {kind: tensors[f"{kind}.{name}"].to(parameter.device) for kind in ("exp_avg", "exp_avg_sq")}
            self._adam.state[parameter] = {"step": torch.tensor(float(step)).to(parameter.device), **moments}

    def _by_adam(self) -> dict[str, nn.Parameter]:
        return {name: parameter for name, parameter in self._parameters.items() if name not in self._momenta}

    @torch.no_grad()
    def _move(self, weight: nn.Parameter, momentum: Tensor, rate: float) -> None:
        gradient = weight.grad
        assert gradient is not None
        momentum.lerp_(gradient, 1 - _MOMENTUM)
        direction = nearly_orthogonal(gradient.lerp(momentum, _MOMENTUM).to(self._plan.precision))
        fan_out, fan_in = weight.shape
        weight.mul_(1 - rate * self._plan.weight_decay)
        weight.add_(direction, alpha=-rate * self._plan.orthogonal * max(1.0, fan_out / fan_in) ** 0.5)


def nearly_orthogonal(matrix: Tensor) -> Tensor:
    """Approximate UVᵀ for a matrix M = UΣVᵀ by three rounds of X ← aX + (bS + cS²)X with S = XXᵀ.

    Singular values above ‖M‖/100 end between 0.73 and 1.27; smaller ones are raised 78-fold. These are matrix products
    only, for which bfloat16 is precise enough.

    >>> nearly_orthogonal(torch.diag(torch.tensor([5.0, 0.5, 0.06]))).diag().round(decimals=1)
    tensor([1.3000, 1.2000, 0.8000])
    """
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    wide = wide / wide.norm().clamp_min(1e-30)
    for a, b, c in _QUINTICS:
        square = wide @ wide.T
        wide = torch.addmm(wide, torch.addmm(square, square, square, beta=b, alpha=c), wide, beta=a)
    return wide if matrix.shape[0] <= matrix.shape[1] else wide.T
