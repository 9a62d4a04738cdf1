"""Plans: from settings to the encoding, the network and the training of a fit.

The preset ``default`` is ours: He-normal weights, mini-batches, orthogonal steps of the hidden matrices, warm-up and a
cosine decay from a large rate, weight decay, a mirrored margin. ``paper`` is that of Tancik et al. (2020) for 2-D
images: Glorot-normal weights, every sample in every step, Adam at a constant rate of 1e-3 (1e-2 for the identity and
the basic encoding), 2,000 steps, Gaussian σ = 10.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ..encodings._registry import FAMILIES
from ..encodings._spec import EncodingSpec
from ..networks._mlp import MLPSpec
from ..problems._grid import GridProblem
from ..problems._points import Problem
from ..training._plan import TrainingPlan, choose_device, choose_precision
from ..training._schedules import ConstantRate, WarmupCosine
from ..tuning._choice import Choice, choose, choose_by_rule
from ..tuning._forecasts import Trainee, inner_problem
from ..tuning._tuner import Budget, tune
from ._settings import FitSettings, bandwidth_in_cycles_per_unit

# The default preset's constants were settled on the photographs kodim08 and kodim23 (docs/training.md).
DEFAULT_RATE = 1e-2
ORTHOGONAL = 6.0  # hidden matrices move by 0.06 in every direction of their gradient at the default rate
TOTAL_DECAY = 8.0  # a weight without gradient shrinks by e^-8 over a run, whatever its length
MARGIN = 4.0  # sample distances: mirrored training samples beyond the border, about as wide as the field is smooth
PAPER_STEPS = 2000  # Tancik et al. 2020, supplement, Section 6.1
PAPER_BANDWIDTH = {"gaussian": 10.0, "positional": 63.0}  # cycles per unit; 63 is 2^6 − 1 (the paper's σ = 6)
FEWEST = 256  # training samples: a tenth of fewer does not tell encodings apart
NOTHING_LEFT = "nothing is left to choose; leave --bandwidth out, and --encoding auto or a family with one"
_TUNING_SHARE = 0.25  # of --time


@dataclass(frozen=True)
class FitPlan:
    """What a fit is going to use: the chosen encoding, the network's sizes, the training plan."""

    choice: Choice
    mlp: MLPSpec
    training: TrainingPlan

    def with_choice(self, choice: Choice, dimensions: int) -> FitPlan:
        """Return the plan with another encoding and the number of steps that suits it."""
        mlp = replace(self.mlp, in_features=_in_features(choice.encoding, dimensions))
        plan = replace(self, choice=choice, mlp=mlp)
        return plan if choice.steps is None else plan.with_steps(choice.steps)

    def with_steps(self, steps: int) -> FitPlan:
        """Return the plan for another number of steps, with the weight decay that suits it."""
        decay = weight_decay(steps, self.training.schedule.peak) if self.training.weight_decay else 0.0
        return replace(self, training=replace(self.training, steps=steps, weight_decay=decay))


@dataclass(frozen=True)
class EncodingRules:
    """How a kind of signal reads the settings of an encoding.

    ``cycles`` converts a bandwidth to cycles per unit. ``paper`` has the paper's bandwidth of each family and
    ``paper_reason`` the words for it. ``named_reason`` is the reason where both family and bandwidth were given;
    ``features`` is the number of frequencies where none is given, for families that do not set their own.
    """

    cycles: Callable[[float | str], float]
    paper: Mapping[str, float]
    paper_reason: str
    named_reason: str = "the bandwidth as asked"
    features: int | None = None

    def asked(self, settings: FitSettings) -> Choice | None:
        """Return the encoding that the settings determine, or None; ``SettingsError`` if the family refuses it."""
        encoding = settings.encoding
        if isinstance(encoding, EncodingSpec):
            return Choice(encoding, "as asked")
        family = "gaussian" if encoding == "auto" else encoding
        features = settings.features or (None if FAMILIES[family].sets_features else self.features)
        cycles = None if settings.bandwidth is None else self.cycles(settings.bandwidth)
        if not FAMILIES[family].has_bandwidth:
            return Choice(EncodingSpec(family, cycles, settings.features), "as asked")
        if cycles is not None:
            reason = "the bandwidth as asked" if encoding == "auto" else self.named_reason
            return Choice(EncodingSpec(family, cycles, features), reason)
        if settings.preset == "paper" and family in self.paper:
            return Choice(EncodingSpec(family, self.paper[family], features), self.paper_reason)
        return None


def lay_out(
    choice: Choice,
    settings: FitSettings,
    training: TrainingPlan,
    *,
    dimensions: int,
    channels: int,
    output: str = "sigmoid",
    depth: int = 4,
) -> FitPlan:
    """Return the plan of an encoding and a training: sizes, device, precision and seed as the settings have them.

    ``output`` names the network's output activation, ``depth`` the kind's usual number of linear layers.
    """
    mlp = MLPSpec(
        in_features=_in_features(choice.encoding, dimensions),
        out_features=channels,
        depth=settings.depth or depth,
        width=settings.width or 256,
        output=output,
        initialisation="glorot" if settings.preset == "paper" else "he",
    )
    device = choose_device(settings.device)
    precision = choose_precision(settings.precision, device)
    return FitPlan(choice, mlp, replace(training, device=device, precision=precision, seed=settings.seed))


def plan_fit(problem: Problem, settings: FitSettings) -> FitPlan:
    """Choose the encoding as asked or by rule, and lay out network and training for samples of a grid or points."""
    choice = _encoding_rules(problem, settings).asked(settings) or _by_rule(problem, settings)
    training = _paper_training if settings.preset == "paper" else _default_training
    return lay_out(
        choice,
        settings,
        training(problem, settings, choice.encoding.family),
        dimensions=problem.domain.dimensions,
        channels=problem.channels,
    )


def _encoding_rules(problem: Problem, settings: FitSettings) -> EncodingRules:
    reason = "the paper's Gaussian σ = 10" if settings.encoding == "auto" else "the paper's scale for photographs"
    return EncodingRules(
        lambda text: bandwidth_in_cycles_per_unit(text, problem.domain), PAPER_BANDWIDTH, reason, "as asked"
    )


def _by_rule(problem: Problem, settings: FitSettings) -> Choice:
    ruled = choose_by_rule(problem, settings.features)
    family = "gaussian" if settings.encoding == "auto" else str(settings.encoding)
    if FAMILIES[family].scale == "deviation":
        return Choice(replace(ruled.encoding, family=family), ruled.reason)
    highest = EncodingSpec(family, max(2.0, problem.samples_per_unit / 8), settings.features)
    return Choice(highest, "rule of thumb: highest frequency at 1/8 of the sampling rate")


def _in_features(encoding: EncodingSpec, dimensions: int) -> int:
    """Return the number of inputs of the network: a cosine and a sine for each frequency, or the coordinates."""
    features = encoding.count_features(dimensions)
    return 2 * features if features else dimensions


def _default_training(problem: Problem, settings: FitSettings, family: str) -> TrainingPlan:
    steps = settings.steps or default_steps(problem)
    batch = settings.batch_size or default_batch(len(problem.training))
    return replace(usual_training(settings, steps), batch_size=batch, margin=MARGIN)


def usual_training(settings: FitSettings, steps: int) -> TrainingPlan:
    """Return the default preset's optimiser and schedule, without batches: what fits of every kind share."""
    rate = settings.learning_rate or DEFAULT_RATE
    decay = weight_decay(steps, rate)
    return TrainingPlan(steps=steps, schedule=WarmupCosine(rate), weight_decay=decay, orthogonal=ORTHOGONAL)


def weight_decay(steps: int, rate: float) -> float:
    """Return the decoupled weight decay λ with λ·Σ rates = 8 (the rates of half a cosine add up to rate·steps/2).

    Runs of fewer than 320 steps take less: no step shrinks a weight by more than 5 %.

    >>> weight_decay(1600, 1e-2)
    1.0
    """
    return round(min(TOTAL_DECAY / (0.5 * rate * steps), 0.05 / rate), 12)


def default_steps(problem: Problem) -> int:
    """Return the number of steps of the default preset, 10·√N between 1,280 (128² samples) and 5,120 (512²).

    A quarter more steps gain 0.2 dB on photographs (mean of four, 128² training samples).
    """
    return int(min(5120, max(1280, 10 * len(problem.training) ** 0.5)))


def default_batch(samples: int) -> int:
    """Return the batch size of the default preset: the power of two nearest to samples/8, from 1,024 to 4,096.

    At the default number of steps, what a run learns depends on the samples it sees more than on the steps: the same
    batch on fewer samples would see each of them so often that it learns their noise.

    >>> [default_batch(side**2) for side in (64, 128, 256, 512)]
    [1024, 2048, 4096, 4096]
    """
    return int(min(4096, max(1024, 2 ** round(math.log2(samples / 8)))))


def _paper_training(problem: Problem, settings: FitSettings, family: str) -> TrainingPlan:
    rate = 1e-3 if FAMILIES[family].has_bandwidth else 1e-2
    return TrainingPlan(
        steps=settings.steps or PAPER_STEPS,
        schedule=ConstantRate(settings.learning_rate or rate),
        batch_size=settings.batch_size,
    )


def leaves_encoding(settings: FitSettings) -> bool:
    """Return whether the settings leave the encoding, or its bandwidth, to the tuner."""
    if settings.preset != "default" or settings.bandwidth is not None or isinstance(settings.encoding, EncodingSpec):
        return False
    return settings.encoding == "auto" or FAMILIES[settings.encoding].has_bandwidth


def wants_tuning(problem: GridProblem, settings: FitSettings) -> bool:
    """Return whether the encoding is left to the tuner and there are enough samples to choose by."""
    return leaves_encoding(settings) and len(problem.training) >= FEWEST


def choose_encoding(
    problem: GridProblem,
    settings: FitSettings,
    plan: FitPlan,
    report: Callable[[int], None] = lambda count: None,
) -> Choice:
    """Return the tuner's choice for a plan's network and steps, from training samples alone.

    With ``settings.time`` the search ends after a quarter of it with the candidates that it has. ``report`` is called
    with the number of candidates that were judged.
    """
    trainee = Trainee(plan.mlp, lambda steps: plan.with_steps(steps).training, settings.seed)
    budget = Budget(
        plan.training.steps,
        fixed=settings.steps is not None,
        until=None if settings.time is None else time.perf_counter() + _TUNING_SHARE * settings.time,
    )
    family = None if settings.encoding == "auto" else settings.encoding
    assert family is None or isinstance(family, str)
    inner = inner_problem(problem, plan.mlp)
    candidates = tune(problem, trainee, budget, settings.features, family=family, inner=inner, report=report)
    return replace(choose(candidates), inner=inner)
