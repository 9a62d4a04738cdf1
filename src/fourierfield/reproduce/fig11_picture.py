"""The panel and the table of Figure 11."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from . import drawing

__all__ = ["Results", "picture", "table"]

_COLOURS = {"gaussian": drawing.SERIES[0], "positional": drawing.SERIES[2]}
_FULL, _QUARTER = ("0", "π/4", "π/2", "3π/4", "π"), ("0", "π/8", "π/4", "3π/8", "π/2")


@dataclass(frozen=True)
class Results:
    """PSNR in dB: ``trained`` (angles, seeds, radii) and ``theory`` (T, angles, seeds, radii) of each encoding."""

    angles: np.ndarray
    trained: Mapping[str, np.ndarray]
    theory: Mapping[str, np.ndarray]
    anisotropy: Mapping[str, float]

    @cached_property
    def moment(self) -> int:
        """The time at which theory is nearest to the networks: one for all runs, since Adam's steps have none."""
        distance = sum(((self.theory[name] - self.trained[name]) ** 2).mean((1, 2, 3)) for name in self.trained)
        return int(np.argmin(distance))

    def by_angle(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Mean over seeds and radii, trained and by theory, (angles,) each."""
        return self.trained[name].mean((1, 2)), self.theory[name][self.moment].mean((1, 2))


def table(results: Results) -> str:
    """PSNR on and off the axes, and how anisotropic the kernels are."""
    on = np.isclose(np.abs(np.sin(2 * results.angles)), 0.0)
    lines = [
        f"{'':<12}{'trained, dB':^26}{'theory, dB':^26}{'anisotropy':>12}",
        f"{'encoding':<12}{'on axis':>9}{'off':>8}{'change':>9}{'on axis':>9}{'off':>8}{'change':>9}{'of kernel':>12}",
    ]
    for name in results.trained:
        cells = ""
        for curve in results.by_angle(name):
            axis, off = curve[on].mean(), curve[~on].mean()
            cells += f"{axis:>9.2f}{off:>8.2f}{off - axis:>+9.2f}"
        lines.append(f"{name:<12}{cells}{results.anisotropy[name]:>12.3f}")
    return "\n".join(
        [
            *lines,
            "The paper: positional encoding does well on the axes and worse off them, Gaussian alike at all angles; "
            "its plot spans 29 to 34 dB.",
        ]
    )


def picture(results: Results, reduced: str) -> bytes:
    """PSNR against the grating's angle: of the networks, and by theory on a scale of its own."""
    figure = drawing.figure(10.5, 4.3)
    trained, theory = figure.subplots(1, 2)
    for name, values in results.trained.items():
        mean, expected = results.by_angle(name)
        spread = values.mean(2).std(1)
        trained.plot(results.angles, mean, "o-", color=_COLOURS[name], ms=4, label=f"{name} frequencies")
        trained.fill_between(results.angles, mean - spread, mean + spread, color=_COLOURS[name], alpha=0.12, lw=0)
        theory.plot(results.angles, expected, "--", color=_COLOURS[name])
    drawing.letter(trained, "(a) trained networks", "angle of the grating (radians)", "PSNR on all samples (dB)")
    drawing.letter(theory, "(b) theory, at one time for all", "angle of the grating (radians)", "PSNR (dB)")
    for axis in (trained, theory):
        axis.set_xticks(np.linspace(0, results.angles[-1], 5), _FULL if results.angles[-1] > 2 else _QUARTER)
    trained.legend(fontsize=8)
    drawing.titled(figure, "Figure 11: gratings learned with Gaussian and with axis-aligned frequencies", reduced)
    return drawing.png(figure)
