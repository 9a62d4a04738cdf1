"""Regression by an infinitely wide network."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from .base import FieldRegressor, in_deviations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..regression import KernelField, KernelSpec, KernelWeights, Scatter

__all__ = ["NeuralTangentRegressor", "with_scatter"]

_TRAINED: dict[str, tuple[Literal["all", "last"], ...]] = {
    "ntk": ("all",),
    "nngp": ("last",),
    "auto": ("all", "last"),
}


class NeuralTangentRegressor(FieldRegressor):
    """An infinitely wide network behind an encoding, trained to the end: kernel ridge regression with its NTK.

    f(x) = mean + Σ_j k(x − x_j) α_j with (K + ρW⁻¹) α = y − mean (Jacot et al. 2018; with a ridge ρ, stopped early), as
    a Gaussian process with covariance s²k and noise s²ρ. Features are scaled to a standard deviation of 1, so a feature
    of which more is wanted needs a bandwidth of its own, not other units. Constant features are left out, and equal
    inputs count as one with the mean target and the sum of weights.

    Up to 3,000 distinct inputs, and any number in more than three dimensions, take the factor of a dense matrix (8 N²
    bytes, N³/3 operations; 20,000 at most); a million in up to three go by NUFFT.

    Parameters
    ----------
    bandwidth : cycles per standard deviation of a feature, one number or one for each; "auto" chooses a common one by
        likelihood. The larger, the finer the details.
    ridge : ρ, the variance of the noise over that of the signal, for a sample of weight 1; "auto" chooses it likewise,
        targets that differ at equal inputs included.
    kernel : "ntk", or "nngp" if only the last layer were trained, which is smoother between samples; "auto" takes the
        likelier.
    encoding : the family of frequencies, "gaussian", "laplace", "uniform", "log-uniform", "positional", "nerf",
        "power-law" or "basic".
    features : number of frequencies; None for infinitely many where the family has a law for them, else 256.
    depth : linear layers.
    random_state : draws the frequencies where their number is finite; nothing else here is random.

    Attributes
    ----------
    bandwidth_, ridge_, kernel_ : those used; the bandwidth None for an encoding without, the ridge larger than asked
        for where rounding would not let so small a one be solved.
    field_ : the ``KernelField``; it can be saved, and knows gradients in up to three dimensions.
    features_ : numbers of the features that are not constant.
    n_features_in_, feature_names_in_ : as scikit-learn has them.

    Raises ``ValueError`` (``SettingsError``, ``TooLargeError``) in ``fit`` for parameters that cannot be used and for
    more samples than fit in memory.

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

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> NeuralTangentRegressor:  # noqa: N803
        """Choose kernel and ridge where they are free, and solve for inputs ``X`` (N, p) and targets ``y`` (N,) or
        (N, C). The noise of a sample has the variance ridge/``sample_weight``; weight 0 leaves it out."""
        from ..regression import Candidates, check_kernel_memory, choose_kernel, train_kernel
        from .parameters import bandwidth_in_units

        ridge = self._ridge()
        table = self._table(X, y, sample_weight)
        check_kernel_memory(table.problem.training)
        bandwidth = bandwidth_in_units(self.bandwidth, table, self.n_features_in_)
        kernels = self._kernels(bandwidth, table.problem.domain.dimensions)
        free = bandwidth is None and kernels[0].encoding.needs_bandwidth
        training = table.problem.training
        candidates = Candidates(free=kernels) if free else Candidates(fixed=kernels)
        values = training.values - training.values.mean(0)
        choice = choose_kernel(training, values, candidates, ridge=ridge, scatter=table.scatter)
        self.field_ = train_kernel(table.problem, choice).field
        self.field_.weights = with_scatter(self.field_.weights, table.scatter)
        self._keep(table)
        self.bandwidth_ = in_deviations(choice.spec.encoding.bandwidth, table.unit)
        self.ridge_ = self.field_.weights.ridge
        self.kernel_ = "ntk" if choice.spec.trained == "all" else "nngp"
        return self

    def predict(self, X: Any, return_std: bool = False) -> np.ndarray | tuple[np.ndarray, np.ndarray]:  # noqa: N803
        """Targets (M,) or (M, C) at inputs ``X`` (M, p), and with ``return_std`` the standard deviations of values
        measured there with weight 1, likewise.

        Those are s√(k(0) + ρ − kᵀ(K + ρW⁻¹)⁻¹k), noise included (that of ``GaussianProcessRegressor`` with a
        ``WhiteKernel``), with s such that 90 % of left out training samples lay within 1.645 of them, and that targets
        differ so much at equal inputs.
        """
        coordinates = self._coordinates(X)
        values = self._shaped(self.field_(coordinates))
        return (values, self._shaped(np.asarray(self.field_.deviation(coordinates)))) if return_std else values

    def _ridge(self) -> float | None:
        from .parameters import is_auto, require

        return None if is_auto("ridge", self.ridge) else require("ridge", self.ridge)

    def _kernels(self, bandwidth: float | tuple[float, ...] | None, dimensions: int) -> list[KernelSpec]:
        from ..encodings import FAMILIES
        from ..regression import KernelSpec
        from .parameters import encoding_for, require_counts, require_word

        require_word("encoding", self.encoding, [family for family in FAMILIES if family != "none"])
        require_word("kernel", self.kernel, list(_TRAINED))
        require_counts(depth=self.depth, **({} if self.features is None else {"features": self.features}))
        encoding = encoding_for(self.encoding, bandwidth, self.features, dimensions)
        seed = self._seed()
        return [KernelSpec(encoding, self.depth, trained, seed) for trained in _TRAINED[self.kernel]]


def with_scatter(weights: KernelWeights, scatter: Scatter) -> KernelWeights:
    """The same with the scale s of the standard deviation from left out samples and from the scatter of values at equal
    inputs, of variance s²ρ, together."""
    import torch

    count, ridge = len(weights.samples), weights.ridge
    squares, freedom = (torch.from_numpy(x) for x in (scatter.squares, scatter.freedom))
    pooled = (count * weights.scale.square() + squares / ridge) / (count + freedom)
    return replace(weights, scale=pooled.sqrt())
