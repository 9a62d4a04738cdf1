"""Trains every encoding of every sweep with the default preset's plan, and keeps its learning curve."""

from __future__ import annotations

from pathlib import Path

import torch

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.grids._splits import GridHoldOut
from fourierfield.networks._mlp import MLP, CoordinateNetwork, MLPSpec
from fourierfield.problems._grid import GridProblem, grid_problem
from fourierfield.tasks._plan import DEFAULT_RATE, MARGIN, ORTHOGONAL, default_batch, weight_decay
from fourierfield.training._loop import train
from fourierfield.training._plan import TrainingPlan, choose_precision
from fourierfield.training._schedules import WarmupCosine
from fourierfield.training._scoring import score_field

from ..table import Row, Table
from .signals import load
from .sweeps import Sweep, candidates

__all__ = ["KEYS", "build", "plan_of", "problem_of", "train_sweep"]

KEYS = ("signal", "side", "depth", "width", "features", "steps", "family", "bandwidth", "seed")


def problem_of(sweep: Sweep, data: Path) -> GridProblem:
    """The paper's hold-out of a sweep's signal."""
    return grid_problem(load(sweep.signal, sweep.side, data), GridHoldOut())


def plan_of(sweep: Sweep, problem: GridProblem) -> TrainingPlan:
    """The default preset's plan with the sweep's steps."""
    batch = default_batch(len(problem.training))
    decay = weight_decay(sweep.steps, DEFAULT_RATE)
    precision = choose_precision("auto", torch.device("cpu"))
    return TrainingPlan(sweep.steps, WarmupCosine(DEFAULT_RATE), batch, decay, ORTHOGONAL, MARGIN, precision=precision)


def build(sweep: Sweep, encoding: EncodingSpec, problem: GridProblem, seed: int) -> CoordinateNetwork:
    """The network that will be trained, as ``fit`` would draw it."""
    generator = torch.Generator().manual_seed(seed)
    gamma = encoding.build(problem.domain.dimensions, generator)
    mlp = MLPSpec(gamma.out_features, problem.channels, depth=sweep.depth, width=sweep.width)
    return CoordinateNetwork(gamma, MLP(mlp, generator))


def train_sweep(sweep: Sweep, table: Table, data: Path, seed: int = 0) -> None:
    """Add a row for each candidate that the table has not yet."""
    problem = problem_of(sweep, data)
    for encoding in candidates(problem, sweep.features):
        key = {**sweep.row, "family": encoding.family, "bandwidth": str(encoding.bandwidth or ""), "seed": str(seed)}
        if not table.has(key):
            table.add({**key, **_train(sweep, encoding, problem, seed)})


def _train(sweep: Sweep, encoding: EncodingSpec, problem: GridProblem, seed: int) -> Row:
    network = build(sweep, encoding, problem, seed)
    field, curve = train(problem, network, plan_of(sweep, problem))
    scores = score_field(field, problem)
    points = [f"{int(p['step'] or 0)}:{p['train_psnr_db']:.3f}:{p['held_out_psnr_db']:.3f}" for p in curve]
    return {
        "train_psnr_db": f"{scores['train_psnr_db']:.3f}",
        "held_out_psnr_db": f"{scores['held_out_psnr_db']:.3f}",
        "curve": ";".join(points),
    }
