"""Fits of samples by network: of a regular grid, of scattered points, and what they share."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
import torch

from ..encodings._registry import FAMILIES
from ..grids._signal import GridSignal
from ..networks._field import NetworkField
from ..networks._mlp import MLP, CoordinateNetwork
from ..problems._baselines import cubic_interpolation_psnr
from ..problems._grid import GridProblem, grid_problem
from ..problems._margin import count_with_margin
from ..problems._points import Problem
from ..regression._spec import KernelSpec
from ..training._checkpoint import Checkpoint
from ..training._estimate import MemoryEstimate, check_memory, estimate_seconds, in_words
from ..training._loop import TrainingRun, train
from ..training._plan import TrainingPlan
from ..training._scoring import MOST_DECIBELS, MOST_TRAINING, score_field
from ..tuning._choice import Choice, encoding_words
from ._forecast import FitForecast, forecast_fit
from ._plan import FitPlan, choose_encoding, plan_fit, wants_tuning
from ._record import batch_size, encoding_record, network_record, precision_name, sample_distance, training_record
from ._remarks import too_wide
from ._reporting import BandRecorder, FitDetails
from ._resume import Finished, Found, Identity, chosen_before, data_digest, network_identity
from ._scores import KindScores, Scores
from ._settings import FitSettings
from ._task import Budget, FitEvents, Fitted, Parts, Prediction

_PROBE_STEPS = 8  # steps that are timed: the median of seven differences


def build_network(plan: FitPlan, dimensions: int, seed: int) -> CoordinateNetwork:
    """Draw the encoding and the weights from one seed."""
    generator = torch.Generator().manual_seed(seed)
    encoding = plan.choice.encoding.build(dimensions, generator)
    return CoordinateNetwork(encoding, MLP(replace(plan.mlp, in_features=encoding.out_features), generator))


def steps_within(problem: Problem, network: CoordinateNetwork, plan: FitPlan, left: Callable[[], float]) -> int:
    """Return how many steps fit into the seconds that are ``left``, by timing a few on a copy of the network."""
    started = time.perf_counter()
    marks: list[float] = []
    run = TrainingRun(lambda progress: marks.append(time.perf_counter()))
    train(problem, copy.deepcopy(network), plan.with_steps(_PROBE_STEPS).training, run)
    per_step = float(np.median(np.diff(marks)))
    preparation = max(0.0, (marks[0] - started) - per_step)
    return max(1, int(0.95 * (left() - preparation) / per_step))


@dataclass(frozen=True)
class SampledNetworkTask:
    """A fit of a network to the samples of a problem.

    Subclasses say when and how an encoding is chosen (``left_open``, ``tune``), and how a field is scored (``scores``).
    ``samples_name`` is the word for training samples in messages.
    """

    signal: Any
    problem: Problem
    settings: FitSettings
    plan: FitPlan
    method: ClassVar[str] = "network"
    samples_name: ClassVar[str] = "training samples"

    @property
    def left_open(self) -> bool:
        """Whether the settings leave the encoding open."""
        raise NotImplementedError

    def tune(self, events: FitEvents) -> Choice:
        """Choose an encoding from the training samples."""
        raise NotImplementedError

    def scores(self, field: NetworkField) -> Scores:
        """Score a finished field."""
        raise NotImplementedError

    @property
    def dimensions(self) -> int:
        """The number of coordinates."""
        return int(self.problem.domain.dimensions)

    def network(self) -> CoordinateNetwork:
        """Return the network before training."""
        return build_network(self.plan, self.dimensions, self.settings.seed)

    @property
    def training(self) -> TrainingPlan:
        """The plan of the training."""
        return self.plan.training

    def with_steps(self, steps: int) -> Self:
        """Return the task with another number of steps."""
        return replace(self, plan=self.plan.with_steps(steps))

    def check(self) -> None:
        """Raise ``TooLargeError`` with the numbers if training would not fit in memory."""
        check_memory(self.plan.mlp, count_with_margin(self.problem, self.plan.training.margin), self.plan.training)

    def choose(self, found: Found, events: FitEvents) -> Self:
        """Choose the encoding where it was left open; a run that is continued keeps its own."""
        if not self.left_open:
            return self
        choice = self.tune(events) if found is None else self.kept(found)
        return replace(self, plan=self.plan.with_choice(choice, self.dimensions))

    def kept(self, found: Finished | Checkpoint) -> Choice:
        """Return the choice of a run that is continued."""
        return chosen_before(found, self.settings)

    def identity(self) -> Identity:
        """Return what must agree with a run that is continued."""
        return network_identity(data_digest(self.problem), self.plan, self.settings)

    def within(self, budget: Budget, found: Checkpoint | None) -> Self:
        """Plan as many steps as the budget allows; a run that is continued keeps its own number."""
        if budget.seconds is None:
            return self
        if found is not None:
            return self.with_steps(int(found.settings["steps"]))
        return self.with_steps(steps_within(self.problem, self.network(), self.plan, budget.rest))

    def forecast(self) -> Prediction | None:
        """Predict nothing."""
        return None

    def announce(self) -> list[str]:
        """Return lines that state the encoding, the samples and steps, how long they take and how much memory."""
        choice, training, samples = self.plan.choice, self.plan.training, len(self.problem.training)
        memory = MemoryEstimate.of(self.plan.mlp, count_with_margin(self.problem, training.margin), training)
        return [
            f"encoding {encoding_words(choice.encoding)} ({choice.reason}); {samples:,} {self.samples_name}, "
            f"{training.steps:,} steps of {batch_size(self.problem, training):,} in {precision_name(training)} "
            f"on {training.device.type}",
            f"about {in_words(estimate_seconds(self.plan.mlp, samples, training))} and {memory.words}",
        ]

    def run(self, run: TrainingRun, events: FitEvents) -> Fitted:
        """Train the network."""
        field, curve = train(self.problem, self.network(), self.plan.training, replace(run, field_of=self._field_of))
        return Fitted(field.to("cpu"), curve)

    def _field_of(self, network: CoordinateNetwork) -> NetworkField:
        problem, placement = self.problem, getattr(self.signal, "placement", None)
        return NetworkField(network, problem.domain, problem.value_range, problem.source, placement=placement)

    def parts(self, fitted: Fitted, watch: Callable[[float], None]) -> Parts:
        """Score the field and return its part of the record."""
        assert isinstance(fitted.field, NetworkField)
        encoding, problem = fitted.field.network.encoding, self.problem
        cubic = cubic_interpolation_psnr(problem)
        held_out = len(problem.held_out) if problem.held_out else 0
        batch = batch_size(problem, self.plan.training)
        return {
            "encoding": encoding_record(
                problem.domain, sample_distance(problem), encoding.family, encoding.bandwidth, encoding.features
            ),
            "network": network_record(self.plan),
            "steps": self.plan.training.steps,
            "training": training_record(self.plan, len(problem.training), held_out, batch),
            "metrics": self.scores(fitted.field),
            "baselines": {} if cubic is None else {"cubic_psnr_db": min(cubic, MOST_DECIBELS)},
        }

    def notes(self) -> list[str]:
        """Return remarks on the signal."""
        return list(self.signal.notes)


@dataclass(frozen=True)
class GridNetworkTask(SampledNetworkTask):
    """A fit of a network to a signal on a regular grid, with a forecast and, if asked for, the details of a page.

    ``kind_scores`` adds the scores of the kind of signal to the PSNRs.
    """

    signal: GridSignal
    problem: GridProblem
    kind_scores: KindScores

    @classmethod
    def of(cls, signal: GridSignal, settings: FitSettings, kind_scores: KindScores) -> GridNetworkTask:
        """Return the task of a signal. Raises ``SettingsError`` for a hold-out that leaves nothing."""
        problem = grid_problem(signal, settings.hold_out_rule)
        return cls(signal, problem, settings, plan_fit(problem, settings), kind_scores)

    @property
    def left_open(self) -> bool:
        """Whether the settings leave the encoding open, and there are enough samples to choose by."""
        return wants_tuning(self.problem, self.settings)

    def tune(self, events: FitEvents) -> Choice:
        """Choose an encoding by forecasts, for the steps that the whole of ``--time`` allows."""
        plan, seconds = self.plan, self.settings.time
        if seconds is not None:
            plan = plan.with_steps(steps_within(self.problem, self.network(), plan, lambda: seconds))
        return choose_encoding(self.problem, self.settings, plan, events.judged)

    def announce(self) -> list[str]:
        """Return the lines of every fit, and one on gaps that the network does not bridge."""
        spec = KernelSpec(self.plan.choice.encoding, self.plan.mlp.depth) if self._has_frequencies else None
        return [*super().announce(), *([] if spec is None else too_wide(self.signal, spec))]

    @property
    def _has_frequencies(self) -> bool:
        return FAMILIES[self.plan.choice.encoding.family].has_frequencies

    def forecast(self) -> FitForecast:
        """Forecast the scores at the end of training, and the curve on the way."""
        return forecast_fit(self.problem, self.network(), self.plan.training, self.plan.choice.inner)

    def scores(self, field: NetworkField) -> Scores:
        """Return the PSNRs of a field and the scores of its kind of signal."""
        scores = score_field(field, self.problem)
        return {**scores, **self.kind_scores(field, self.problem, scores, MOST_TRAINING)}

    def details(self, forecast: Prediction | None, found: Found) -> FitDetails:
        """Return the details of a fit that is about to run."""
        assert isinstance(forecast, FitForecast)
        recorder = BandRecorder(self.problem, self.signal, self.settings.hold_out_rule, forecast.flow.limit.start)
        step = found.step if isinstance(found, Checkpoint) else 0
        return FitDetails(self.signal, self.problem, self.plan, self.settings, forecast, recorder, step)

    def details_of(self, found: Finished) -> FitDetails:
        """Rebuild the details of a finished fit: the forecast is recomputed, candidates and measured bands are not."""
        task = self.with_steps(found.field.record["steps"])
        forecast = forecast_fit(task.problem, task.network(), task.plan.training)
        return replace(task.details(forecast, None), resumed_from=task.plan.training.steps)
