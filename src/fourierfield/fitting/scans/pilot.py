"""What a network's values have to reach, told by a kernel before it is trained."""

from __future__ import annotations

from ...encodings import EncodingSpec
from ...networks import NetworkField, ValueRange
from ...problems.scans import ScanProblem
from ...regression import KernelSpec
from ...regression.scans import reconstruct, stationary_prior, usual_bandwidth
from ...training.checkpoint import Checkpoint
from .record import range_of_values

__all__ = ["pilot_range"]

_RIDGE = 1e-2
_ROOM = 1.2  # times the largest value that a smooth kernel finds, which is too low at sharp details


def pilot_range(problem: ScanProblem, found: NetworkField | Checkpoint | None, seed: int) -> ValueRange:
    """The values that stand for [0, 1]: with some room above those of a quick fit by a kernel, or as a run that is
    taken up again began with; of simulated measurements those of the truth's file."""
    if isinstance(found, Checkpoint) and "values" in found.settings:
        return ValueRange(float(found.settings["values"]["offset"]), float(found.settings["values"]["peak"]))
    spec = KernelSpec(EncodingSpec("gaussian", usual_bandwidth(problem.image_shape)))
    prior = stationary_prior(spec.kernel(problem.domain.dimensions), problem.domain, problem.image_shape)
    pilot = reconstruct(problem, prior, adapt=False, ridge=_RIDGE, seed=seed)
    values = range_of_values(pilot.parts, problem.training)
    if problem.training.truth is not None and problem.channels == 1:
        return values
    offset, peak = values.common
    return ValueRange(_ROOM * offset if offset < 0 else offset, _ROOM * peak)
