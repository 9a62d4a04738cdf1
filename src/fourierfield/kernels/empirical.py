"""The empirical NTK Θ(x, x') = Σ_θ ∂f(x)/∂θ ∂f(x')/∂θ of a finite network at its current weights."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ..networks import MLP, CoordinateNetwork

__all__ = ["empirical_ntk"]

_ROWS = 512  # points whose gradients are held at once


def empirical_ntk(network: nn.Module, left: Tensor, right: Tensor | None = None) -> Tensor:
    """Θ of a network at points (N, …) and (M, …), (N, M, C, C) in the network's own dtype.

    For an ``MLP`` or ``CoordinateNetwork`` by the layer formula
    Θ_cc' = Σ_l (⟨h_{l−1}, h'_{l−1}⟩ + 1)·⟨∂f_c/∂z_l, ∂f'_c'/∂z_l⟩, two Gram matrices per layer (the structured
    derivatives of Novak et al. 2022); for any other module through ``torch.func``. A block of points at a time.
    """
    same = right is None
    right = left if right is None else right
    find = _layer_factors if isinstance(network, MLP | CoordinateNetwork) else _jacobian_factors
    with torch.no_grad():
        right_factors = [find(network, block) for block in right.split(_ROWS)]
        left_factors = right_factors if same else (find(network, block) for block in left.split(_ROWS))
        rows = [torch.cat([_contract(a, b) for b in right_factors], dim=1) for a in left_factors]
    return torch.cat(rows)


Factors = list[tuple[Tensor | None, Tensor]]  # per layer: inputs (n, i) with a column of ones, gradients (C, n, o)


def _contract(left: Factors, right: Factors) -> Tensor:
    outputs = left[0][1].shape[0]
    total: Tensor | None = None
    for (inputs, gradients), (other_inputs, other_gradients) in zip(left, right, strict=True):
        gram = torch.einsum("cno,dmo->nmcd", gradients, other_gradients) if outputs > 1 else None
        if gram is None:
            gram = (gradients[0] @ other_gradients[0].T)[:, :, None, None]
        if inputs is not None and other_inputs is not None:
            gram = gram * (inputs @ other_inputs.T)[:, :, None, None]
        total = gram if total is None else total + gram
    assert total is not None
    return total


def _layer_factors(network: nn.Module, points: Tensor) -> Factors:
    """Inputs of each linear layer, and the gradients of each output with respect to what it puts out."""
    mlp = network.mlp if isinstance(network, CoordinateNetwork) else network
    assert isinstance(mlp, MLP)
    features = network.encoding(points) if isinstance(network, CoordinateNetwork) else points
    inputs: list[Tensor] = []
    outputs: list[Tensor] = []

    def keep(module: nn.Module, given: tuple[Tensor, ...], output: Tensor) -> Tensor:
        inputs.append(given[0].detach())
        outputs.append(output)
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
    ones = torch.ones_like(inputs[0][:, :1])
    stacked = [torch.stack(per_output) for per_output in zip(*gradients, strict=True)]
    return [(torch.cat([given, ones], dim=1), grad) for given, grad in zip(inputs, stacked, strict=True)]


def _jacobian_factors(network: nn.Module, points: Tensor) -> Factors:
    """The Jacobian by ``torch.func``, flattened to (C, n, parameters)."""
    parameters = dict(network.named_parameters())
    function = _functional(network)
    jacobians = torch.func.vmap(torch.func.jacrev(function), (None, 0))(parameters, points)
    parts = [j.flatten(2) for j in jacobians.values()]  # (n, C, p)
    return [(None, torch.cat(parts, dim=2).transpose(0, 1))]


def _functional(network: nn.Module) -> Callable[[dict[str, Tensor], Tensor], Tensor]:
    def evaluate(parameters: dict[str, Tensor], point: Tensor) -> Tensor:
        return torch.func.functional_call(network, parameters, (point[None],))[0]

    return evaluate
