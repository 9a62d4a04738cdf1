"""What the diagnosis of a fit reads, gathered from the fit."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...fitting import FitDetails, FitOutcome
from ...fitting.foreseen import HELD_OUT
from ...forecast import finite_width
from ...signals import noise_level
from ..candidates import Candidate
from ..evidence import Curve, Evidence, top_octave_share

__all__ = ["evidence_of_fit", "theory_curve"]

_LONGER = (2, 4)
_MOST = 150.0  # dB: networks in float32 come no closer


def evidence_of_fit(outcome: FitOutcome, details: FitDetails, candidates: Sequence[Candidate]) -> Evidence:
    """``candidates`` are those that the encoding was chosen from."""
    record = outcome.field.record
    family = record["encoding"]["family"]
    own = Candidate(family, details.plan.choice.encoding.bandwidth, record["encoding"]["features"], 0.0)
    bandwidths = _bandwidths(own, candidates)
    others = [(found.family, found.scale, found.held_out_psnr_db) for found in candidates if found.family != family]
    return Evidence(
        Curve.of_record(record["curve"]),
        record["metrics"]["train_psnr_db"],
        record["metrics"]["held_out_psnr_db"],
        forecast=theory_curve(details),
        bandwidth=own.scale,
        bandwidths=bandwidths,
        longer=_longer(details),
        least=details.foreseen.scores.low_db if details.foreseen.on == HELD_OUT else None,
        spline=record["baselines"].get("cubic_psnr_db"),
        other_families=others if bandwidths else (),  # scores of other samples than the forecast's, as the bandwidths'
        learning_rate=details.plan.training.schedule.peak,
        hold_out=record["settings"]["hold_out"],
        **_traits(details),
    )


def _bandwidths(own: Candidate, candidates: Sequence[Candidate]) -> list[tuple[float, float]]:
    """(bandwidth, held-out PSNR) of the same family and number of frequencies; at its own bandwidth, its own alone."""
    found = []
    for other in candidates:
        if other.scale is None or own.scale is None or (other.family, other.features) != (own.family, own.features):
            continue
        if other.bandwidth == own.bandwidth or not math.isclose(other.scale, own.scale, rel_tol=1e-2):
            found.append((own.scale if other.bandwidth == own.bandwidth else other.scale, other.held_out_psnr_db))
    return found


def theory_curve(details: FitDetails) -> Curve:
    """The forecast at every step, held out as the finite network is expected to do."""
    foreseen = details.foreseen
    steps = range(1, len(foreseen.theory.times) + 1)
    held_out = foreseen.held_out_curve(list(steps))
    known = [value for value in held_out if value is not None]
    training = foreseen.theory.train_psnr_db.clamp(max=_MOST).tolist()
    return Curve(steps, training, known if len(known) == len(steps) else None)


def _longer(details: FitDetails) -> list[tuple[int, float]]:
    """Forecasts for more steps, as far as the times of the flow reach: what they gain over those that were taken."""
    foreseen, plan = details.foreseen, details.plan
    flow, here = foreseen.flow, finite_width(foreseen.flow, plan.training).held_out_psnr_db
    if here is None or foreseen.scores.held_out_psnr_db is None:
        return []
    pace = float(foreseen.theory.times[-1] / flow.under(plan.training).times[-1])  # of finite networks over theory's
    found = []
    for factor in _LONGER:
        longer = plan.with_steps(factor * plan.training.steps).training
        there = finite_width(flow, longer).held_out_psnr_db
        if there is None or pace * float(flow.under(longer).times[-1]) > float(flow.times[-1]):
            break
        found.append((longer.steps, foreseen.scores.held_out_psnr_db + there - here))
    return found


def _traits(details: FitDetails) -> dict[str, float | None]:
    """Of the training samples, as far as they are in the window that was recorded."""
    if details.recorder is None:
        return {}
    window = details.recorder.window
    measured = window.measured.reshape(*window.grid.shape, -1).numpy()
    centred = window.values - window.values.mean(0)
    return {
        "top_octave_share": top_octave_share(window.values, window.grid),
        "variance": float(centred.square().mean()),
        "noise": noise_level(measured),
    }
