"""What moves the weights: Adam, and for the hidden matrices of some plans steps of equal strength in all directions."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .plan import TrainingPlan

__all__ = ["Optimiser", "nearly_orthogonal"]

_MOMENTUM = 0.95
_QUINTICS = (  # each the best of degree 5 on what is left of [1/100, 1] (Amsel et al. 2025, Theorem 3.1)
    (8.0934, -23.6204, 17.4462),
    (3.6366, -2.7219, 0.5365),
    (2.6613, -1.9772, 0.4526),
)


class Optimiser:
    """AdamW on all parameters or, with ``plan.orthogonal``, on all but the matrices before the last layer.

    Those matrices take Muon's steps (Jordan et al. 2024), with G the gradient, μ = 0.95 and Nesterov's look ahead:

        M ← μM + (1 − μ)G,   W ← (1 − rate·decay)·W − rate·orthogonal·√max(1, out/in)·polar(μM + (1 − μ)G).

    polar(M) = UVᵀ for M = UΣVᵀ: all but the faintest directions of a gradient count alike, where Adam follows the few
    strong ones.
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

    def step(self, rate: float) -> None:
        """Move all parameters along their gradients."""
        for group in self._adam.param_groups:
            group["lr"] = rate
        self._adam.step()
        for name, momentum in self._momenta.items():
            self._move(self._parameters[name], momentum, rate)

    def tensors(self) -> dict[str, Tensor]:
        """Weights and moments, by "kind.parameter": with the step all that a run needs to go on."""
        kept = {f"weights.{name}": parameter.data for name, parameter in self._parameters.items()}
        kept |= {f"momentum.{name}": momentum for name, momentum in self._momenta.items()}
        for name, parameter in self._by_adam().items():
            kept |= {f"{kind}.{name}": self._adam.state[parameter][kind] for kind in ("exp_avg", "exp_avg_sq")}
        return kept

    @torch.no_grad()
    def restore(self, tensors: dict[str, Tensor], step: int) -> None:
        """Put weights and moments back where they were after ``step`` steps."""
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
    """About UVᵀ of a matrix UΣVᵀ, those of its singular values that exceed 1/100 of ‖M‖ brought to between 0.73 and
    1.27, smaller ones raised 78-fold: three rounds of X ← aX + (bS + cS²)X.

    S = XXᵀ; only matrix products, which bfloat16 serves well enough.

    >>> nearly_orthogonal(torch.diag(torch.tensor([5.0, 0.5, 0.06]))).diag().round(decimals=1)
    tensor([1.3000, 1.2000, 0.8000])
    """
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    wide = wide / wide.norm().clamp_min(1e-30)
    for a, b, c in _QUINTICS:
        square = wide @ wide.T
        wide = torch.addmm(wide, torch.addmm(square, square, square, beta=b, alpha=c), wide, beta=a)
    return wide if matrix.shape[0] <= matrix.shape[1] else wide.T
