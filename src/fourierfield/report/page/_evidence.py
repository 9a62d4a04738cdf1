"""The parts of a page beyond the scores: samples, error by band, impulse response, and the diagnosis's evidence."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ...forecast._bands import forecast_bands
from ...forecast._filters import reconstruction_filter
from ...forecast._finite import finite_width
from ...grids._domain import Grid
from ...grids._noise import noise_level
from ...grids._signal import GridSignal
from ...kernels._stationary import StationaryKernel
from ...networks._field import Field
from ...networks._values import ValueRange
from ...tasks._forecast import HELD_OUT
from ...tasks._reporting import FitDetails
from ...tasks._run import FitOutcome
from ...tasks._windows import coarser_window
from ...training._scoring import curve_steps
from ...tuning._windows import shrunk
from .._candidates import Candidate
from .._evidence import Curve, Evidence, top_octave_share
from ._content import BandErrors, BandHistory, ImpulseResponse, Missing, Values
from ._sound import LONGEST_SECONDS

_MOST = 1 << 20  # samples that are evaluated at most: ten seconds on one core


def shown_values(signal: GridSignal, field: Field, value_range: ValueRange) -> tuple[Values, str | None]:
    """Return a signal and its reconstruction, and a note if only the beginning or every n-th sample is shown."""
    audio = signal.sample_format.audio
    rate = float(audio.rate) if audio else None
    if len(signal.shape) == 1:
        part, grid, note = _beginning(signal, int(LONGEST_SECONDS * rate) if rate else _MOST)
    else:
        part, grid, note = _every(signal, math.ceil((signal.grid.size / _MOST) ** (1 / len(signal.shape))))
    low, peak = value_range.common
    return Values(part, field.sample(grid), (low, low + peak), rate), note


def _beginning(signal: GridSignal, most: int) -> tuple[np.ndarray, Grid, str | None]:
    count = min(len(signal.values), most, _MOST)
    grid = Grid.from_origin(signal.grid.origin, signal.grid.spacing, (count,))
    if count == len(signal.values):
        return signal.values, signal.grid, None
    return signal.values[:count], grid, f"Only the first {count:,} of the {len(signal.values):,} samples are shown."


def _every(signal: GridSignal, stride: int) -> tuple[np.ndarray, Grid, str | None]:
    if stride <= 1:
        return signal.values, signal.grid, None
    part = signal.values[(slice(None, None, stride),) * len(signal.shape)]
    spacing = tuple(stride * step for step in signal.grid.spacing)
    grid = Grid.from_origin(signal.grid.origin, spacing, part.shape[:-1])
    return part, grid, f"Every {_ordinal(stride)} sample along each axis is shown."


def _ordinal(number: int) -> str:
    """Return the ordinal of a number from 2 on.

    >>> _ordinal(2), _ordinal(3), _ordinal(4)
    ('second', 'third', '4th')
    """
    return {2: "second", 3: "third"}.get(number, f"{number}th")


_COLUMNS = 96  # steps at which the forecast error by band is drawn, as many as the figure has columns
_MOST_AROUND = 1 << 12  # training samples around the one whose response is drawn


def band_errors(details: FitDetails) -> BandErrors:
    """Return the error by band: forecast, and measured from the step at which the run began or was resumed."""
    recorder = details.recorder
    measured = None
    if recorder.steps:
        measured = BandHistory(np.array(recorder.steps), recorder.left.numpy())
    edges = recorder.bands.edges.numpy()
    return BandErrors(edges, _forecast(details), measured)


def _forecast(details: FitDetails) -> BandHistory | None:
    """Forecast the error by band on the window of the measured one, at the times of the forecast scores."""
    flow, window = details.forecast.flow, details.recorder.window
    if not flow.limit.stationary:
        window = coarser_window(window)
    bands = forecast_bands(
        flow.limit, window.grid, window.values, details.recorder.bands, flow.times, share=window.share
    ).value
    steps = np.array(sorted(curve_steps(len(details.forecast.theory.times), _COLUMNS)))
    return BandHistory(steps, bands.left_at(details.forecast.theory.times[steps - 1]).numpy())


def impulse_response(details: FitDetails) -> ImpulseResponse | Missing:
    """Compute what the middle one of the training samples contributes at the end of training to those around it."""
    flow, recorder = details.forecast.flow, details.recorder
    if not isinstance(flow.limit.kernel, StationaryKernel):
        return Missing("without a mapping the kernel is not stationary, so every sample contributes differently.")
    window = recorder.window
    grid = Grid.from_origin(window.grid.origin, window.grid.spacing, shrunk(window.grid.shape, _MOST_AROUND))
    dynamics = flow.limit.flow(details.forecast.theory.times[-1:], window.values.numel() / window.share)
    found = reconstruction_filter(flow.limit.kernel, grid, dynamics, tolerance=1e-4).value
    return ImpulseResponse(found.response[-1].numpy(), [offset.numpy() for offset in found.offsets], grid.spacing)


_LONGER = (2, 4)  # multiples of the steps for which scores are forecast
_MOST_SCORED = 150.0  # dB: networks in float32 come no closer


def evidence_of_fit(outcome: FitOutcome, details: FitDetails, candidates: Sequence[Candidate]) -> Evidence:
    """Gather the evidence for the diagnosis; ``candidates`` are those that the encoding was chosen from."""
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
        least=details.forecast.scores.low_db if details.forecast.on == HELD_OUT else None,
        spline=record["baselines"].get("cubic_psnr_db"),
        # These scores are of other samples than the forecast's, so they need bandwidths of their kind to compare with.
        other_families=others if bandwidths else (),
        learning_rate=details.plan.training.schedule.peak,
        hold_out=record["settings"]["hold_out"],
        **_traits(details),
    )


def _bandwidths(own: Candidate, candidates: Sequence[Candidate]) -> list[tuple[float, float]]:
    """Return (bandwidth, held-out PSNR) of candidates like ``own``; at its own bandwidth only itself counts."""
    found = []
    for other in candidates:
        if other.scale is None or own.scale is None or (other.family, other.features) != (own.family, own.features):
            continue
        if other.bandwidth == own.bandwidth or not math.isclose(other.scale, own.scale, rel_tol=1e-2):
            found.append((own.scale if other.bandwidth == own.bandwidth else other.scale, other.held_out_psnr_db))
    return found


def theory_curve(details: FitDetails) -> Curve:
    """Return the forecast at every step; the held-out curve is that of the finite network."""
    forecast = details.forecast
    steps = range(1, len(forecast.theory.times) + 1)
    held_out = forecast.held_out_curve(list(steps))
    known = [value for value in held_out if value is not None]
    training = forecast.theory.train_psnr_db.clamp(max=_MOST_SCORED).tolist()
    return Curve(steps, training, known if len(known) == len(steps) else None)


def _longer(details: FitDetails) -> list[tuple[int, float]]:
    """Return forecasts (steps, held-out PSNR) for more steps, as far as the times of the flow reach."""
    forecast, plan = details.forecast, details.plan
    flow, here = forecast.flow, finite_width(forecast.flow, plan.training).held_out_psnr_db
    if here is None or forecast.scores.held_out_psnr_db is None:
        return []
    # The time of the finite network relative to that of theory.
    pace = float(forecast.theory.times[-1] / flow.under(plan.training).times[-1])
    found = []
    for factor in _LONGER:
        longer = plan.with_steps(factor * plan.training.steps).training
        there = finite_width(flow, longer).held_out_psnr_db
        if there is None or pace * float(flow.under(longer).times[-1]) > float(flow.times[-1]):
            break
        found.append((longer.steps, forecast.scores.held_out_psnr_db + there - here))
    return found


def _traits(details: FitDetails) -> dict[str, float | None]:
    """Return properties of the training samples in the window that was recorded."""
    window = details.recorder.window
    measured = window.measured.reshape(*window.grid.shape, -1).numpy()
    centred = window.values - window.values.mean(0)
    return {
        "top_octave_share": top_octave_share(window.values, window.grid),
        "variance": float(centred.square().mean()),
        "noise": noise_level(measured),
    }
