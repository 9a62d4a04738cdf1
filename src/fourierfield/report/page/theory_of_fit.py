"""What theory says of a fit beyond its scores: the error by band, and what one sample contributes."""

from __future__ import annotations

import numpy as np

from ...fitting import FitDetails
from ...fitting.window import coarser_window, shrunk
from ...forecast import forecast_bands, reconstruction_filter
from ...kernels import StationaryKernel
from ...signals import Grid
from ...training import curve_steps
from .content import BandErrors, BandHistory, ImpulseResponse, Missing

__all__ = ["band_errors", "impulse_response"]

_COLUMNS = 96
_MOST_AROUND = 1 << 12  # training samples around the one whose response is drawn


def band_errors(details: FitDetails) -> BandErrors | Missing:
    """Forecast and, from where the run began or was taken up, measured."""
    recorder = details.recorder
    if recorder is None:
        return Missing("the error by band was not recorded; fit with a report.")
    measured = None
    if recorder.steps:
        measured = BandHistory(np.array(recorder.steps), recorder.left.numpy())
    edges = recorder.bands.edges.numpy()
    return BandErrors(edges, _forecast(details), measured)


def _forecast(details: FitDetails) -> BandHistory | None:
    """On the window that the measured one is of, at the times that the forecast of the scores has."""
    assert details.recorder is not None
    flow, window = details.foreseen.flow, details.recorder.window
    if not flow.limit.stationary:
        window = coarser_window(window)
    bands = forecast_bands(
        flow.limit, window.grid, window.values, details.recorder.bands, flow.times, share=window.share
    ).value
    steps = np.array(sorted(curve_steps(len(details.foreseen.theory.times), _COLUMNS)))
    return BandHistory(steps, bands.left_at(details.foreseen.theory.times[steps - 1]).numpy())


def impulse_response(details: FitDetails) -> ImpulseResponse | Missing:
    """At the end of training, on training samples around the middle one as though there were as many everywhere."""
    flow, recorder = details.foreseen.flow, details.recorder
    if not isinstance(flow.limit.kernel, StationaryKernel):
        return Missing("without a mapping the kernel is not stationary: every sample contributes in its own way.")
    if recorder is None:
        return Missing("the training grid was not recorded; fit with a report.")
    window = recorder.window
    grid = Grid.from_origin(window.grid.origin, window.grid.spacing, shrunk(window.grid.shape, _MOST_AROUND))
    dynamics = flow.limit.flow(details.foreseen.theory.times[-1:], window.values.numel() / window.share)
    found = reconstruction_filter(flow.limit.kernel, grid, dynamics, tolerance=1e-4).value
    return ImpulseResponse(found.response[-1].numpy(), [offset.numpy() for offset in found.offsets], grid.spacing)
