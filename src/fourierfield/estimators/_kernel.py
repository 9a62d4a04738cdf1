"""Regression by an infinitely wide network."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ._base import FieldRegressor, bandwidth_in_units, encoding_for, is_auto, require, require_counts, require_word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..encodings._spec import EncodingSpec
    from ..regression._evidence import Scatter
    from ..regression._field import KernelField
    from ..regression._spec import KernelSpec
    from ..regression._weights import KernelWeights
    from ._samples import Tabular


# the layers that are trained, for each value of the parameter ``kernel``
_TRAINED: dict[str, tuple[Literal["all", "last"], ...]] = {"ntk": ("all",), "nngp": ("last",), "auto": ("all", "last")}


class NeuralTangentRegressor(FieldRegressor):
    """Kernel ridge regression with the NTK of a network behind an encoding: an infinitely wide network, fully trained.

    f(x) = mean + Σ_j k(x − x_j) α_j with (K + ρW⁻¹) α = y − mean (Jacot et al. 2018; the ridge ρ acts as early
    stopping). This is the mean of a Gaussian process with covariance s²k and noise variance s²ρ. Features are scaled to
    a standard deviation of 1, so changing a feature's units has no effect; to resolve a feature more finely, give it a
    larger bandwidth. Constant features are left out. Equal inputs count as one, with the mean target and the sum of
    weights.

    Up to 3,000 distinct inputs, and any number in more than three dimensions, are solved by factoring a dense matrix
    (8 N² bytes, N³/3 operations; at most 20,000 inputs). In up to three dimensions NUFFT solves a million inputs.

    Args:
        bandwidth: In cycles per standard deviation of a feature: one number, or one for each feature; "auto" chooses a
            common one by likelihood. The larger the bandwidth, the finer the details.
        ridge: ρ, the variance of the noise over that of the signal, for a sample of weight 1; "auto" chooses it by
            likelihood, which includes the scatter of targets at equal inputs.
        kernel: "ntk"; or "nngp", by which a network learns if only its last layer is trained, and which is smoother
            between samples; "auto" takes the likelier one.
        encoding: The family of frequencies: "gaussian", "laplace", "uniform", "log-uniform", "positional", "nerf",
            "power-law" or "basic".
        features: The number of frequencies; None stands for infinitely many if the family has a law for them, and for
            256 otherwise.
        depth: The number of linear layers.
        random_state: Seed for drawing the frequencies if their number is finite; nothing else is random.

    Attributes:
        bandwidth_: The bandwidth that was used, in cycles per standard deviation; None for an encoding without one.
        ridge_: The ridge that was used; larger than requested if rounding prevents a solution with so small a ridge.
        kernel_: The kernel that was used, "ntk" or "nngp".
        field_: The ``KernelField``; it can be saved, and has gradients in up to three dimensions.
        features_: Indices of the features that are not constant.
        n_features_in_: The number of features of ``X``, as in scikit-learn.
        feature_names_in_: The names of these features if ``X`` has names, as in scikit-learn.

    Raises:
        SettingsError: A ``ValueError``; by ``fit``, if a parameter cannot be used.
        TooLargeError: A ``ValueError``; by ``fit``, if there are more samples than fit in memory.

    >>> import numpy as np
    >>> X = np.linspace(0, 1, 20)[:, None]
    >>> model = NeuralTangentRegressor().fit(X, np.sin(6 * X[:, 0]))
    >>> mean, std = model.predict([[0.31]], return_std=True)
    >>> bool(abs(mean[0] - np.sin(6 * 0.31)) < 3 * std[0] < 0.1)
    True
    """

    def __init__(
        self,
        bandwidth: float | Sequence[float] | Literal["auto"] = "auto",
        ridge: float | Literal["auto"] = "auto",
        kernel: Literal["auto", "ntk", "nngp"] = "auto",
        encoding: str = "gaussian",
        features: int | None = None,
        depth: int = 4,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.bandwidth = bandwidth
        self.ridge = ridge
        self.kernel = kernel
        self.encoding = encoding
        self.features = features
        self.depth = depth
        self.random_state = random_state

    field_: KernelField

    def _check(self) -> None:
        self._ridge()

    def _fit(self, table: Tabular) -> EncodingSpec:
        from ..regression._effort import check_kernel_memory
        from ..regression._train import train_kernel

        check_kernel_memory(table.problem.training)
        bandwidth = bandwidth_in_units(self.bandwidth, table, self.n_features_in_)
        kernels = self._kernels(bandwidth, table.problem.domain.dimensions)
        free = bandwidth is None and kernels[0].encoding.needs_bandwidth
        choice = self._likeliest(table, kernels, free, self._ridge())
        self.field_ = train_kernel(table.problem, choice).field
        self.field_.weights = with_scatter(self.field_.weights, table.scatter)
        self.ridge_ = self.field_.weights.ridge
        self.kernel_ = "ntk" if choice.spec.trained == "all" else "nngp"
        return choice.spec.encoding

    def predict(self, X: Any, return_std: bool = False) -> np.ndarray | tuple[np.ndarray, np.ndarray]:  # noqa: N803
        """Predict the targets at inputs ``X``, and on request their standard deviations.

        Args:
            X: Inputs (M, p).
            return_std: Whether to return standard deviations as well.

        Returns:
            Targets (M,) or (M, C), in the shape of those given to ``fit``. With ``return_std`` also the standard
            deviations of values measured there with weight 1, in the same shape. They are
            s√(k(0) + ρ − kᵀ(K + ρW⁻¹)⁻¹k) and include the noise, as those of ``GaussianProcessRegressor`` with a
            ``WhiteKernel`` do. s is such that 90 % of left-out training samples lay within 1.645 standard deviations,
            combined with the scatter of targets at equal inputs.

        Raises:
            ValueError: If ``X`` does not have the features that ``fit`` was given.
        """
        coordinates = self._coordinates(X)
        values = self._shaped(self.field_(coordinates))
        return (values, self._shaped(np.asarray(self.field_.deviation(coordinates)))) if return_std else values

    def _ridge(self) -> float | None:
        return None if is_auto("ridge", self.ridge) else require("ridge", self.ridge)

    def _kernels(self, bandwidth: float | tuple[float, ...] | None, dimensions: int) -> list[KernelSpec]:
        from ..encodings._registry import FAMILIES
        from ..regression._spec import KernelSpec

        require_word("encoding", self.encoding, [name for name, family in FAMILIES.items() if family.has_frequencies])
        require_word("kernel", self.kernel, list(_TRAINED))
        require_counts(depth=self.depth, **({} if self.features is None else {"features": self.features}))
        encoding = encoding_for(self.encoding, bandwidth, self.features, dimensions)
        seed = self._seed()
        return [KernelSpec(encoding, self.depth, trained, seed) for trained in _TRAINED[self.kernel]]


def with_scatter(weights: KernelWeights, scatter: Scatter) -> KernelWeights:
    """Return weights whose scale s is pooled with the scatter at equal inputs (variance s²ρ), by freedom."""
    import torch

    count, ridge = len(weights.samples), weights.ridge
    squares, freedom = (torch.from_numpy(x) for x in (scatter.squares, scatter.freedom))
    pooled = (count * weights.scale.square() + squares / ridge) / (count + freedom)
    return replace(weights, scale=pooled.sqrt())
