"""Where along its rays a scene is sampled."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

__all__ = ["importance", "marching", "stratified"]


def stratified(near: Tensor, far: Tensor, count: int, generator: Generator | None = None) -> tuple[Tensor, Tensor]:
    """One sample in each of ``count`` equal parts of [near, far], and the parts' length: (R, K), (R, 1).

    t_k ~ U[near + (k−1)·δ, near + k·δ], δ = (far − near)/K (Mildenhall et al. 2020, Eq. 2), from ``generator``; without
    one the middles of the parts. Each sample stands for its part, so the lengths of a ray add up to far − near.

    >>> stratified(torch.tensor([2.0]), torch.tensor([4.0]), 4)
    (tensor([[2.2500, 2.7500, 3.2500, 3.7500]]), tensor([[0.5000]]))
    """
    step = (far - near)[:, None] / count
    return near[:, None] + (torch.arange(count, device=near.device) + _offsets(near, count, generator)) * step, step


def marching(near: Tensor, far: Tensor, step: float, generator: Generator | None = None) -> tuple[Tensor, Tensor]:
    """Samples a ``step`` apart, as many as the longest ray needs, and which of them lie before ``far``: (R, K) both.

    The k-th lies in [near + (k−1)·step, near + k·step], anywhere by ``generator`` or in the middle.

    >>> marching(torch.tensor([0.0, 0.5]), torch.tensor([1.0, 1.0]), 0.5)
    (tensor([[0.2500, 0.7500],
            [0.7500, 1.2500]]), tensor([[ True,  True],
            [ True, False]]))
    """
    longest = float((far - near).amax().clamp_min(0)) if len(near) else 0.0
    count = max(1, -int(-longest // step))
    lengths = near[:, None] + (torch.arange(count, device=near.device) + _offsets(near, count, generator)) * step
    return lengths, lengths < far[:, None]


def importance(edges: Tensor, weights: Tensor, count: int, generator: Generator | None = None) -> Tensor:
    """``count`` sorted samples of each ray (R, n), from the density that is constant between ``edges`` (R, K + 1) and
    in proportion to ``weights`` (R, K), by inverting its distribution function (Mildenhall et al. 2020, Section 5.2).

    Uniform variates are stratified, by ``generator`` or in the middles. Rays without weight are sampled evenly.

    >>> importance(torch.tensor([[0.0, 1.0, 2.0]]), torch.tensor([[1.0, 3.0]]), 4)
    tensor([[0.5000, 1.1667, 1.5000, 1.8333]])
    """
    weights = weights.detach()
    total = weights.sum(dim=1, keepdim=True)
    share = torch.where(total > 0, weights / total.clamp_min(1e-30), 1 / weights.shape[1])
    distribution = torch.cat([torch.zeros_like(total), share.cumsum(dim=1)], dim=1)
    distribution = distribution / distribution[:, -1:]
    uniform = (torch.arange(count, device=edges.device) + _offsets(edges[:, 0], count, generator)) / count
    uniform = uniform.expand(len(edges), count).contiguous()
    above = torch.searchsorted(distribution, uniform, right=True).clamp(1, weights.shape[1])
    low, high = distribution.gather(1, above - 1), distribution.gather(1, above)
    start, end = edges.gather(1, above - 1), edges.gather(1, above)
    return start + (uniform - low) / (high - low).clamp_min(1e-12) * (end - start)


def _offsets(like: Tensor, count: int, generator: Generator | None) -> Tensor:
    if generator is None:
        return torch.full((len(like), count), 0.5, device=like.device, dtype=like.dtype)
    return torch.rand(len(like), count, generator=generator, dtype=like.dtype).to(like.device)
