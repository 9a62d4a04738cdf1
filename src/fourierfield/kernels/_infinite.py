"""The infinitely wide MLP: its NNGP and its NTK by the recursion over layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from torch import Tensor

from ..networks._activations import ACTIVATIONS, SIREN_OMEGA
from ..networks._mlp import MLPSpec
from ._duals import DUALS, Dual, DualValues, PairMoments
from ._hermite import HermiteDual

Parameterisation = Literal["ntk", "standard"]


class LayerKernel(NamedTuple):
    """The NNGP and the NTK of pairs of points, and the part of the NTK due to each layer, first to last."""

    nngp: Tensor
    ntk: Tensor
    layers: tuple[Tensor, ...]


@dataclass(frozen=True)
class InfiniteMLP:
    """An MLP of L linear layers with an activation between them, in the limit of infinite width.

    ``weight_variances`` and ``bias_variances`` hold σ_w² and σ_b² of each layer: z = W x + b with W ~ N(0, σ_w²/fan_in)
    and b ~ N(0, σ_b²).

    In the "ntk" parameterisation z = σ_w/√fan_in·W x + σ_b·b, and the unit normals W and b are trained: Θ_l = S_l +
    σ_w² Θ_{l−1} ∘ Ḟ_l with S_l = σ_w² F_{l−1} + σ_b² (Jacot et al. 2018, Theorem 1). In the "standard" parameterisation
    the W and b of z = W x + b are trained, so a layer adds fan_in·F_{l−1} (+ 1 if ``trained_biases``) instead of S_l
    (Park et al. 2019, Sohl-Dickstein et al. 2020): layers are weighted by their ``fan_ins``.

    >>> import torch
    >>> pairs = PairMoments.stationary(1.0, torch.tensor([0.0, 1.0], dtype=torch.float64))  # x = x', and orthogonal
    >>> InfiniteMLP.of_depth(4)(pairs).ntk
    tensor([8.0000, 2.1208], dtype=torch.float64)
    """

    weight_variances: tuple[float, ...]
    bias_variances: tuple[float, ...]
    dual: Dual
    parameterisation: Parameterisation = "ntk"
    fan_ins: tuple[int, ...] = ()
    trained_biases: bool = False

    def __post_init__(self) -> None:
        if not self.weight_variances or len(self.weight_variances) != len(self.bias_variances):
            raise ValueError("an infinite MLP needs a weight and a bias variance for each of its layers")
        if self.parameterisation not in ("ntk", "standard"):
            raise ValueError(f"the parameterisation must be ntk or standard, not {self.parameterisation!r}")
        if self.parameterisation == "standard" and len(self.fan_ins) != len(self.weight_variances):
            raise ValueError("the standard parameterisation needs the fan-in of each layer")

    @classmethod
    def of_depth(
        cls,
        depth: int,
        activation: str = "relu",
        *,
        weight_variance: float | None = None,
        bias_variance: float = 0.0,
    ) -> InfiniteMLP:
        """Return an MLP of ``depth`` equal linear layers in NTK parameterisation.

        The weight variance is the activation's own gain by default (2 for ReLU). Raises ``ValueError`` if the
        activation is not known.
        """
        if activation not in ACTIVATIONS:
            raise ValueError(f"no activation is called {activation}; use {', '.join(ACTIVATIONS)}")
        gain = ACTIVATIONS[activation].gain if weight_variance is None else weight_variance
        return cls((gain,) * depth, (bias_variance,) * depth, dual_of(activation))

    @classmethod
    def of(cls, spec: MLPSpec, parameterisation: Parameterisation = "standard") -> InfiniteMLP:
        """Return the infinite-width limit of a network as ``MLP`` initialises it.

        Its biases start at zero and are trained; the NTK parameterisation leaves them out. Raises ``ValueError`` if the
        network has skip connections.
        """
        if spec.skips:
            raise ValueError("the kernel of networks with skip connections is not implemented")
        variances = tuple(_variance(spec, index, *sizes) for index, sizes in enumerate(spec.layer_sizes))
        fan_ins = tuple(fan_in for fan_in, _ in spec.layer_sizes)
        zeros = (0.0,) * spec.depth
        standard = parameterisation == "standard"
        return cls(variances, zeros, dual_of(spec.activation), parameterisation, fan_ins, trained_biases=standard)

    @property
    def depth(self) -> int:
        """The number of linear layers."""
        return len(self.weight_variances)

    def __call__(self, pairs: PairMoments) -> LayerKernel:
        """Return the kernels of pairs of inputs, whose ``pairs`` hold K₀ = x·x'/fan_in."""
        inputs = DualValues(pairs.variance_x, pairs.variance_y, pairs.covariance, pairs.gap, pairs.covariance)
        own: list[Tensor] = []
        for layer in range(self.depth):
            if layer:
                inputs = self.dual(pairs)
                passed = self.weight_variances[layer] * inputs.derivative
                own = [part * passed for part in own]
            pairs = self._linear(layer, inputs)
            own.append(self._own_part(layer, inputs, pairs))
        total = own[0]
        for part in own[1:]:
            total = total + part
        return LayerKernel(pairs.covariance, total, tuple(own))

    def _linear(self, layer: int, inputs: DualValues) -> PairMoments:
        """Return the moments of z = W x + b from those of x.

        With p, q = σ_w²·variances and b = σ_b², the gap grows by √((p+b)(q+b)) − b − √(pq), without cancellation.
        """
        w, b = self.weight_variances[layer], self.bias_variances[layer]
        x, y = w * inputs.variance_x + b, w * inputs.variance_y + b
        covariance, gap = w * inputs.covariance + b, w * inputs.gap
        if b:
            p, q = w * inputs.variance_x, w * inputs.variance_y
            gap = gap + b * (p.sqrt() - q.sqrt()) ** 2 / ((x * y).sqrt() + b + (p * q).sqrt())
        return PairMoments(x, y, covariance, gap)

    def _own_part(self, layer: int, inputs: DualValues, outputs: PairMoments) -> Tensor:
        if self.parameterisation == "ntk":
            return outputs.covariance
        return self.fan_ins[layer] * inputs.covariance + float(self.trained_biases)


def dual_of(activation: str) -> Dual:
    """Return the dual of an activation: its closed form if there is one, otherwise its Hermite expansion."""
    return DUALS[activation] if activation in DUALS else HermiteDual(ACTIVATIONS[activation].function)


def _variance(spec: MLPSpec, layer: int, fan_in: int, fan_out: int) -> float:
    """Return fan_in·Var W of a layer as ``MLP`` draws it."""
    if spec.activation == "sine":
        return 1 / (3 * fan_in) if layer == 0 else 2 / SIREN_OMEGA**2
    if spec.initialisation == "glorot":
        return 2 * fan_in / (fan_in + fan_out)
    return ACTIVATIONS[spec.activation].gain
