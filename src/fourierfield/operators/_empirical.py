"""The empirical NTK as a map, without its matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from ._base import SelfAdjoint


class EmpiricalNTKOperator(SelfAdjoint):
    """The empirical NTK v ↦ J Jᵀ v of a network, with J = ∂f(X)/∂θ at points X.

    A product takes one vector-Jacobian and one Jacobian-vector product, in the network's own dtype; nothing larger than
    the network's activations is held. Vectors are (N·C,), the outputs at all N points in C order.
    """

    def __init__(self, network: nn.Module, points: Tensor) -> None:
        self._parameters = {name: value.detach() for name, value in network.named_parameters()}
        self._network, self._points = network, points
        self._outputs = self._evaluate(self._parameters)
        super().__init__(self._outputs.numel(), self._outputs.dtype, self._outputs.device)

    def _evaluate(self, parameters: dict[str, Tensor]) -> Tensor:
        return torch.func.functional_call(self._network, parameters, (self._points,))

    def _forward(self, x: Tensor) -> Tensor:
        _, pull_back, *_ = torch.func.vjp(self._evaluate, self._parameters)
        return torch.stack([self._product(pull_back, column) for column in x.unbind(1)], dim=1)

    def _product(self, pull_back: Callable[..., Any], vector: Tensor) -> Tensor:
        (gradients,) = pull_back(vector.reshape(self._outputs.shape).to(self._outputs.dtype))
        _, pushed, *_ = torch.func.jvp(self._evaluate, (self._parameters,), (gradients,))
        return pushed.reshape(-1).to(vector.dtype)
