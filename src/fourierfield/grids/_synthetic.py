"""Make signals by formula: noise with a power-law spectrum, bumps on a circle, gratings, a phantom of a head."""

from __future__ import annotations

import numpy as np

from ._domain import Grid


def power_law_signals(
    count: int, samples: int, power: float, generator: np.random.Generator, *, below: int | None = None
) -> np.ndarray:
    """Draw ``count`` random periodic signals whose amplitudes fall as 1/(1 + f)^power, (count, samples) float64.

    Each Fourier coefficient f = 0..samples/2 is complex normal times (1 + f)^−power, as in the paper's 1-D experiments
    (its "1/f^α" is the law of amplitudes, not of power). Coefficients from the bin ``below`` on are zero.
    """
    bins = samples // 2 + 1
    decay = (1.0 + np.arange(bins)) ** -power
    decay[below:] *= 0.0 if below is not None else 1.0
    raw = generator.standard_normal((count, bins, 2)) @ np.array([1, 1j])
    return np.fft.irfft(raw * decay, n=samples, axis=-1)


def spanning_one(values: np.ndarray) -> np.ndarray:
    """Scale and shift all ``values`` together so that the smallest is −½ and the largest ½.

    >>> spanning_one(np.array([2.0, 3.0, 6.0]))
    array([-0.5 , -0.25,  0.5 ])
    """
    low, high = values.min(), values.max()
    return (values - low) / (high - low) - 0.5


def bump(points: np.ndarray, centre: float, width: float, period: float = 1.0) -> np.ndarray:
    """Compute exp(−d²/(2·width²)) for the distance d to ``centre`` around a circle of circumference ``period``.

    >>> bump(np.array([0.0, 0.5, 0.95]), 0.0, 0.05).round(3)
    array([1.   , 0.   , 0.607])
    """
    distance = (points - centre + period / 2) % period - period / 2
    return np.exp(-0.5 * (distance / width) ** 2)


def grating(grid: Grid, frequency: tuple[float, ...]) -> np.ndarray:
    """Compute cos 2π f·v at the samples of a grid, for a ``frequency`` f in cycles per unit along each axis.

    >>> grating(Grid((0.0, 0.0), (1.0, 1.0), (2, 2)), (1.0, 0.0)).round(9) + 0.0
    array([[0., 0.],
           [0., 0.]])
    """
    cycles = np.zeros(grid.shape)
    for axis, along in enumerate(frequency):
        cycles += along * np.expand_dims(grid.axis(axis), [a for a in range(len(grid.shape)) if a != axis])
    return np.cos(2 * np.pi * cycles)


_SHEPP_LOGAN = (  # value, half axes, centre (x, y upwards), angle in degrees: Toft 1996, Table B.1, "modified"
    (1.0, 0.69, 0.92, 0.0, 0.0, 0.0),
    (-0.8, 0.6624, 0.874, 0.0, -0.0184, 0.0),
    (-0.2, 0.11, 0.31, 0.22, 0.0, -18.0),
    (-0.2, 0.16, 0.41, -0.22, 0.0, 18.0),
    (0.1, 0.21, 0.25, 0.0, 0.35, 0.0),
    (0.1, 0.046, 0.046, 0.0, 0.1, 0.0),
    (0.1, 0.046, 0.046, 0.0, -0.1, 0.0),
    (0.1, 0.046, 0.023, -0.08, -0.605, 0.0),
    (0.1, 0.023, 0.023, 0.0, -0.606, 0.0),
    (0.1, 0.023, 0.046, 0.06, -0.605, 0.0),
)


def shepp_logan(size: int, generator: np.random.Generator | None = None) -> np.ndarray:
    """Draw the Shepp–Logan phantom (size, size) in [0, 1], in the version of higher contrast (Toft 1996).

    With a ``generator``, N(0, 1/20²) is added to every number of its ten ellipses (angles in radians), as in the
    paper's CT experiment.

    >>> shepp_logan(64)[[32, 0], [32, 0]].round(3)
    array([0.2, 0. ])
    """
    ellipses = np.array(_SHEPP_LOGAN)
    ellipses[:, 5] = np.radians(ellipses[:, 5])
    if generator is not None:
        ellipses += generator.standard_normal(ellipses.shape) / 20
    axis = (np.arange(size) + 0.5) * 2 / size - 1
    x, y = axis[None], -axis[:, None]
    image = np.zeros((size, size))
    for value, across, along, middle_x, middle_y, angle in ellipses:
        cos, sin = np.cos(angle), np.sin(angle)
        u, v = (x - middle_x) * cos + (y - middle_y) * sin, (y - middle_y) * cos - (x - middle_x) * sin
        image[(u / across) ** 2 + (v / along) ** 2 <= 1] += value
    return np.clip(image, 0, 1)
