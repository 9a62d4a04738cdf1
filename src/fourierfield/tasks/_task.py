"""The task protocol: all that the runner asks of a fit, whatever its signal and method."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NotRequired, Protocol, Self, TypedDict, runtime_checkable

from ..errors import Interrupted
from ..networks._field import Field
from ..solvers._cg import Watch
from ..training._checkpoint import Checkpoint
from ..training._estimate import in_words
from ..training._loop import Progress, TrainingRun
from ..training._plan import TrainingPlan
from ._resume import Found, Identity
from ._settings import FitSettings

Curve = list[dict[str, float | None]]
_EVERY = 3.0  # seconds between two lines of a solver's progress: a line that can still be read


class Parts(TypedDict):
    """The part of a record that a task supplies; the runner adds curve, forecast, method and identity."""

    encoding: dict[str, Any]
    network: dict[str, Any]
    metrics: dict[str, Any]
    baselines: dict[str, float]
    steps: int | None
    training: dict[str, Any]
    forecast: NotRequired[dict[str, Any] | None]
    kernel: NotRequired[dict[str, Any]]
    columns: NotRequired[dict[str, list[str]]]
    shape: NotRequired[dict[str, Any]]
    scan: NotRequired[str]


class Record(Parts):
    """What a field remembers of its fit: plain JSON values, none of which depends on the machine's speed."""

    method: str
    curve: Curve
    settings: Identity
    missing: NotRequired[list[str]]


class Phase(Protocol):
    """A receiver of what is being done, and of the share of it that is done."""

    def __call__(self, what: str, share: float | None = None) -> None: ...


@dataclass(frozen=True)
class FitEvents:
    """Callbacks of a fit.

    ``say`` receives lines for the user, ``progress`` the state of training, ``tuning`` the number of candidates judged
    so far, ``phase`` what is being done when it begins, and again with the share of it that is done. ``stop_signal``
    returns the number of a signal that asked the fit to stop, or None.
    """

    say: Callable[[str], None] = lambda line: None
    progress: Callable[[Progress], None] = lambda progress: None
    stop_signal: Callable[[], int | None] = lambda: None
    tuning: Callable[[int], None] = lambda count: None
    phase: Phase = lambda what, share=None: None

    def judged(self, count: int) -> None:
        """Report the number of candidates judged; raise ``Interrupted`` if the search was asked to stop."""
        self.tuning(count)
        self.check(None)

    def check(self, checkpoint: Path | None, step: int = 0) -> None:
        """Raise ``Interrupted`` if the fit was asked to stop; ``checkpoint`` is the file that is kept."""
        stop = self.stop_signal()
        if stop is not None:
            kept = str(checkpoint) if checkpoint is not None and checkpoint.exists() else None
            raise Interrupted(stop, step, kept)

    def solver_watch(self, aim: float | None = None) -> Watch:
        """Return an observer of a solver that reports its residual every few seconds and lets it be stopped.

        With the relative residual that the solver aims at, it says how long that takes: residuals fall by powers.
        """
        began = reported = time.monotonic()

        def watch(step: int, error: float) -> None:
            nonlocal reported
            self.check(None, step)
            now = time.monotonic()
            if now - reported > _EVERY:
                reported = now
                left = "" if aim is None or not aim < error < 1 else _left(now - began, math.log(error, aim))
                self.say(f"iteration {step}: residual {error:.1e}{left}")

        return watch


def _left(seconds: float, share: float) -> str:
    return f", about {in_words(seconds * (1 - share) / share)} left"


@dataclass(frozen=True)
class Budget:
    """The time that a fit may take: ``seconds`` from ``started`` on (``time.perf_counter``); None has no bound."""

    seconds: float | None
    started: float

    def rest(self) -> float:
        """Return the seconds that are left; infinity without a bound."""
        return math.inf if self.seconds is None else self.seconds - (time.perf_counter() - self.started)


class Prediction(Protocol):
    """The scores that a fit is expected to reach, before it."""

    @property
    def words(self) -> str:
        """The scores in a few words, for the progress log."""

    def to_json(self) -> dict[str, Any]:
        """Return the ``forecast`` of ``fit --json``."""

    def notes(self, metrics: dict[str, Any]) -> list[str]:
        """Return remarks on the scores that were reached."""


@dataclass(frozen=True)
class Fitted:
    """A fitted field with its learning curve; ``solution`` is what a solver reported, for the record."""

    field: Field
    curve: Curve = dataclasses.field(default_factory=list)
    solution: Any = None


class Task(Protocol):
    """A fit of one signal by one method.

    The runner calls the methods in this order: ``check``, ``notes``, ``choose``, ``identity``, ``within``,
    ``forecast``, ``announce``, ``run``, ``parts``. Those that return ``Self`` return a task that knows more.
    """

    @property
    def method(self) -> str:
        """Return "network" or "kernel"."""

    @property
    def settings(self) -> FitSettings:
        """Return the settings of the fit."""

    def check(self) -> None:
        """Raise ``TooLargeError`` with the numbers if the fit would not fit in memory."""

    def choose(self, found: Found, events: FitEvents) -> Self:
        """Choose the encoding; a run that is continued keeps its own. A finished one needs no choice."""

    def identity(self) -> Identity:
        """Return what must agree with a run that is continued."""

    def within(self, budget: Budget, found: Checkpoint | None) -> Self:
        """Plan as many steps as the budget allows; a run that is continued keeps its own number."""

    def forecast(self) -> Prediction | None:
        """Predict the scores, where there is a theory for it."""

    def announce(self) -> list[str]:
        """Return lines that state what is about to be done, how long it takes and how much memory it needs."""

    def run(self, run: TrainingRun, events: FitEvents) -> Fitted:
        """Fit. Raises ``Interrupted``."""

    def parts(self, fitted: Fitted, watch: Callable[[float], None]) -> Parts:
        """Score the field and return its part of the record.

        ``watch`` is called in between with the share that is done, and may raise.
        """

    def notes(self) -> list[str]:
        """Return remarks on the signal for the user."""


@runtime_checkable
class Trained(Protocol):
    """A task that trains by steps, whose number may follow the clock."""

    @property
    def training(self) -> TrainingPlan:
        """Return the plan of the training."""

    def with_steps(self, steps: int) -> Self:
        """Return the task with another number of steps."""
