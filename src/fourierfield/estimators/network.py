"""Regression by a network of finite width."""

from __future__ import annotations

import copy
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from .base import FieldRegressor, in_deviations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..encodings import EncodingSpec
    from ..networks import CoordinateNetwork, NetworkField
    from ..problems import PointProblem
    from ..training import TrainingPlan
    from .samples import Tabular

__all__ = ["FourierFeatureRegressor", "usual_batch", "usual_steps"]

_ROWS = 1 << 14
_MOST_BY_LAW = 3  # inputs for which log-uniform frequencies have a kernel in closed form
_FEWEST_STEPS, _MOST_STEPS = 50, 5000
_SMALLEST_BATCH, _LARGEST_BATCH = 64, 1024
_RATE_BY_WIDTH = 0.128  # a step of Adam moves the function by rate·width


class FourierFeatureRegressor(FieldRegressor):
    """A network behind Fourier features, trained by Adam: f(x) = MLP(γ(x)).

    Before training, the likelihood of the infinitely wide network (that of ``NeuralTangentRegressor`` with its NTK)
    gives the bandwidth and the share of noise in the targets, and the noise the number of steps: training is stopped
    before it learns noise. Features are scaled to a standard deviation of 1, targets likewise; constant features are
    left out, and equal inputs count as one with the mean target and the sum of weights. The network starts at the mean
    target (its last layer at zero), the rate rises and falls as half a cosine.

    Parameters
    ----------
    bandwidth : cycles per standard deviation of a feature, one number or one for each; "auto" chooses a common one by
        likelihood. The larger, the finer the details.
    encoding : the family of frequencies, "gaussian", "laplace", "uniform", "log-uniform", "positional", "nerf",
        "power-law", "basic", or "none" for the features themselves.
    features : number of frequencies; positional encodings take the nearest multiple of the number of inputs, and basic,
        nerf and none have their own.
    depth, width : linear layers, and units of each but the last.
    steps : of training; "auto" is ``usual_steps`` of samples and noise.
    learning_rate : the largest rate of the run; "auto" is 0.128/width, by which networks of any width learn alike.
    batch_size : samples in a step; "auto" is ``usual_batch``.
    random_state : draws frequencies, weights and batches.

    Attributes
    ----------
    bandwidth_, steps_ : those used; the bandwidth None for an encoding without.
    noise_ : the likeliest variance of the noise over that of the signal, by which the steps were chosen; None if they
        were given.
    field_ : the ``NetworkField``; it can be saved, and knows gradients.
    features_ : numbers of the features that are not constant.
    n_features_in_, feature_names_in_ : as scikit-learn has them.

    Raises ``ValueError`` (``SettingsError``, ``TooLargeError``) in ``fit`` for parameters that cannot be used.

    >>> import numpy as np
    >>> X = np.linspace(0, 1, 50)[:, None]
    >>> model = FourierFeatureRegressor(width=32, features=16, random_state=0).fit(X, np.sin(6 * X[:, 0]))
    >>> bool(model.score(X, np.sin(6 * X[:, 0])) > 0.99)
    True
    """

    def __init__(
        self,
        bandwidth: float | Sequence[float] | Literal["auto"] = "auto",
        encoding: str = "gaussian",
        features: int = 128,
        depth: int = 4,
        width: int = 128,
        steps: int | Literal["auto"] = "auto",
        learning_rate: float | Literal["auto"] = "auto",
        batch_size: int | Literal["auto"] = "auto",
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.bandwidth = bandwidth
        self.encoding = encoding
        self.features = features
        self.depth = depth
        self.width = width
        self.steps = steps
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.random_state = random_state

    field_: NetworkField

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> FourierFeatureRegressor:  # noqa: N803
        """Choose bandwidth and steps where they are free, and train on inputs ``X`` (N, p) and targets ``y`` (N,) or
        (N, C), minimising ½·Σ w (f − y)²/Σ w with w the ``sample_weight``."""
        from ..training import train

        self._check()
        table, seed = self._table(X, y, sample_weight), self._seed()
        encoding, self.noise_ = self._choose(table, seed)
        samples = len(table.problem.training)
        self.steps_ = self.steps if self.noise_ is None else usual_steps(samples, self.noise_)
        self.bandwidth_ = in_deviations(encoding.bandwidth, table.unit)
        network = self._network(encoding, table.problem, seed)
        self.field_, _ = train(table.problem, network, self._plan(samples, seed))
        self._keep(table)
        return self

    def predict(self, X: Any) -> np.ndarray:  # noqa: N803
        """Targets (M,) or (M, C) at inputs ``X`` (M, p), in float64 throughout."""
        import torch

        points = torch.from_numpy(self._coordinates(X))
        network = copy.deepcopy(self.field_.network).double()
        with torch.no_grad():
            values = torch.cat([network(block) for block in points.split(_ROWS)])
        return self._shaped(self.field_.value_range.restore(values).numpy())

    def _check(self) -> None:
        from ..encodings import FAMILIES
        from .parameters import is_auto, require, require_counts, require_word

        require_word("encoding", self.encoding, FAMILIES)
        require_counts(features=self.features, depth=self.depth, width=self.width)
        for name, value in (("steps", self.steps), ("batch_size", self.batch_size)):
            if not is_auto(name, value):
                require_counts(**{name: value})
        if not is_auto("learning_rate", self.learning_rate):
            require("learning_rate", self.learning_rate)

    def _choose(self, table: Tabular, seed: int) -> tuple[EncodingSpec, float | None]:
        """The encoding, and the noise of a sample of the mean weight where the steps are free.

        The kernel has infinitely many frequencies where the family has a law for them: their number hardly matters.
        """
        from ..regression import Candidates, KernelSpec, choose_kernel
        from ..regression.solve import usual_weight
        from .parameters import bandwidth_in_units, encoding_for

        problem, inputs = table.problem, table.problem.domain.dimensions
        bandwidth = bandwidth_in_units(self.bandwidth, table, self.n_features_in_)
        encoding = encoding_for(self.encoding, bandwidth, self.features, inputs)
        free = bandwidth is None and encoding.needs_bandwidth
        if not free and self.steps != "auto":
            return encoding, None
        endless = encoding_for(self.encoding, bandwidth, None, inputs)
        if self.encoding == "log-uniform" and inputs > _MOST_BY_LAW:
            endless = encoding
        if self.encoding == "none":  # not stationary: the noise is that under a kernel which is
            endless, free = encoding_for("gaussian", None, None, inputs), True
        values = problem.training.values - problem.training.values.mean(0)
        kernels = [KernelSpec(endless, self.depth, "all", seed)]
        candidates = Candidates(free=kernels) if free else Candidates(fixed=kernels)
        choice = choose_kernel(problem.training, values, candidates, scatter=table.scatter)
        if encoding.needs_bandwidth:
            encoding = replace(encoding, bandwidth=choice.spec.encoding.bandwidth)
        return encoding, None if self.steps != "auto" else choice.ridge / usual_weight(problem.training)

    def _network(self, encoding: EncodingSpec, problem: PointProblem, seed: int) -> CoordinateNetwork:
        """Drawn from one seed, and zero at every input."""
        import torch

        from ..networks import MLP, CoordinateNetwork, MLPSpec

        generator = torch.Generator().manual_seed(seed)
        built = encoding.build(problem.domain.dimensions, generator)
        spec = MLPSpec(built.out_features, problem.channels, self.depth, self.width, output="none")
        mlp = MLP(spec, generator)
        torch.nn.init.zeros_(mlp.layers[-1].weight)
        return CoordinateNetwork(built, mlp)

    def _plan(self, samples: int, seed: int) -> TrainingPlan:
        from ..training import TrainingPlan, WarmupCosine

        batch = usual_batch(samples) if self.batch_size == "auto" else int(self.batch_size)
        rate = _RATE_BY_WIDTH / self.width if self.learning_rate == "auto" else self.learning_rate
        return TrainingPlan(int(self.steps_), WarmupCosine(rate), batch, seed=seed)


def usual_steps(samples: int, noise: float) -> int:
    """1.3·samples^{3/4}·noise^{−1/5} steps for targets with a noise of that variance over the signal's: 50 to 5,000.

    Early stopping at time t does to a mode of the NTK with eigenvalue λ about what a ridge of 1/t does; but Adam's time
    is not its number of steps, and the exponents are what suited eleven problems of 133 to 5,000 samples.

    >>> usual_steps(400, 0.1), usual_steps(400, 1e-6)
    (184, 1842)
    """
    wanted = 1.3 * samples**0.75 * max(noise, 1e-8) ** -0.2
    return int(min(_MOST_STEPS, max(_FEWEST_STEPS, wanted)))


def usual_batch(samples: int) -> int:
    """The power of two nearest to a sixteenth of the samples, 64 to 1,024.

    >>> usual_batch(500), usual_batch(5000)
    (64, 256)
    """
    return int(min(_LARGEST_BATCH, max(_SMALLEST_BATCH, 2 ** round(math.log2(samples / 16)))))
