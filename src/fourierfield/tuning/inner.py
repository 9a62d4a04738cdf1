"""The training samples divided once more: what a candidate is judged by, so that held-out values stay unseen.

A few windows of the training samples stand for all of them. In each a random share is kept back (a regular one would
halve the Nyquist frequency and so ask for too small a bandwidth).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ..forecast import FlowForecast, directed_detail
from ..problems import GridProblem, GridSamples
from ..signals import noise_level
from .cut import Cut
from .detail import detail_of, mean_square_slopes
from .leave_out import left_out_problem
from .midpoints import midpoint_problem

__all__ = ["InnerProblem", "divide", "divide_smooth"]

WINDOW = 4096  # samples: the forecast of one takes some 30 ms a channel
ROUGH = 2048  # of the one window of a first look
WINDOWS = 4


@dataclass(frozen=True)
class InnerProblem:
    """A problem's training samples with a random tenth held out.

    ``windows`` has the channels of several windows side by side, moved to one place and with one split: what is learned
    there depends on differences of position alone. ``details`` are the windows' mean square differences to neighbours,
    ``detail`` that of all samples: forecast errors times their ratio are those of all. ``whole`` is all of the problem,
    split at random likewise, and ``channels`` its number of channels. ``slopes`` (d,) are mean squares of the signal's
    slope along each axis, ``directed`` is how much its detail has a direction (``directed_detail``),
    ``noise`` the power of its noise (``noise_level``²). Where the signal is ``smooth``, nothing is left out of the
    windows, and held out are points between their samples.
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
        """How many windows there are."""
        return len(self.details)

    @property
    def kept(self) -> int:
        """Channels of a window: principal ones, fewer than the signal's where some are faint."""
        return self.windows.channels // self.count

    @property
    def scale(self) -> float:
        """How much more detail a mean value of the whole has than one in the windows."""
        seen = sum(self.details) / self.count
        return self.detail / seen if seen > 0 else self.kept / self.channels

    @cached_property
    def pull_scale(self) -> float:
        """``scale`` times how often the windows' values go into all: pull is a sum of values, errors are means."""
        return self.scale * _measured(self.whole.training) / _measured(self.windows.training)

    def left_out(self, best: float) -> float:
        """Where the error between samples lies from that on them (0) to that on samples left out (1), ``best`` of it.

        Nearer the former the more the detail has a direction: lines go on between samples, noise does not. Fitted to
        the sweeps of ``benchmarks/scorecard``.
        """
        share = min(1.0, self.noise / best) if best > 0 else 1.0
        return 1 - (0.1 + 0.1 * self.directed) * (1 - share)

    def judged(self, flow: FlowForecast) -> FlowForecast:
        """The flow of the windows with the errors to expect between the samples of the whole, and its pull."""
        flow = flow.scaled(self.scale, self.pull_scale)
        assert flow.curve.held_out_mse is not None
        if self.smooth:
            return flow.noisier(self.noise)
        return flow.between(self.left_out(float(flow.curve.held_out_mse.min())))

    def one_window(self) -> InnerProblem:
        """The window whose detail is nearest to a mean one's, alone."""
        wanted = self.detail * self.channels / self.kept  # what was left out has none
        chosen = int(np.argmin([abs(detail - wanted) for detail in self.details]))
        kept = slice(chosen * self.kept, (chosen + 1) * self.kept)
        return replace(self, windows=_channels(self.windows, kept), details=(self.details[chosen],))

    def first_look(self, problem: GridProblem) -> InnerProblem:
        """One smaller window of the same ``problem``, for a rough look at many candidates."""
        if self.smooth:
            return (divide_smooth(problem, most=ROUGH // 2) or self).one_window()
        return divide(problem, most=ROUGH).one_window()


def divide(problem: GridProblem, *, windows: int = WINDOWS, most: int = WINDOW, seed: int = 0) -> InnerProblem:
    """Cut at most ``windows`` windows of about ``most`` training samples each, spread evenly, and hold out a tenth.

    Channels are rotated to principal axes of the detail (the difference of a sample to the mean of its neighbours),
    and faint ones left out, which ``scale`` counts. Only training samples are looked at.
    """
    cut = Cut.of(problem, windows, most)
    return _inner(cut, left_out_problem(cut.own_grid, cut.side_by_side, seed), seed)


def divide_smooth(
    problem: GridProblem, *, windows: int = WINDOWS, most: int = WINDOW // 2, seed: int = 0
) -> InnerProblem | None:
    """As ``divide``, for a smooth signal: nothing is left out of the windows, held out are points between their samples
    (``midpoint_problem``). None where samples are missing."""
    cut = Cut.of(problem, windows, most)
    if np.isnan(cut.side_by_side).any():
        return None
    return replace(_inner(cut, midpoint_problem(cut.own_grid, cut.side_by_side, seed), seed), smooth=True)


def _inner(cut: Cut, windows: GridProblem, seed: int) -> InnerProblem:
    """With the windows made into a problem."""
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
    """The samples that have any of these channels, with them alone."""
    assert problem.held_out is not None
    training, held_out = (_known(samples, kept) for samples in (problem.training, problem.held_out))
    if len(held_out) == 0:
        held_out = training
    if len(training) == 0:
        training = held_out
    source = replace(problem.source, channels=kept.stop - kept.start)
    return replace(problem, training=training, held_out=held_out, source=source)


def _known(samples: GridSamples, kept: slice) -> GridSamples:
    values = samples.values[:, kept]
    there = ~values.isnan().all(1)
    return GridSamples(samples.grid, samples.flat[there], values[there])


def _measured(samples: GridSamples) -> int:
    return int((~samples.values.isnan()).sum())
