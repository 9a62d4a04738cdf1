"""The training loop: problem + network → NetworkField."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

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

__all__ = ["Progress", "TrainingRun", "train"]


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
    samples = training_with_margin(problem, plan.margin)
    memory = check_memory(network.mlp.spec, len(samples), plan)
    network.to(plan.device).train().requires_grad_(True)
    data = TrainingData(samples, network.encoding, plan, precompute=memory.table_fits)
    optimiser = Optimiser(dict(network.mlp.named_parameters()), plan)
    scorer = CurveScorer(problem, network, plan)
    curve: list[dict[str, float | None]] = []
    first = 0
    if run.resume_from is not None:
        optimiser.restore(run.resume_from.tensors, run.resume_from.step)
        first, curve = run.resume_from.step, list(run.resume_from.curve)

    for step in range(first, plan.steps):
        batch = data.batch(step)
        optimiser.clear()
        loss = accumulate_gradients(network.mlp, batch.features, batch.targets, plan, batch.weights)
        optimiser.step(plan.schedule.rate(step, plan.steps))

        done = step + 1
        if done in scorer.steps:
            curve.append(scorer.score(done, _finite(loss, done)))
            run.observe(done, network)
            run.report(Progress(steps=plan.steps, **curve[-1]))  # type: ignore[arg-type]
        else:
            run.report(Progress(done, plan.steps))
        _keep(run, done, plan.steps, optimiser, curve)

    return NetworkField(network, problem.domain, problem.value_range, problem.source), curve


def _finite(loss: Tensor, step: int) -> float:
    value = loss.item()
    if not math.isfinite(value):
        raise SettingsError(f"training diverged at step {step} (the loss is {value}); lower --learning-rate")
    return value


def _keep(run: TrainingRun, done: int, steps: int, optimiser: Optimiser, curve: list[dict[str, float | None]]) -> None:
    """Write a checkpoint when one is due or the run is asked to stop; then stop."""
    stop = run.stop_signal()
    if stop is not None and done < steps:
        if run.checkpointer:
            run.checkpointer.write(done, optimiser.tensors(), curve)
        raise Interrupted(stop, done, str(run.checkpointer.path) if run.checkpointer else None)
    if run.checkpointer and run.checkpointer.due:
        run.checkpointer.write(done, optimiser.tensors(), curve)
