"""Regression by a network of finite width."""

from __future__ import annotations

import copy
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ._base import FieldRegressor, bandwidth_in_units, encoding_for, is_auto, require, require_counts, require_word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..encodings._spec import EncodingSpec
    from ..networks._field import NetworkField
    from ..networks._mlp import CoordinateNetwork
    from ..problems._points import PointProblem
    from ..training._plan import TrainingPlan
    from ._samples import Tabular


_ROWS = 1 << 14  # inputs predicted at once, which bounds memory
_MOST_BY_LAW = 3  # most inputs for which log-uniform frequencies have a kernel in closed form
_FEWEST_STEPS, _MOST_STEPS = 50, 5000  # bounds of ``usual_steps``
_SMALLEST_BATCH, _LARGEST_BATCH = 64, 1024  # bounds of ``usual_batch``, in samples
_RATE_BY_WIDTH = 0.128  # rate·width, by which a step of Adam moves the function: a rate of 1e-3 at a width of 128


class FourierFeatureRegressor(FieldRegressor):
    """Regression by a network of finite width behind Fourier features, trained by Adam: f(x) = MLP(γ(x)).

    Before training, the likelihood of the infinitely wide network (that of ``NeuralTangentRegressor`` with its NTK)
    determines the bandwidth and the share of noise in the targets. The noise determines the number of steps, so that
    training stops before it learns noise. Features and targets are scaled to a standard deviation of 1. Constant
    features are left out. Equal inputs count as one, with the mean target and the sum of weights. The network starts at
    the mean target (its last layer at zero). The learning rate warms up and then falls as half a cosine.

    Args:
        bandwidth: In cycles per standard deviation of a feature: one number, or one for each feature; "auto" chooses a
            common one by likelihood. The larger the bandwidth, the finer the details.
        encoding: The family of frequencies: "gaussian", "laplace", "uniform", "log-uniform", "positional", "nerf",
            "power-law", "basic", or "none" for the features themselves.
        features: The number of frequencies. Positional encodings take the nearest multiple of the number of inputs;
            "basic", "nerf" and "none" have their own number.
        depth: The number of linear layers.
        width: The number of units of each layer but the last.
        steps: The number of training steps; "auto" is ``usual_steps`` of samples and noise.
        learning_rate: The largest rate of the run; "auto" is 0.128/width, with which networks of all widths learn
            alike.
        batch_size: The number of samples in a step; "auto" is ``usual_batch`` of the samples.
        random_state: Seed for drawing frequencies, weights and batches.

    Attributes:
        bandwidth_: The bandwidth that was used, in cycles per standard deviation; None for an encoding without one.
        steps_: The number of steps that was used.
        noise_: The likeliest variance of the noise over that of the signal, by which the number of steps was chosen;
            None if ``steps`` was given.
        field_: The ``NetworkField``; it can be saved, and has gradients.
        features_: Indices of the features that are not constant.
        n_features_in_: The number of features of ``X``, as in scikit-learn.
        feature_names_in_: The names of these features if ``X`` has names, as in scikit-learn.

    Raises:
        SettingsError: A ``ValueError``; by ``fit``, if a parameter cannot be used.
        TooLargeError: A ``ValueError``; by ``fit``, if the choice of the bandwidth does not fit in memory.

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

    def _fit(self, table: Tabular) -> EncodingSpec:
        from ..training._loop import train

        seed = self._seed()
        encoding, self.noise_ = self._choose(table, seed)
        samples = len(table.problem.training)
        self.steps_ = self.steps if self.noise_ is None else usual_steps(samples, self.noise_)
        network = self._network(encoding, table.problem, seed)
        self.field_, _ = train(table.problem, network, self._plan(samples, seed))
        return encoding

    def predict(self, X: Any) -> np.ndarray:  # noqa: N803
        """Predict the targets at inputs ``X``, in float64 throughout.

        Args:
            X: Inputs (M, p).

        Returns:
            Targets (M,) or (M, C), in the shape of those given to ``fit``.

        Raises:
            ValueError: If ``X`` does not have the features that ``fit`` was given.
        """
        import torch

        points = torch.from_numpy(self._coordinates(X))
        network = copy.deepcopy(self.field_.network).double()
        with torch.no_grad():
            values = torch.cat([network(block) for block in points.split(_ROWS)])
        return self._shaped(self.field_.value_range.restore(values).numpy())

    def _check(self) -> None:
        from ..encodings._registry import FAMILIES

        require_word("encoding", self.encoding, FAMILIES)
        require_counts(features=self.features, depth=self.depth, width=self.width)
        for name, value in (("steps", self.steps), ("batch_size", self.batch_size)):
            if not is_auto(name, value):
                require_counts(**{name: value})
        if not is_auto("learning_rate", self.learning_rate):
            require("learning_rate", self.learning_rate)

    def _choose(self, table: Tabular, seed: int) -> tuple[EncodingSpec, float | None]:
        """Return the encoding and, for "auto" steps, the noise of a sample of mean weight, by an infinite NTK."""
        from ..regression._solve import usual_weight
        from ..regression._spec import KernelSpec

        problem, inputs = table.problem, table.problem.domain.dimensions
        bandwidth = bandwidth_in_units(self.bandwidth, table, self.n_features_in_)
        encoding = encoding_for(self.encoding, bandwidth, self.features, inputs)
        free = bandwidth is None and encoding.needs_bandwidth
        if not free and self.steps != "auto":
            return encoding, None
        endless = encoding_for(self.encoding, bandwidth, None, inputs)
        if self.encoding == "log-uniform" and inputs > _MOST_BY_LAW:
            endless = encoding
        if self.encoding == "none":  # its kernel is not stationary, so a stationary one estimates the noise
            endless, free = encoding_for("gaussian", None, None, inputs), True
        choice = self._likeliest(table, [KernelSpec(endless, self.depth, "all", seed)], free)
        if encoding.needs_bandwidth:
            encoding = replace(encoding, bandwidth=choice.spec.encoding.bandwidth)
        return encoding, None if self.steps != "auto" else choice.ridge / usual_weight(problem.training)

    def _network(self, encoding: EncodingSpec, problem: PointProblem, seed: int) -> CoordinateNetwork:
        """Draw a network from a seed; its output is zero at every input."""
        import torch

        from ..networks._mlp import MLP, CoordinateNetwork, MLPSpec

        generator = torch.Generator().manual_seed(seed)
        built = encoding.build(problem.domain.dimensions, generator)
        spec = MLPSpec(built.out_features, problem.channels, self.depth, self.width, output="none")
        mlp = MLP(spec, generator)
        torch.nn.init.zeros_(mlp.layers[-1].weight)
        return CoordinateNetwork(built, mlp)

    def _plan(self, samples: int, seed: int) -> TrainingPlan:
        from ..training._plan import TrainingPlan
        from ..training._schedules import WarmupCosine

        batch = usual_batch(samples) if self.batch_size == "auto" else int(self.batch_size)
        rate = _RATE_BY_WIDTH / self.width if self.learning_rate == "auto" else self.learning_rate
        return TrainingPlan(int(self.steps_), WarmupCosine(rate), batch, seed=seed)


def usual_steps(samples: int, noise: float) -> int:
    """Return the usual number of steps, 1.3·samples^{3/4}·noise^{−1/5}, at least 50 and at most 5,000.

    ``noise`` is the variance of the noise over that of the signal. Early stopping at time t has about the effect of a
    ridge of 1/t on a mode of the NTK; but Adam's time is not its number of steps, so the exponents were found by
    experiment, on eleven problems of 133 to 5,000 samples.

    >>> usual_steps(400, 0.1), usual_steps(400, 1e-6)
    (184, 1842)
    """
    steps = 1.3 * samples**0.75 * max(noise, 1e-8) ** -0.2
    return int(min(_MOST_STEPS, max(_FEWEST_STEPS, steps)))


def usual_batch(samples: int) -> int:
    """Return the usual batch size: the power of two nearest to a sixteenth of the samples, from 64 to 1,024.

    >>> usual_batch(500), usual_batch(5000)
    (64, 256)
    """
    return int(min(_LARGEST_BATCH, max(_SMALLEST_BATCH, 2 ** round(math.log2(samples / 16)))))
