"""The empirical NTK Θ(x, x') = Σ_θ ∂f(x)/∂θ ∂f(x')/∂θ of a finite network at its current weights."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from ..networks._mlp import MLP, CoordinateNetwork

_ROWS = 512  # points whose gradients are held as one block: bounds memory
_NUMBERS = 1 << 25  # entries of one block of a Jacobian: bounds memory, at 128 MiB in float32

# For each layer: its inputs (n, i), and the gradients (C, n, o) of the network with respect to its output.
Factors = list[tuple[Tensor | None, Tensor]]


def empirical_ntk(network: nn.Module, left: Tensor, right: Tensor | None = None) -> Tensor:
    """Compute the empirical NTK of a network over all its parameters, Θ(x, x') = Σ_θ ∂f(x)/∂θ ∂f(x')/∂θ.

    For an ``MLP`` or ``CoordinateNetwork`` it is computed by the layer formula
    Θ_cc' = Σ_l (⟨h_{l−1}, h'_{l−1}⟩ + 1)·⟨∂f_c/∂z_l, ∂f'_c'/∂z_l⟩, with two Gram matrices per layer (the structured
    derivatives of Novak et al. 2022); for any other module through ``torch.func``.

    Beside the result, the layer formula holds the factors of one block of 512 left points and of all right points,
    about M·(1 + C)·width·depth numbers. The other route holds two blocks of the Jacobian, of 2²⁵ entries each.

    Args:
        network: A module that maps (N, …) to (N, C). Its outputs at one point must not depend on the other points, so
            it may not contain batch statistics.
        left: The points x (N, …), in the units that the network takes (coordinate units for a ``CoordinateNetwork``).
        right: The points x' (M, …). None stands for ``left``; the symmetric result then takes half the work.

    Returns:
        Θ (N, M, C, C) in the network's own dtype, with the output channels of x before those of x'.

    Raises:
        ValueError: The network does not map (N, …) to (N, C).

    >>> empirical_ntk(nn.Linear(2, 1), torch.tensor([[1.0, 2.0]])).flatten()  # |x|² + 1
    tensor([6.])
    """
    layered = isinstance(network, MLP | CoordinateNetwork)
    rows = _ROWS if layered else _jacobian_rows(network, left)
    find = partial(_layer_factors if layered else _jacobian_factors, network)
    with torch.no_grad():
        return _assemble(find, left.split(rows), None if right is None else right.split(rows), keep=layered)


Find = Callable[[Tensor], Factors]
Blocks = tuple[Tensor, ...]


def _assemble(find: Find, lefts: Blocks, rights: Blocks | None, *, keep: bool) -> Tensor:
    """Compute Θ block by block; without ``rights`` it is symmetric, and only half of it is computed."""
    same = rights is None
    rights = lefts if rights is None else rights
    kept = [find(block) for block in rights] if keep else None
    result, rows = torch.empty(0), len(lefts[0])  # all blocks but the last have as many rows
    for i, block in enumerate(lefts):
        factors = kept[i] if same and kept else find(block)
        for j in range(i if same else 0, len(rights)):
            others = kept[j] if kept else factors if same and i == j else find(rights[j])
            values = _contract(factors, others)
            if not result.numel():
                result = values.new_empty(sum(map(len, lefts)), sum(map(len, rights)), *values.shape[2:])
            n, m = values.shape[:2]
            down, along = i * rows, j * len(rights[0])
            result[down : down + n, along : along + m] = values
            if same and i != j:
                result[along : along + m, down : down + n] = values.permute(1, 0, 3, 2)
    return result


def _contract(left: Factors, right: Factors) -> Tensor:
    """Return Θ of two blocks of points, (n, m, C, C)."""
    channels, n = left[0][1].shape[:2]
    m = right[0][1].shape[1]
    total = left[0][1].new_zeros(channels, n, channels, m)
    for (inputs, gradients), (other_inputs, other_gradients) in zip(left, right, strict=True):
        gram = (gradients.flatten(0, 1) @ other_gradients.flatten(0, 1).T).view_as(total)
        if inputs is None or other_inputs is None:
            total += gram
        else:
            total.addcmul_(gram, (inputs @ other_inputs.T).add_(1)[None, :, None])
    return total.permute(1, 3, 0, 2)


def _layer_factors(network: nn.Module, points: Tensor) -> Factors:
    """Return each linear layer's inputs, and the network's gradients with respect to its output."""
    mlp = network.mlp if isinstance(network, CoordinateNetwork) else network
    assert isinstance(mlp, MLP)
    features = network.encoding(points) if isinstance(network, CoordinateNetwork) else points
    inputs: list[Tensor] = []
    outputs: list[Tensor] = []

    def keep(module: nn.Module, given: tuple[Tensor, ...], output: Tensor) -> Tensor:
        inputs.append(given[0].detach())
        outputs.append(output if output.requires_grad else output.requires_grad_())  # works for a frozen network too
        return output.clone()  # the activation may work in place

    hooks = [layer.register_forward_hook(keep) for layer in mlp.layers]
    try:
        with torch.enable_grad():
            values = mlp(features.to(mlp.layers[0].weight.dtype))
            gradients = [
                torch.autograd.grad(values[:, c].sum(), outputs, retain_graph=c + 1 < values.shape[1])
                for c in range(values.shape[1])
            ]
    finally:
        for hook in hooks:
            hook.remove()
    stacked = [torch.stack(per_output) for per_output in zip(*gradients, strict=True)]
    return list(zip(inputs, stacked, strict=True))


def _jacobian_rows(network: nn.Module, points: Tensor) -> int:
    """Return the number of points whose Jacobian is held as one block."""
    with torch.no_grad():
        outputs = network(points[:1])
    if outputs.ndim != 2:
        raise ValueError(f"the empirical NTK takes a module that maps (N, …) to (N, C), not to {tuple(outputs.shape)}")
    entries = outputs.shape[1] * sum(value.numel() for value in network.parameters())
    return min(_ROWS, max(1, _NUMBERS // max(1, entries)))


def _jacobian_factors(network: nn.Module, points: Tensor) -> Factors:
    """Return the Jacobian by ``torch.func``, flattened to (C, n, entries) for each parameter."""
    parameters = {name: value.detach() for name, value in network.named_parameters()}

    def evaluate(parameters: dict[str, Tensor], point: Tensor) -> Tensor:
        return torch.func.functional_call(network, parameters, (point[None],))[0]

    jacobians = torch.func.vmap(torch.func.jacrev(evaluate), (None, 0))(parameters, points)
    return [(None, j.reshape(*j.shape[:2], -1).transpose(0, 1)) for j in jacobians.values()]
