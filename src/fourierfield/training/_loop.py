"""Train a network: problem + network → NetworkField."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from torch import Tensor, nn

from ..errors import Interrupted, SettingsError
from ..networks._field import NetworkField
from ..networks._mlp import CoordinateNetwork
from ..problems._margin import training_with_margin
from ..problems._points import Problem
from ._checkpoint import Checkpoint, Checkpointer
from ._data import TrainingData
from ._estimate import check_memory
from ._optimiser import Optimiser, accumulate_gradients
from ._pace import Deadline, Pacer
from ._plan import TrainingPlan
from ._scoring import CurveScorer, curve_steps

_STATE = "state."  # prefix of the objective's own tensors in a checkpoint


@dataclass(frozen=True)
class Progress:
    """The progress of a run after ``step`` of ``steps`` steps; PSNRs in dB, None until scored or without hold-out."""

    step: int
    steps: int
    loss: float | None = None
    train_psnr_db: float | None = None
    held_out_psnr_db: float | None = None


@dataclass(frozen=True)
class TrainingRun:
    """The surroundings of the loop: reports, a way to stop it, where checkpoints go, and the one to resume from.

    ``report`` is called after every step. So is ``stop_signal``: if it returns the number of a signal, the run ends
    with ``Interrupted``. ``observe`` is called after each scored step with the number of steps done and the network,
    which it must not change. ``field_of`` makes the field of a network, where that takes more than the problem. With a
    ``deadline`` the number of steps follows the clock.
    """

    report: Callable[[Progress], None] = lambda progress: None
    stop_signal: Callable[[], int | None] = lambda: None
    checkpointer: Checkpointer | None = None
    resume_from: Checkpoint | None = None
    observe: Callable[[int, CoordinateNetwork], None] = lambda step, network: None
    field_of: Callable[[CoordinateNetwork], NetworkField] | None = None
    deadline: Deadline | None = None


class Objective(Protocol):
    """A function that a run minimises: its gradients at each step, and its scores at some of them."""

    @property
    def parameters(self) -> dict[str, nn.Parameter]:
        """The parameters that are trained, by name."""

    def follow(self, plan: TrainingPlan) -> None:
        """Go on by a plan with another number of steps."""

    def accumulate(self, step: int) -> Tensor:
        """Add the gradients of step ``step`` (from 0) to the parameters' ``.grad``; return the loss.

        They depend on the parameters and the step alone, so that a resumed run continues to the same bits.
        """

    def score(self, done: int, loss: float) -> dict[str, float | None]:
        """Return {step, loss, train_psnr_db, held_out_psnr_db} after ``done`` steps, the last with the ``loss``."""


@runtime_checkable
class Stateful(Protocol):
    """An objective with a state beside its parameters, which a checkpoint must hold too."""

    def state(self) -> dict[str, Tensor]:
        """Return the tensors of the state by name."""

    def restore(self, state: dict[str, Tensor]) -> None:
        """Set the state to that of a checkpoint."""


def train(
    problem: Problem, network: CoordinateNetwork, plan: TrainingPlan, run: TrainingRun | None = None
) -> tuple[NetworkField, list[dict[str, float | None]]]:
    """Train a network on a problem by minimising ½·mean_i w_i (f(v_i) − y_i)² over its N training samples.

    The weights w_i are 1 by default and have Σ w = N; a plan with the loss "cross-entropy" minimises that instead.
    Samples are continued beyond the border by the plan's ``margin``. The same plan, network, problem and thread count
    give the same bits on the CPU, whether the run was interrupted and resumed or not.

    Args:
        problem: The training samples, scaled to [0, 1], and the held-out ones for the learning curve.
        network: The network to train, in place; it is moved to the plan's device.
        plan: Steps, learning rates, batches, loss, number format and device.
        run: Reports, checkpoints and interruption; none of them by default.

    Returns:
        The field, and the learning curve: {step, loss, train_psnr_db, held_out_psnr_db} at some twenty steps spread by
        their logarithm, PSNR in dB.

    Raises:
        TooLargeError: The run would not fit in memory.
        Interrupted: ``run.stop_signal`` asked to stop.
        SettingsError: The loss stopped being finite.

    >>> import numpy, torch
    >>> from fourierfield.encodings import gaussian
    >>> from fourierfield.grids import Domain, GridSignal
    >>> from fourierfield.grids._sample_format import SampleFormat
    >>> from fourierfield.networks import MLP, MLPSpec
    >>> from fourierfield.problems import grid_problem
    >>> values = numpy.linspace(0, 1, 16, dtype=numpy.float32)[:, None]
    >>> problem = grid_problem(GridSignal(values, Domain.of_samples((16,)), "series", SampleFormat("float32")))
    >>> generator = torch.Generator().manual_seed(0)
    >>> encoding = gaussian(1, bandwidth=1.0, features=8, generator=generator)
    >>> network = CoordinateNetwork(encoding, MLP(MLPSpec(16, 1, width=16), generator))
    >>> field, curve = train(problem, network, TrainingPlan(steps=100))
    >>> curve[-1]["step"], curve[-1]["train_psnr_db"] > 20
    (100, True)
    """
    run = run or TrainingRun()
    network.to(plan.device).train().requires_grad_(True)
    field_of = run.field_of or (lambda net: NetworkField(net, problem.domain, problem.value_range, problem.source))
    objective = _OnSamples(problem, network, plan)
    curve = optimise(
        objective, plan, run, lambda done: run.observe(done, network), lambda: field_of(copy.deepcopy(network))
    )
    return field_of(network), curve


_PROBE_RATE = 1e-6  # of steps that are timed: it moves next to nothing


def seconds_of_step(objective: Objective, plan: TrainingPlan, steps: range) -> float:
    """Time some steps, which move the weights a little, and return the median seconds of one; 0 for no steps."""
    optimiser, marks = Optimiser(objective.parameters, plan), [time.perf_counter()]
    for step in steps:
        optimiser.clear()
        objective.accumulate(step)
        optimiser.step(_PROBE_RATE)
        marks.append(time.perf_counter())
    return float(np.median(np.diff(marks))) if len(marks) > 1 else 0.0


def optimise(
    objective: Objective,
    plan: TrainingPlan,
    run: TrainingRun,
    observe: Callable[[int], None] = lambda done: None,
    unfinished: Callable[[], NetworkField | None] = lambda: None,
) -> list[dict[str, float | None]]:
    """Minimise an objective by the plan's steps; return the learning curve.

    ``observe`` is called after each scored step with the number of steps done; ``unfinished`` returns the field as it
    is now, of a copy of the network, for checkpoints. Raises as ``train`` does.
    """
    optimiser = Optimiser(objective.parameters, plan)
    curve: list[dict[str, float | None]] = []
    first = 0
    if run.resume_from is not None:
        optimiser.restore(run.resume_from.tensors, run.resume_from.step)
        if isinstance(objective, Stateful):
            objective.restore(_own_state(run.resume_from.tensors))
        first, curve = run.resume_from.step, list(run.resume_from.curve)

    def write(to: Checkpointer, done: int) -> None:
        to.write(done, _tensors(optimiser, objective), curve, unfinished())

    done, pacer, scored = first, Pacer(plan, run.deadline, first), curve_steps(plan.steps)
    while done < plan.steps:
        optimiser.clear()
        loss = objective.accumulate(done)
        optimiser.step(plan.schedule.rate(done, plan.steps))

        done += 1
        if pacer.follow(done):
            plan = pacer.plan
            scored = curve_steps(plan.steps)
            optimiser.follow(plan)
            objective.follow(plan)
            _note_plan(run.checkpointer, plan)
        if done in scored:
            with pacer.scoring():
                curve.append(objective.score(done, _finite(loss, done)))
                observe(done)
            run.report(Progress(steps=plan.steps, **curve[-1]))  # type: ignore[arg-type]
        else:
            run.report(Progress(done, plan.steps))
        _keep(run, done, plan.steps, write)
    return curve


class _OnSamples:
    """The plan's loss over a problem's training samples with their margin."""

    def __init__(self, problem: Problem, network: CoordinateNetwork, plan: TrainingPlan) -> None:
        samples = training_with_margin(problem, plan.margin)
        memory = check_memory(network.mlp.spec, len(samples), plan)
        self._mlp, self._plan = network.mlp, plan
        self._data = TrainingData(samples, network.encoding, plan, precompute=memory.table_fits)
        self._scorer = CurveScorer(problem, network, plan)

    @property
    def parameters(self) -> dict[str, nn.Parameter]:
        return dict(self._mlp.named_parameters())

    def follow(self, plan: TrainingPlan) -> None:
        self._plan = plan

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
    """Return all the tensors from which a run can continue."""
    own = objective.state() if isinstance(objective, Stateful) else {}
    return optimiser.tensors() | {f"{_STATE}{name}": tensor for name, tensor in own.items()}


def _own_state(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(_STATE): tensor for name, tensor in tensors.items() if name.startswith(_STATE)}


def _note_plan(checkpointer: Checkpointer | None, plan: TrainingPlan) -> None:
    """Let the next checkpoints say by which plan the run goes on."""
    if checkpointer is not None:
        checkpointer.settings |= {"steps": plan.steps, "weight_decay": plan.weight_decay}


def _keep(run: TrainingRun, done: int, steps: int, write: Callable[[Checkpointer, int], None]) -> None:
    """Write a checkpoint if one is due; if the run is asked to stop, write one and raise ``Interrupted``."""
    stop = run.stop_signal() if done < steps else None
    if run.checkpointer and (stop is not None or run.checkpointer.due):
        write(run.checkpointer, done)
    if stop is not None:
        raise Interrupted(stop, done, str(run.checkpointer.path) if run.checkpointer else None)
