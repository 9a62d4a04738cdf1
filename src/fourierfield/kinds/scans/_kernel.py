"""Fits of scans by kernel: a prior learnt from place to place, or a stationary kernel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import ClassVar, Self

from ...encodings._spec import EncodingSpec
from ...networks._values import ValueRange
from ...regression._field import KernelField
from ...regression._spec import KernelSpec
from ...tasks._kernel import DEPTH
from ...tasks._plan import EncodingRules
from ...tasks._resume import Finished, Found, Identity, kernel_identity
from ...tasks._settings import FitSettings, bandwidth_in_cycles_per_unit
from ...tasks._task import Budget, FitEvents, Fitted, Parts
from ...training._checkpoint import Checkpoint
from ...training._estimate import in_words
from ...training._loop import TrainingRun
from ...tuning._choice import encoding_words
from ._draws import ALL_DRAWS, standard_deviation
from ._effort import check_scan_memory, estimate_seconds
from ._found import field_of_values, stationary_prior, usual_bandwidth
from ._local import LocalFit
from ._network import say_notes
from ._pilot import ScanForecast
from ._problem import Scan, ScanProblem, inner_problem, scan_problem
from ._reconstruction import Reconstruction, reconstruct
from ._record import (
    image_vector,
    range_of_values,
    rival_scores,
    scan_digest,
    scan_encoding,
    scan_metrics,
    training_facts,
)

_BANDWIDTHS = (0.5, 1.0, 2.0, 4.0)  # times the usual one: those tried of a kernel that is the same everywhere


@dataclass(frozen=True)
class ScanKernelTask:
    """A fit of a scan by kernel.

    With an encoding or a bandwidth that is given the kernel is stationary; otherwise its amplitude is learnt from place
    to place (``adapt``).
    """

    signal: Scan
    problem: ScanProblem
    settings: FitSettings
    specs: tuple[KernelSpec, ...]
    adapt: bool
    method: ClassVar[str] = "kernel"

    @classmethod
    def of(cls, signal: Scan, settings: FitSettings) -> ScanKernelTask:
        """Return the task of a scan. Raises ``TooLargeError``, and ``SettingsError`` for an unusable hold-out."""
        check_scan_memory(signal, settings.uncertainty)
        problem = scan_problem(signal, settings.hold_out_rule)
        specs, adapt = kernel_specs(problem, settings)
        return cls(signal, problem, settings, tuple(specs), adapt)

    def check(self) -> None:
        """Raise ``TooLargeError`` with the numbers if solving would not fit in memory."""
        check_scan_memory(self.signal, self.settings.uncertainty)

    def choose(self, found: Found, events: FitEvents) -> Self:
        """Return the task itself: ridge and kernel are chosen while solving.

        Raises ``SettingsError`` if no measurements can be kept back to choose by.
        """
        if not isinstance(found, Finished):
            inner_problem(self.problem, self.settings.seed)  # its refusals come before anything else is said
            say_notes(self.signal, events)
        return self

    def identity(self) -> Identity:
        """Return what must agree with a fit that was finished before."""
        identity = kernel_identity(scan_digest(self.problem), self.settings, self.settings.depth or DEPTH)
        return {**identity, "uncertainty": self.settings.uncertainty}

    def within(self, budget: Budget, found: Checkpoint | None) -> Self:
        """Return the task itself: a solver has no number of steps to choose."""
        return self

    def forecast(self) -> None:
        """Predict nothing before the fit: solving tells how well it predicts measurements that it did not see."""

    def announce(self) -> list[str]:
        """Return lines that state the kernel, the measurements, how long solving takes and how much memory."""
        shape, samples = "×".join(map(str, self.problem.image_shape)), training_facts(self.problem)["samples"]
        kernels = f"{self.specs[0].name} of {', '.join(encoding_words(spec.encoding) for spec in self.specs)}"
        if self.adapt:
            kernels = f"a kernel whose amplitude is learnt from place to place, {kernels} between samples"
        draws = ALL_DRAWS if self.settings.uncertainty else 0
        seconds = len(self.specs) * estimate_seconds(self.problem, adapt=self.adapt, draws=draws)
        return [
            f"{kernels}; solving for {shape} samples from {samples:,} measurements",
            f"at most about {in_words(seconds)} and {check_scan_memory(self.signal, self.settings.uncertainty)}",
        ]

    def run(self, run: TrainingRun, events: FitEvents) -> Fitted:
        """Solve with each kernel, keep the one that predicts unseen measurements best, and draw its deviation."""
        problem, seed, watch = self.problem, self.settings.seed, events.solver_watch()
        domain, shape = problem.domain, problem.image_shape
        starts = [stationary_prior(spec.kernel(domain.dimensions), domain, shape) for spec in self.specs]
        found = reconstruct(problem, starts, adapt=self.adapt, seed=seed, report=events.judged, watch=watch)
        assert found.chosen is not None
        spec = self.specs[found.chosen.start or 0]
        uncertain = self.settings.uncertainty
        spread = standard_deviation(problem, found, seed=seed, watch=watch) if uncertain else None
        values: ValueRange = range_of_values(found.parts, self.signal)
        field = field_of_values(found.parts, domain, self.signal.description, spec, values=values, spread=spread)
        events.say("comparing with classical methods")
        return Fitted(field, solution=found)

    def parts(self, fitted: Fitted, watch: Callable[[float], None]) -> Parts:
        """Score the field and its classical rivals, and return its part of the record."""
        field, found, problem = fitted.field, fitted.solution, self.problem
        assert isinstance(field, KernelField)
        assert isinstance(found, Reconstruction)
        spec, forecast = field.spec, ScanForecast.of(problem, found)
        chosen_by = f"{_best_of(len(found.tried), len(self.specs))} by measurements that it did not see"
        return {
            "scan": problem.training.kind,
            "encoding": scan_encoding(problem, spec.encoding.family, spec.encoding.bandwidth, spec.encoding.features),
            "network": {"depth": spec.depth, "width": None, "parameters": field.weights.values.numel()},
            "kernel": {
                "trained": spec.trained,
                "amplitude": "local" if found.adapted else "constant",
                "ridge": found.fit.ridge,
                "sparsity": found.fit.sparsity if isinstance(found.fit, LocalFit) else None,
                "iterations": found.fit.iterations,
                "residual": found.fit.residual,
                "tried": [asdict(one) for one in found.tried],
            },
            "metrics": scan_metrics(image_vector(field, problem), problem),
            "baselines": rival_scores(problem),
            "forecast": None if forecast is None else forecast.to_json(),
            "steps": None,
            "training": {**training_facts(problem), "chosen_by": chosen_by},
        }

    def notes(self) -> list[str]:
        """Return remarks on the scan."""
        return list(self.signal.notes)


def kernel_specs(problem: ScanProblem, settings: FitSettings) -> tuple[list[KernelSpec], bool]:
    """Return the kernels to start from, and whether their amplitude is learnt from place to place.

    There are several where a kernel that is the same everywhere is asked for without a bandwidth.
    """
    depth, usual = settings.depth or DEPTH, usual_bandwidth(problem.image_shape)
    rules = EncodingRules(lambda text: bandwidth_in_cycles_per_unit(text, problem.domain), {}, "")
    asked = rules.asked(settings)
    if asked is not None:
        return [KernelSpec(asked.encoding, depth, seed=settings.seed)], False
    if settings.encoding == "auto":
        encodings = [EncodingSpec("gaussian", usual, settings.features)]
    else:
        scales = [factor * usual for factor in _BANDWIDTHS]
        encodings = [EncodingSpec(str(settings.encoding), scale, settings.features) for scale in scales]
    return [KernelSpec(one, depth, seed=settings.seed) for one in encodings], settings.encoding == "auto"


def _best_of(ridges: int, kernels: int) -> str:
    return f"the best of {ridges} ridges" if kernels == 1 else f"the best of {kernels} bandwidths, each with its ridge,"
