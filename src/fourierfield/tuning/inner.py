"""The training samples divided once more: what a candidate is judged by, so that held-out values stay unseen.

A few windows of the training samples stand for all of them. In each a random share is kept back (a regular one would
halve the Nyquist frequency and so ask for too small a bandwidth).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch

from ..forecast import directed_detail, lattice_of
from ..networks import ValueRange
from ..problems import GridProblem, GridSamples
from ..signals import Domain, Grid, SampleFormat, SignalDescription, noise_level
from .detail import detail_of, mean_square_slopes
from .windows import window_boxes

__all__ = ["InnerProblem", "divide"]

SHARE = 0.1
WINDOW = 4096  # samples: the forecast of one takes some 30 ms a channel
WINDOWS = 4
_CENTRE = 0.5  # where networks start: rotated channels are rotated about it


@dataclass(frozen=True)
class InnerProblem:
    """A problem's training samples with a random tenth held out.

    ``windows`` has the channels of several windows side by side, moved to one place and with one split: what is learned
    there depends on differences of position alone. ``details`` are the windows' mean square differences to neighbours,
    ``detail`` that of all samples: forecast errors times their ratio are those of all. ``whole`` is all of the problem,
    split at random likewise, and ``channels`` its number of channels. ``slopes`` (d,) are mean squares of the signal's
    slope along each axis, ``directed`` is how much its detail has a direction (``directed_detail``),
    ``noise`` the power of its noise (``noise_level``²).
    """

    windows: GridProblem
    details: tuple[float, ...]
    detail: float
    whole: GridProblem
    channels: int
    slopes: tuple[float, ...]
    directed: float
    noise: float

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

    def one_window(self) -> InnerProblem:
        """The window whose detail is nearest to a mean one's, alone, for a first rough look."""
        wanted = self.detail * self.channels / self.kept  # what was left out has none
        chosen = int(np.argmin([abs(detail - wanted) for detail in self.details]))
        kept = slice(chosen * self.kept, (chosen + 1) * self.kept)
        return replace(self, windows=_channels(self.windows, kept), details=(self.details[chosen],))


def divide(problem: GridProblem, *, windows: int = WINDOWS, most: int = WINDOW, seed: int = 0) -> InnerProblem:
    """Cut at most ``windows`` windows of about ``most`` training samples each, spread evenly, and hold out a tenth.

    Channels are rotated to principal axes of the detail (the difference of a sample to the mean of its neighbours),
    and faint ones left out, which ``scale`` counts. Only training samples are looked at.
    """
    grid, values = _as_array(problem.training)
    detail, axes = detail_of(values)
    known = ~np.isnan(values).all(-1)
    boxes = window_boxes(known, windows, most)
    cut = [_rotated(values[box], axes) for box in boxes]
    own = Grid.from_origin((0.0,) * len(grid.shape), grid.spacing, cut[0].shape[:-1])
    return InnerProblem(
        _split(own, np.concatenate(cut, axis=-1), seed),
        tuple(detail_of(window)[0] for window in cut),
        detail,
        _split(grid, values, seed),
        problem.channels,
        mean_square_slopes(values, grid.spacing),
        float(np.mean([directed_detail(window[..., 0]) for window in cut])),
        float(np.mean([(noise_level(values[box]) or 0.0) ** 2 for box in boxes])),
    )


def _as_array(samples: GridSamples) -> tuple[Grid, np.ndarray]:
    """The samples in their place (n₁, …, n_d, C), NaN between them, on their own lattice if they form one."""
    lattice = lattice_of(samples)
    channels = samples.values.shape[1]
    if lattice is not None:
        return lattice, samples.values.numpy().reshape(*lattice.shape, channels)
    values = np.full((samples.grid.size, channels), np.nan, np.float32)
    values[samples.flat.numpy()] = samples.values.numpy()
    return samples.grid, values.reshape(*samples.grid.shape, channels)


def _rotated(values: np.ndarray, axes: np.ndarray | None) -> np.ndarray:
    return values if axes is None else (_CENTRE + (values - _CENTRE) @ axes).astype(np.float32)


def _split(grid: Grid, values: np.ndarray, seed: int) -> GridProblem:
    """The problem of values on a grid (n₁, …, n_d, C), a random tenth of the samples held out."""
    rows = torch.from_numpy(np.ascontiguousarray(values.reshape(grid.size, -1)))
    known = np.flatnonzero(~np.isnan(values).reshape(grid.size, -1).all(1))
    first = max(1, round(SHARE * len(known)))
    out = np.zeros(len(known), dtype=bool)
    out[np.random.default_rng(seed).choice(len(known), first, replace=False, shuffle=False)] = True
    parts = (known[~out], known[out]) if len(known) > 1 else (known, known)
    training, held_out = (GridSamples(grid, torch.from_numpy(part), rows[part]) for part in parts)
    description = SignalDescription("window", grid.shape, rows.shape[1], SampleFormat("float32"))
    domain = Domain(tuple(n * h for n, h in zip(grid.shape, grid.spacing, strict=True)), ("",) * len(grid.shape))
    return GridProblem(domain, training, held_out, ValueRange(), description)


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
