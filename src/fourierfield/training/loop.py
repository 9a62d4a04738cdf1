"""The training loop: problem + network → NetworkField."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from torch import Tensor, nn

from ..errors import Interrupted, SettingsError
from ..networks import CoordinateNetwork, NetworkField
from ..problems import Problem, training_with_margin
from .checkpoint import Checkpoint, Checkpointer
from .data import TrainingData
from .gradients import accumulate_gradients
from .memory import check_memory
from .optimiser import Optimiser
from .plan import TrainingPlan
from .scoring import CurveScorer

__all__ = ["Objective", "Progress", "Stateful", "TrainingRun", "optimise", "train"]

_STATE = "state."  # in the names of a checkpoint's tensors


@dataclass(frozen=True)
class Progress:
    """Where a run stands after ``step`` of ``steps`` steps; PSNRs in dB, None until scored or without hold-out."""

    step: int
    steps: int
    loss: float | None = None
    train_psnr_db: float | None = None
    held_out_psnr_db: float | None = None


@dataclass(frozen=True)
class TrainingRun:
    """What surrounds the loop: who is told, who may stop it, where checkpoints go, and the one to start from.

    ``stop_signal`` is asked after every step; the number of a signal ends the run with ``Interrupted``. ``observe`` may
    look at the network after each step that is scored, and is to leave it as it is.
    """

    report: Callable[[Progress], None] = lambda progress: None
    stop_signal: Callable[[], int | None] = lambda: None
    checkpointer: Checkpointer | None = None
    resume_from: Checkpoint | None = None
    observe: Callable[[int, CoordinateNetwork], None] = lambda step, network: None


class Objective(Protocol):
    """What a run minimises: the gradients of each step, and how well it stands at some of them."""

    @property
    def parameters(self) -> dict[str, nn.Parameter]:
        """All that is moved, by name."""
        ...

    @property
    def scored_steps(self) -> frozenset[int]:
        """Numbers of steps after which the run is scored."""
        ...

    def accumulate(self, step: int) -> Tensor:
        """Add the gradients of step ``step`` (from 0) to the parameters' ``.grad``; return the loss. A function of the
        parameters and the step alone, so that a resumed run goes on to the same bits."""
        ...

    def score(self, done: int, loss: float) -> dict[str, float | None]:
        """One point of the learning curve, {step, loss, train_psnr_db, held_out_psnr_db}, after ``done`` steps."""
        ...


@runtime_checkable
class Stateful(Protocol):
    """An objective that remembers more than its parameters: what a checkpoint has to hold of it too."""

    def state(self) -> dict[str, Tensor]:
        """Tensors by name."""
        ...

    def restore(self, state: dict[str, Tensor]) -> None:
        """Take up the ``state`` of a checkpoint."""
        ...


def train(
    problem: Problem, network: CoordinateNetwork, plan: TrainingPlan, run: TrainingRun | None = None
) -> tuple[NetworkField, list[dict[str, float | None]]]:
    """Minimise ½·mean (f(v_i) − y_i)² over the training samples with the plan's ``Optimiser``; with weights, Σ w = N,
    ½·mean w_i (f(v_i) − y_i)².

    Returns the field and the learning curve, a list of {step, loss, train_psnr_db, held_out_psnr_db} at some
    twenty steps spread by their logarithm. The same plan, network, problem and thread count give the same bits on
    the CPU, interrupted and resumed or not. Raises ``TooLargeError``, ``Interrupted``, and ``SettingsError`` if the
    loss stops being finite.
    """
    run = run or TrainingRun()
    network.to(plan.device).train().requires_grad_(True)
    curve = optimise(_OnSamples(problem, network, plan), plan, run, lambda done: run.observe(done, network))
    return NetworkField(network, problem.domain, problem.value_range, problem.source), curve


def optimise(
    objective: Objective, plan: TrainingPlan, run: TrainingRun, observe: Callable[[int], None] = lambda done: None
) -> list[dict[str, float | None]]:
    """Take the plan's steps down an objective; returns the learning curve. ``observe`` looks on at each scored step.

    Raises ``Interrupted``, and ``SettingsError`` if the loss stops being finite.
    """
    optimiser = Optimiser(objective.parameters, plan)
    curve: list[dict[str, float | None]] = []
    first = 0
    if run.resume_from is not None:
        optimiser.restore(run.resume_from.tensors, run.resume_from.step)
        if isinstance(objective, Stateful):
            objective.restore(_own_state(run.resume_from.tensors))
        first, curve = run.resume_from.step, list(run.resume_from.curve)

    for step in range(first, plan.steps):
        optimiser.clear()
        loss = objective.accumulate(step)
        optimiser.step(plan.schedule.rate(step, plan.steps))

        done = step + 1
        if done in objective.scored_steps:
            curve.append(objective.score(done, _finite(loss, done)))
            observe(done)
            run.report(Progress(steps=plan.steps, **curve[-1]))  # type: ignore[arg-type]
        else:
            run.report(Progress(done, plan.steps))
        _keep(run, done, plan.steps, lambda: _tensors(optimiser, objective), curve)
    return curve


class _OnSamples:
    """The mean square error over a problem's training samples with their margin."""

    def __init__(self, problem: Problem, network: CoordinateNetwork, plan: TrainingPlan) -> None:
        samples = training_with_margin(problem, plan.margin)
        memory = check_memory(network.mlp.spec, len(samples), plan)
        self._mlp, self._plan = network.mlp, plan
        self._data = TrainingData(samples, network.encoding, plan, precompute=memory.table_fits)
        self._scorer = CurveScorer(problem, network, plan)

    @property
    def parameters(self) -> dict[str, nn.Parameter]:
        return dict(self._mlp.named_parameters())

    @property
    def scored_steps(self) -> frozenset[int]:
        return self._scorer.steps

    def accumulate(self, step: int) -> Tensor:
        batch = self._data.batch(step)
        return accumulate_gradients(self._mlp, batch.features, batch.targets, self._plan, batch.weights)

    def score(self, done: int, loss: float) -> dict[str, float | None]:
        return self._scorer.score(done, loss)


def _finite(loss: Tensor, step: int) -> float:
    value = loss.item()
    if not math.isfinite(value):
        raise SettingsError(f"training diverged at step {step} (the loss is {value}); lower --learning-rate")
    return value


def _tensors(optimiser: Optimiser, objective: Objective) -> dict[str, Tensor]:
    """All that a run needs to go on."""
    own = objective.state() if isinstance(objective, Stateful) else {}
    return optimiser.tensors() | {f"{_STATE}{name}": tensor for name, tensor in own.items()}


def _own_state(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(_STATE): tensor for name, tensor in tensors.items() if name.startswith(_STATE)}


def _keep(
    run: TrainingRun,
    done: int,
    steps: int,
    tensors: Callable[[], dict[str, Tensor]],
    curve: list[dict[str, float | None]],
) -> None:
    """Write a checkpoint when one is due or the run is asked to stop; then stop."""
    stop = run.stop_signal()
    if stop is not None and done < steps:
        if run.checkpointer:
            run.checkpointer.write(done, tensors(), curve)
        raise Interrupted(stop, done, str(run.checkpointer.path) if run.checkpointer else None)
    if run.checkpointer and run.checkpointer.due:
        run.checkpointer.write(done, tensors(), curve)
