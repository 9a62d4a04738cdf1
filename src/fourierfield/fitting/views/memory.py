"""How much memory a fit of views needs, before anything large is allocated."""

from __future__ import annotations

from ...errors import TooLargeError
from ...signals.views import ViewsSignal
from ...training.memory import available_memory
from .plan import ViewPlan

__all__ = ["check_view_memory"]

_PER_SAMPLE = 64  # bytes of a sample along a ray, looked at or not: length, mask, place, values and their gradients
_PER_CELL = 24
_SHARE = 0.8  # of the free memory that a run may plan with


def check_view_memory(signal: ViewsSignal, plan: ViewPlan) -> str:
    """What network, batch, occupancy grid and pixel list need, in words; ``TooLargeError`` with the numbers where they
    would not fit."""
    mlp, training = plan.fit.mlp, plan.fit.training
    batch = training.batch_size or 1
    hidden = sum(fan_out for _, fan_out in mlp.layer_sizes)
    needed = (
        20 * mlp.parameters
        + batch * plan.rays.sampling.most * _PER_SAMPLE
        + 4096 * (8 * hidden + 12 * mlp.in_features)
        + plan.cells**3 * _PER_CELL
        + 16 * signal.shape[0] * signal.shape[1] * signal.shape[2]
    )
    free = available_memory(training.device)
    if needed > _SHARE * free:
        raise TooLargeError(
            f"{batch:,} rays of up to {plan.rays.sampling.most} samples through a network of {mlp.parameters:,} "
            f"parameters need {needed / 1e9:.1f} GB and {free / 1e9:.1f} GB are free; "
            "lower --batch-size, --features or --width"
        )
    return f"{needed / 1e9:.2g} GB of memory ({free / 1e9:.2g} GB free)"
