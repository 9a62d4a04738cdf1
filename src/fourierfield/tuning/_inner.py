"""The inner problem: training samples divided once more to judge candidates, so that held-out values stay unseen.

A few windows of the training samples stand for all of them. In each a random tenth is left out (a regular lattice would
halve the Nyquist frequency and so ask for too small a bandwidth). A smooth signal is judged at points between its
samples instead, where an interpolating spline gives its value.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch

from ..forecast._curve import measured
from ..forecast._steps import FlowForecast
from ..forecast._structure import directed_detail
from ..grids._domain import Domain, Grid
from ..grids._noise import noise_level
from ..grids._sample_format import SampleFormat
from ..grids._signal import SignalDescription
from ..networks._values import ValueRange
from ..problems._grid import GridProblem, GridSamples
from ._detail import detail_of, mean_square_slopes
from ._windows import Cut

WINDOW = 4096  # samples in a window: the forecast of one takes some 30 ms a channel
ROUGH = 2048  # samples in the one window of a first look: half of a window, for speed
WINDOWS = 4  # at most: bounds the work of a forecast
_LEFT_OUT = 0.1  # share of the samples that is left out
_ORDER = 7  # of the spline between samples: near the band-limited interpolant, and local
_MIDPOINTS = 0.5  # points between the samples for each sample, at most: bounds the work of a forecast


@dataclass(frozen=True)
class InnerProblem:
    """A problem's training samples with a random tenth held out.

    ``windows`` has the channels of several windows side by side, moved to one place and with one split, since what is
    learned depends on differences of position alone. ``details`` are the windows' mean square differences to
    neighbours and ``detail`` is that of all samples; their ratio converts forecast errors in the windows to errors of
    the whole. ``whole`` is the whole problem, also split at random, and ``channels`` its number of channels. ``slopes``
    (d,) are the signal's mean square slopes along each axis, ``directed`` is how much its detail has a direction
    (``directed_detail``, dB), and ``noise`` the power of its noise (``noise_level``²). For a ``smooth`` signal nothing
    is left out of the windows, and points between their samples are held out.
    """

    windows: GridProblem
    details: tuple[float, ...]
    detail: float
    whole: GridProblem
    channels: int
    slopes: tuple[float, ...]
    directed: float
    noise: float
    smooth: bool = False

    @property
    def count(self) -> int:
        """The number of windows."""
        return len(self.details)

    @property
    def kept(self) -> int:
        """The number of channels of a window: principal ones, fewer than the signal's if some are faint."""
        return self.windows.channels // self.count

    @property
    def scale(self) -> float:
        """The ratio of the detail of a mean value of the whole to that of a mean value in the windows."""
        seen = sum(self.details) / self.count
        return self.detail / seen if seen > 0 else self.kept / self.channels

    @cached_property
    def pull_scale(self) -> float:
        """``scale`` times the ratio of the numbers of values: pull is a sum over values, errors are means."""
        return self.scale * measured(self.whole.training) / measured(self.windows.training)

    def left_out(self, best: float) -> float:
        """Compute where the error between samples lies, from that on samples (0) to that on left-out ones (1).

        ``best`` is the least mean square error on left-out samples. The more the detail has a direction, the nearer to
        0: lines continue between samples, noise does not. Fitted to the sweeps of ``benchmarks/scorecard``.
        """
        share = min(1.0, self.noise / best) if best > 0 else 1.0
        return 1 - (0.1 + 0.1 * self.directed) * (1 - share)

    def judged(self, flow: FlowForecast) -> FlowForecast:
        """Convert the flow of the windows to the errors to expect between the samples of the whole, and to its pull."""
        curve = flow.curve.scaled(self.scale, self.pull_scale)
        assert curve.held_out_mse is not None
        left_out = self.left_out(float(curve.held_out_mse.min()))
        return flow.with_curve(curve.noisier(self.noise) if self.smooth else curve.between(left_out))

    def one_window(self) -> InnerProblem:
        """Return the problem with one window alone, whose detail is nearest to the mean."""
        mean = self.detail * self.channels / self.kept  # the channels that were left out have hardly any
        chosen = int(np.argmin([abs(detail - mean) for detail in self.details]))
        kept = slice(chosen * self.kept, (chosen + 1) * self.kept)
        return replace(self, windows=_channels(self.windows, kept), details=(self.details[chosen],))

    def first_look(self, problem: GridProblem) -> InnerProblem:
        """Return one smaller window of the same ``problem``, for a rough look at many candidates."""
        if self.smooth:
            return (divide_smooth(problem, most=ROUGH // 2) or self).one_window()
        return divide(problem, most=ROUGH).one_window()


def divide(problem: GridProblem, *, windows: int = WINDOWS, most: int = WINDOW, seed: int = 0) -> InnerProblem:
    """Cut at most ``windows`` windows of about ``most`` training samples, spread evenly, and hold out a tenth.

    Channels are rotated to the principal axes of the detail, without faint ones, which ``scale`` makes up for.
    """
    cut = Cut.of(problem, windows, most)
    return _inner(cut, left_out_problem(cut.own_grid, cut.side_by_side, seed), seed)


def divide_smooth(
    problem: GridProblem, *, windows: int = WINDOWS, most: int = WINDOW // 2, seed: int = 0
) -> InnerProblem | None:
    """Cut windows like ``divide``, and hold out points between the samples (``midpoint_problem``); None with gaps."""
    cut = Cut.of(problem, windows, most)
    if np.isnan(cut.side_by_side).any():
        return None
    return replace(_inner(cut, midpoint_problem(cut.own_grid, cut.side_by_side, seed), seed), smooth=True)


def _inner(cut: Cut, windows: GridProblem, seed: int) -> InnerProblem:
    """Return the inner problem of a cut whose windows were made into a problem."""
    return InnerProblem(
        windows,
        tuple(detail_of(part)[0] for part in cut.parts),
        cut.detail,
        left_out_problem(cut.grid, cut.values, seed),
        cut.channels,
        mean_square_slopes(cut.values, cut.grid.spacing),
        float(np.mean([directed_detail(part[..., 0]) for part in cut.parts])),
        float(np.mean([(noise_level(cut.values[box]) or 0.0) ** 2 for box in cut.boxes])),
    )


def _channels(problem: GridProblem, kept: slice) -> GridProblem:
    """Return the problem of these channels alone, with the samples that have any of them."""
    assert problem.held_out is not None
    training, held_out = (_known(samples, kept) for samples in (problem.training, problem.held_out))
    if len(held_out) == 0:
        held_out = training
    if len(training) == 0:
        training = held_out
    source = replace(problem.source, channels=kept.stop - kept.start)
    return GridProblem(problem.domain, training, held_out, problem.value_range, source)


def _known(samples: GridSamples, kept: slice) -> GridSamples:
    some = replace(samples, values=samples.values[:, kept])
    return some.at(~some.values.isnan().all(1))


def left_out_problem(grid: Grid, values: np.ndarray, seed: int) -> GridProblem:
    """Return the problem of values on a grid (n₁, …, n_d, C) with a random tenth of the samples held out."""
    rows = torch.from_numpy(np.ascontiguousarray(values.reshape(grid.size, -1)))
    known = np.flatnonzero(~np.isnan(values).reshape(grid.size, -1).all(1))
    first = max(1, round(_LEFT_OUT * len(known)))
    out = np.zeros(len(known), dtype=bool)
    out[np.random.default_rng(seed).choice(len(known), first, replace=False, shuffle=False)] = True
    parts = (known[~out], known[out]) if len(known) > 1 else (known, known)
    training, held_out = (GridSamples(grid, torch.from_numpy(part), rows[part]) for part in parts)
    description = SignalDescription("window", grid.shape, rows.shape[1], SampleFormat("float32"))
    domain = Domain(tuple(n * h for n, h in zip(grid.shape, grid.spacing, strict=True)), ("",) * len(grid.shape))
    return GridProblem(domain, training, held_out, ValueRange(), description)


def midpoint_problem(grid: Grid, values: np.ndarray, seed: int) -> GridProblem:
    """Return the problem of all samples (n₁, …, n_d, C) with half as many points halfway between them held out.

    They have the values of a spline of seventh order. A sample left out of a grid is twice as far from the others, and
    where errors fall with a high power of distance it says little. No value may be missing (NaN).
    """
    fine = values.astype(np.float64)
    for axis in range(len(grid.shape)):
        fine = _refined(fine, axis)
    shape = fine.shape[:-1]
    spacing = tuple(h / (2 if n > 1 else 1) for n, h in zip(grid.shape, grid.spacing, strict=True))
    place = Grid.from_origin(tuple(float(grid.axis(a)[0]) for a in range(len(shape))), spacing, shape)
    given = np.zeros(shape, dtype=bool)
    given[(slice(None, None, 2),) * len(shape)] = True
    training, between = (np.flatnonzero(part.ravel()) for part in (given, ~given))
    most = max(1, round(_MIDPOINTS * len(training)))
    if len(between) > most:
        between = np.sort(np.random.default_rng(seed).choice(between, most, replace=False))
    rows = torch.from_numpy(fine.reshape(-1, fine.shape[-1]).astype(np.float32))
    samples = [GridSamples(place, torch.from_numpy(flat), rows[flat]) for flat in (training, between)]
    description = SignalDescription("window", shape, rows.shape[1], SampleFormat("float32"))
    domain = Domain(tuple(n * h for n, h in zip(shape, spacing, strict=True)), ("",) * len(shape))
    return GridProblem(domain, samples[0], samples[1], ValueRange(), description)


def _refined(values: np.ndarray, axis: int) -> np.ndarray:
    """Interpolate to twice as many points along an axis, less one."""
    from scipy.interpolate import make_interp_spline

    n = values.shape[axis]
    if n < 2:
        return values
    order = min(_ORDER, n - 1 - n % 2)  # odd
    return np.asarray(make_interp_spline(np.arange(n), values, k=order, axis=axis)(np.arange(2 * n - 1) / 2))
