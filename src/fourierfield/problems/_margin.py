"""Continue training samples beyond the border as their mirror image, so that a field does not diverge there."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import torch
from torch import Tensor

from ..grids._domain import Grid
from ._grid import GridSamples
from ._points import Problem, Samples


def training_with_margin(problem: Problem, spacings: float) -> Samples:
    """Return a problem's training samples with a mirrored margin, ``spacings`` mean sample distances wide.

    Held-out samples may lie outside the box of the training samples: the paper's grid hold-out does not train on the
    last row and column. Nothing constrains a network there, whereas a spline continues the signal as its mirror image.
    Scattered points are returned as they are.
    """
    training = problem.training
    if spacings == 0 or not isinstance(training, GridSamples):
        return training
    return mirror_margin(training, _widths(problem, training, spacings))


def count_with_margin(problem: Problem, spacings: float) -> int:
    """Return about how many samples ``training_with_margin`` returns: as many as the padded grid has more places."""
    training = problem.training
    if spacings == 0 or not isinstance(training, GridSamples):
        return len(training)
    padded = _padded(training.grid, _widths(problem, training, spacings))
    return round(len(training) * padded.size / training.grid.size)


def _widths(problem: Problem, training: GridSamples, spacings: float) -> tuple[int, ...]:
    """Return the width of the margin along each axis, in steps of the grid."""
    return tuple(math.ceil(spacings / (problem.samples_per_unit * step)) for step in training.grid.spacing)


def mirror_margin(samples: GridSamples, widths: tuple[int, ...]) -> GridSamples:
    """Append the mirror images of samples about the outermost ones, up to ``widths`` grid steps beyond these.

    The outermost rows are not repeated (NumPy's "reflect"). The result lies on a grid padded by ``widths``.

    >>> grid = Grid((0.0,), (1.0,), (4,))
    >>> line = GridSamples(grid, torch.arange(4), torch.tensor([[0.0], [0.1], [0.2], [0.3]]))
    >>> mirrored = mirror_margin(line, (2,))
    >>> mirrored.coordinates()[4:, 0].tolist(), mirrored.values[4:, 0]
    ([-0.125, -0.375, 1.375, 1.125], tensor([0.1000, 0.2000, 0.1000, 0.2000]))
    """
    axes = torch.unravel_index(samples.flat, samples.grid.shape)
    ends = [(int(axis.min()), int(axis.max())) for axis in axes]
    border = torch.zeros(len(samples), dtype=torch.bool)
    for axis, (first, last), width in zip(axes, ends, widths, strict=True):
        border |= (axis <= first + width) | (axis >= last - width)
    near = border.nonzero().squeeze(1)
    images, rows = _images(torch.stack([axis[near] for axis in axes]), ends, widths)
    padded = _padded(samples.grid, widths)
    flat = torch.cat([_ravel(axes, widths, padded.shape), _ravel(images.unbind(), widths, padded.shape)])
    return GridSamples(padded, flat, torch.cat([samples.values, samples.values[near[rows]]]))


def _images(along: Tensor, ends: list[tuple[int, int]], widths: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    """Return the mirrored indices (d, M) of samples at indices ``along`` (d, N), and the column each comes from."""
    sides = [_mirrors(axis, *end, width) for axis, end, width in zip(along, ends, widths, strict=True)]
    images, columns = [], []
    for chosen in list(itertools.product(*sides))[1:]:  # the first one mirrors no axis
        inside = torch.stack([reaches for _, reaches in chosen]).all(0)
        images.append(torch.stack([axis for axis, _ in chosen])[:, inside])
        columns.append(inside.nonzero().squeeze(1))
    return torch.cat(images, dim=1), torch.cat(columns)


def _mirrors(axis: Tensor, first: int, last: int, width: int) -> list[tuple[Tensor, Tensor]]:
    """Return indices as they are, mirrored below and mirrored above, each with a mask of those within ``width``."""
    below, above = 2 * first - axis, 2 * last - axis
    return [
        (axis, torch.ones_like(axis, dtype=torch.bool)),
        (below, (below < first) & (below >= first - width)),
        (above, (above > last) & (above <= last + width)),
    ]


def _padded(grid: Grid, widths: tuple[int, ...]) -> Grid:
    pads = [width * step for width, step in zip(widths, grid.spacing, strict=True)]
    return Grid(
        tuple(low - pad for low, pad in zip(grid.lower, pads, strict=True)),
        tuple(high + pad for high, pad in zip(grid.upper, pads, strict=True)),
        tuple(count + 2 * width for count, width in zip(grid.shape, widths, strict=True)),
    )


def _ravel(axes: Sequence[Tensor], widths: tuple[int, ...], shape: tuple[int, ...]) -> Tensor:
    """Convert indices in the grid itself to flat indices in the padded grid."""
    flat = axes[0] + widths[0]
    for axis, width, count in zip(axes[1:], widths[1:], shape[1:], strict=True):
        flat = flat * count + (axis + width)
    return flat
