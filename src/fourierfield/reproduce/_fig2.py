"""The paper's Figure 2: kernels of a network without a mapping, with the basic one, and with power laws."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from ..encodings._families import basic, power_law
from ..forecast._spectrum import periodic_eigenvalues
from ..kernels._composed import ComposedNTK
from . import _drawing as drawing
from ._experiment import Experiment, Lab, Outcome
from ._networks import PlainNetwork


@dataclass(frozen=True)
class Fig2(Experiment):
    """Spectra on ``samples`` points of a circle, mappings b = 1..``features``, images of ``side``² pairs of points."""

    network: PlainNetwork = field(default_factory=PlainNetwork)
    samples: int = 32
    features: int = 16
    powers: tuple[float, ...] = (0.0, 0.5, 1.0, 1.5, 2.0, math.inf)
    side: int = 129

    def run(self, lab: Lab) -> Outcome:
        points = torch.linspace(-0.5, 0.5, self.side, dtype=torch.float64)[:, None]
        bare = self.network.point_kernel(1)(points, points)
        mapped = self.network.kernel(basic(1)).between(points, points)
        kernels = {p: self.kernel(p) for p in self.powers}
        spectra = {p: periodic_eigenvalues(kernel, (self.samples,)) for p, kernel in kernels.items()}
        table = [*_matrix_lines(bare, mapped), "", *_spectrum_lines(kernels, spectra)]
        return Outcome(_picture(bare, mapped, kernels, spectra), "\n".join(table))

    def kernel(self, power: float) -> ComposedNTK:
        """Return the NTK behind b = 1..features with a = b^−p/‖a‖, for p = ``power``."""
        return self.network.kernel(power_law(1, self.features, power))


def diagonal_spread(matrix: Tensor) -> float:
    """Compute the largest range of values along a diagonal over the largest value: 0 for a shift-invariant kernel."""
    spreads = [np.ptp(matrix.diagonal(k).numpy()) for k in range(1 - len(matrix), len(matrix))]
    return float(max(spreads) / matrix.max())


def peaks_on_diagonal(matrix: Tensor) -> float:
    """Compute the share of the rows whose largest value lies on the diagonal."""
    return float((matrix.diagonal() >= matrix.max(dim=1).values).double().mean())


def half_width(kernel: ComposedNTK) -> float:
    """Find the smallest distance, in periods, at which a kernel is halfway from its peak to its mean."""
    distance = torch.arange(1, 2049, dtype=torch.float64)[:, None] / 4096
    values = kernel(distance)
    halfway = (kernel.at_zero + float(values.mean())) / 2
    return float(distance[values <= halfway][0])


def _matrix_lines(bare: Tensor, mapped: Tensor) -> list[str]:
    lines = [f"{'kernel of a network':<28}{'varies along diagonals by':>26}{'rows that peak there':>22}   the paper"]
    for name, matrix, paper in (
        ("(a) no mapping", bare, "not shift-invariant, no strong diagonal"),
        ("(b) basic mapping", mapped, "shift-invariant"),
    ):
        lines.append(f"{name:<28}{diagonal_spread(matrix):>26.0%}{peaks_on_diagonal(matrix):>22.0%}   {paper}")
    return lines


def _spectrum_lines(kernels: dict[float, ComposedNTK], spectra: dict[float, Tensor]) -> list[str]:
    lines = [f"{'mapping':<10}{'K(0)':>8}{'half width':>12}{'λ at f = 1':>12}{'f = 8':>10}{'f = 16':>10}"]
    for power, kernel in kernels.items():
        at = [float(spectra[power][min(f, len(spectra[power]) // 2)]) for f in (1, 8, 16)]
        lines.append(
            f"{drawing.name_of_power(power):<10}{kernel.at_zero:>8.3f}{half_width(kernel):>12.4f}"
            f"{at[0]:>12.3g}{at[1]:>10.3g}{at[2]:>10.3g}"
        )
    return [*lines, "The paper: K(0) = 14 in its notebook; the lower p, the narrower kernel and the wider spectrum."]


def _picture(bare: Tensor, mapped: Tensor, kernels: dict[float, ComposedNTK], spectra: dict[float, Tensor]) -> bytes:
    figure = drawing.figure(13, 3.6)
    axes = figure.subplots(1, 4, width_ratios=(1, 1, 1.25, 1.25))
    _draw_matrix(axes[0], bare, "(a) NTK without mapping")
    _draw_matrix(axes[1], mapped, "(b) NTK with the basic mapping")
    _draw_kernels(axes[2], kernels)
    _draw_spectra(axes[3], spectra)
    drawing.titled(figure, "Figure 2: the kernel of a 4-layer ReLU network, and what Fourier features make of it", "")
    return drawing.png(figure)


def _draw_matrix(axis: drawing.Axes, matrix: Tensor, title: str) -> None:
    image = axis.imshow(matrix.numpy(), cmap="inferno", extent=(-0.5, 0.5, 0.5, -0.5))
    axis.figure.colorbar(image, ax=axis, shrink=0.72).ax.tick_params(labelsize=7)
    drawing.label_panel(axis, title, "v′ (periods)", "v (periods)")
    axis.grid(False)
    axis.set_xticks([-0.5, 0, 0.5])
    axis.set_yticks([-0.5, 0, 0.5])


def _draw_kernels(axis: drawing.Axes, kernels: dict[float, ComposedNTK]) -> None:
    distance = torch.linspace(-0.5, 0.5, 1025, dtype=torch.float64)
    for power, kernel in kernels.items():
        axis.plot(distance, kernel(distance[:, None]), color=drawing.power_colour(power), lw=1.6)
    drawing.label_panel(axis, "(c) composed NTK, a = b$^{-p}$, b = 1…16", "distance v − v′ (periods)", "K")
    axis.set_xlim(-0.5, 0.5)


def _draw_spectra(axis: drawing.Axes, spectra: dict[float, Tensor]) -> None:
    for power, spectrum in spectra.items():
        half = len(spectrum) // 2
        frequency = torch.arange(-half, half + 1)
        values = spectrum[frequency % len(spectrum)]
        axis.semilogy(frequency, values, color=drawing.power_colour(power), lw=1.6, label=drawing.name_of_power(power))
    drawing.label_panel(axis, "(d) its eigenvalues on 32 points", "frequency (cycles per period)", "λ")
    axis.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    axis.set_xticks([-16, -8, 0, 8, 16])
