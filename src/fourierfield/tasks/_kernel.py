"""Fits of samples by kernel: an infinitely wide network, solved for the samples of a grid or scattered points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
import torch
from torch import Tensor

from ..encodings._spec import EncodingSpec
from ..grids._signal import GridSignal
from ..problems._baselines import cubic_interpolation_psnr
from ..problems._grid import GridProblem, GridSamples, grid_problem
from ..problems._points import PointProblem, Problem, Samples
from ..regression._choice import Candidates, KernelChoice
from ..regression._effort import check_frequencies, check_kernel_memory
from ..regression._field import KernelField
from ..regression._solve import Accuracy, places_of
from ..regression._spec import KernelSpec
from ..regression._train import KernelRun, choose_for, train_kernel
from ..training._checkpoint import Checkpoint
from ..training._loop import TrainingRun
from ..training._scoring import MOST_DECIBELS
from ..tuning._choice import encoding_words
from ._plan import PAPER_BANDWIDTH, EncodingRules
from ._record import encoding_record, sample_distance
from ._remarks import too_wide
from ._resume import Finished, Found, Identity, data_digest, kernel_identity
from ._scores import KindScores, Scores, decibels, errors_of, points_scores
from ._settings import FitSettings, bandwidth_in_cycles_per_unit
from ._task import Budget, FitEvents, Fitted, Parts

DEPTH = 4  # linear layers of the network whose kernel it is: the default of networks
_START = 1.5  # cycles per unit: where the search for a bandwidth begins
_SCORED = 1 << 17  # training samples that are scored: evaluating more takes longer than solving
_COVERED = 20_000  # held-out samples whose intervals are checked
_NORMAL_90 = 1.6449  # standard deviations of a normal 90 % interval
_PLACES = 2000  # places at which the expected error is averaged


def kernel_candidates(problem: Problem, settings: FitSettings) -> Candidates:
    """Return the kernels to choose from: the one asked for, or those of any bandwidth, by NTK and by NNGP."""
    depth = settings.depth or DEPTH
    rules = EncodingRules(lambda text: bandwidth_in_cycles_per_unit(text, problem.domain), PAPER_BANDWIDTH, "")
    asked = rules.asked(settings)
    if asked is not None:
        return Candidates(fixed=[KernelSpec(asked.encoding, depth, seed=settings.seed)])
    family = "gaussian" if settings.encoding == "auto" else str(settings.encoding)
    ntk = KernelSpec(EncodingSpec(family, _START, settings.features), depth, seed=settings.seed)
    return Candidates(free=[ntk, replace(ntk, trained="last")] if settings.encoding == "auto" else [ntk])


@dataclass(frozen=True)
class SampledKernelTask:
    """A fit of an infinitely wide network to samples; subclasses add scores to its PSNRs (``more_scores``)."""

    signal: Any
    problem: Problem
    settings: FitSettings
    choice: KernelChoice | None = None
    method: ClassVar[str] = "kernel"
    samples_name: ClassVar[str] = "samples"

    def more_scores(self, field: KernelField, scores: Scores, errors: dict[str, Tensor | None]) -> Scores:
        """Return the scores beside the PSNRs ``scores``; ``errors`` are (N, C) of "train" and "held_out"."""
        raise NotImplementedError

    def check(self) -> None:
        """Raise ``TooLargeError`` with the numbers if solving would not fit in memory."""
        check_kernel_memory(self.problem.training)
        check_frequencies(self.settings.features, len(self.problem.training))

    def choose(self, found: Found, events: FitEvents) -> Self:
        """Choose the kernel and its ridge by likelihood, from the training samples."""
        if isinstance(found, Finished):
            return self
        candidates = kernel_candidates(self.problem, self.settings)
        return replace(self, choice=choose_for(self.problem, candidates, report=events.judged))

    def identity(self) -> Identity:
        """Return what must agree with a fit that was finished before."""
        return kernel_identity(data_digest(self.problem), self.settings, self.settings.depth or DEPTH)

    def within(self, budget: Budget, found: Checkpoint | None) -> Self:
        """Return the task itself: a solver has no number of steps to choose."""
        return self

    def forecast(self) -> None:
        """Predict nothing before the fit: what the kernel expects of held-out samples comes out of solving."""

    def announce(self) -> list[str]:
        """Return lines that state the kernel, its ridge, the samples and the memory; refuse too much of that."""
        choice = self.known_choice
        memory = check_kernel_memory(self.problem.training, choice.spec.kernel(self.problem.domain.dimensions))
        return [
            f"{choice.spec.name} of {encoding_words(choice.spec.encoding)}, ridge {choice.ridge:.1g} "
            f"({choice.reason}); solving for {len(self.problem.training):,} {self.samples_name}",
            memory,
        ]

    @property
    def known_choice(self) -> KernelChoice:
        """The kernel and ridge, once they are chosen."""
        assert self.choice is not None
        return self.choice

    def run(self, run: TrainingRun, events: FitEvents) -> Fitted:
        """Solve."""
        accuracy = Accuracy()
        watch = events.solver_watch(accuracy.residual)
        solution = train_kernel(self.problem, self.known_choice, accuracy, watch)
        solution.field.placement = getattr(self.signal, "placement", None)
        return Fitted(solution.field, solution=solution)

    def parts(self, fitted: Fitted, watch: Callable[[float], None]) -> Parts:
        """Score the field and return its part of the record."""
        solution, problem, spec = fitted.solution, self.problem, self.known_choice.spec
        encoding, field = spec.encoding, solution.field
        cubic = cubic_interpolation_psnr(problem)
        held_out = len(problem.held_out) if problem.held_out else 0
        reason = self.known_choice.reason
        return {
            "encoding": encoding_record(
                problem.domain, sample_distance(problem), encoding.family, encoding.bandwidth, encoding.features
            ),
            "network": {"depth": spec.depth, "width": None, "parameters": field.weights.values.numel()},
            "kernel": {
                "trained": spec.trained,
                "ridge": field.weights.ridge,
                "iterations": solution.iterations,
                "residual": solution.residual,
            },
            "metrics": self._metrics(field),
            "baselines": {} if cubic is None else {"cubic_psnr_db": min(cubic, MOST_DECIBELS)},
            "forecast": _expectation(problem, solution),
            "steps": None,
            "training": {"samples": len(problem.training), "held_out_samples": held_out, "chosen_by": reason},
        }

    def _metrics(self, field: KernelField) -> Scores:
        parts = {"train": self.problem.training.subset(_SCORED), "held_out": self.problem.held_out}
        errors = {name: None if samples is None else errors_of(field, samples) for name, samples in parts.items()}
        psnrs: Scores = {
            f"{name}_psnr_db": None if found is None else decibels(float(found.square().nanmean()))
            for name, found in errors.items()
        }
        scores = {**psnrs, **self.more_scores(field, psnrs, errors)}
        if self.problem.held_out is not None:
            scores["held_out_within_90"] = _covered(field, self.problem.held_out)
        return scores

    def notes(self) -> list[str]:
        """Return remarks on the signal."""
        return list(self.signal.notes)


@dataclass(frozen=True)
class GridKernelTask(SampledKernelTask):
    """A fit of an infinitely wide network to a signal on a regular grid."""

    signal: GridSignal
    problem: GridProblem
    kind_scores: KindScores | None = None

    @classmethod
    def of(cls, signal: GridSignal, settings: FitSettings, kind_scores: KindScores) -> GridKernelTask:
        """Return the task of a signal. Raises ``SettingsError`` for a hold-out that leaves nothing."""
        return cls(signal, grid_problem(signal, settings.hold_out_rule), settings, kind_scores=kind_scores)

    def announce(self) -> list[str]:
        """Return the lines of every fit, and one on gaps that the kernel does not bridge."""
        return [*super().announce(), *too_wide(self.signal, self.known_choice.spec)]

    def more_scores(self, field: KernelField, scores: Scores, errors: dict[str, Tensor | None]) -> Scores:
        """Return the scores of the kind of signal."""
        assert self.kind_scores is not None
        return self.kind_scores(field, self.problem, scores, _SCORED)


@dataclass(frozen=True)
class PointKernelTask(SampledKernelTask):
    """A fit of an infinitely wide network to values at scattered points."""

    problem: PointProblem
    samples_name: ClassVar[str] = "points"

    def more_scores(self, field: KernelField, scores: Scores, errors: dict[str, Tensor | None]) -> Scores:
        """Return R² and the root mean square error in the outputs' own units."""
        training = self.problem.training.subset(_SCORED)
        return {
            **points_scores("train", training, errors["train"], self.problem),
            **points_scores("held_out", self.problem.held_out, errors["held_out"], self.problem),
            "ssim": None,
        }

    def parts(self, fitted: Fitted, watch: Callable[[float], None]) -> Parts:
        """Score the field and return its part of the record, with the names of the columns."""
        columns = {"inputs": list(self.signal.placement.names), "outputs": list(self.signal.outputs)}
        return {**super().parts(fitted, watch), "columns": columns}


def _covered(field: KernelField, samples: Samples) -> float:
    """Return the share of at most 20,000 held-out values that lie inside their 90 % intervals."""
    some = samples.subset(_COVERED)
    errors = errors_of(field, some)
    deviations = field.deviation(places_of(some)) / torch.as_tensor(field.value_range.peak, dtype=torch.float64)
    return float((errors.abs() <= _NORMAL_90 * deviations)[~errors.isnan()].double().mean())


def _expectation(problem: Problem, solution: KernelRun) -> dict[str, Any]:
    """Return the ``forecast`` of ``fit --json``: what training samples predicted of one another."""
    expected, on = _expected(problem, solution)
    weights = solution.field.weights
    shrunk = weights.values * weights.ridge  # y − f at the training samples is ρα
    return {
        "held_out_psnr_db": round(decibels(expected), 3),
        "held_out_low_db": None,
        "held_out_high_db": None,
        "train_psnr_db": round(min(150.0, decibels(float(shrunk.square().mean()))), 3),
        "held_out_samples": on,
        "curve": [],
    }


def _expected(problem: Problem, solution: KernelRun) -> tuple[float, str]:
    """Return the mean squared error to expect, and the places that it is expected at.

    For points that is the error of points left out. The samples of a grid all lie at one distance, so their error is
    carried over by the kernel's variance to held-out samples, or to the middles of the grid's cells.
    """
    held_out = problem.held_out
    if isinstance(problem, PointProblem):
        return float(solution.left_out.mse.mean()), "held-out samples" if held_out else "points left out"
    if held_out is not None:
        places, on = places_of(held_out.subset(_PLACES)), "held-out samples"
    else:
        places, on = _between(problem.training), "points between the training samples"
    variance = solution.field.relative_deviation(places).square().mean()
    return float((solution.left_out.power * variance).mean()), on


def _between(samples: GridSamples) -> Tensor:
    """Return middles of the cells between some samples and their next ones along every axis."""
    rows = torch.from_numpy(np.random.default_rng(0).permutation(len(samples))[:_PLACES])
    return places_of(samples)[rows] + 0.5 * torch.tensor(samples.grid.spacing, dtype=torch.float64)
