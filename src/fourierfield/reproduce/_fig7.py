"""The paper's Figure 7: the effect of depth on the kernel's spectrum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..encodings._fourier import FourierEncoding
from ..forecast._spectrum import periodic_eigenvalues
from ..kernels._composed import ComposedNTK
from ..kernels._encoding import EncodingKernel
from ..kernels._infinite import InfiniteMLP
from . import _drawing as drawing
from ._experiment import Experiment, Lab, Outcome


@dataclass(frozen=True)
class Fig7(Experiment):
    """Networks of ``hidden`` hidden layers in NTK parameterisation, behind ``mappings`` of integer frequencies.

    Without biases the width and weight variance of a ReLU network only scale its kernel, so K(δ)/K(0) needs neither.
    """

    hidden: tuple[int, ...] = (4, 8, 16)
    mappings: tuple[tuple[int, ...], ...] = ((1,), (1, 43))
    samples: int = 128

    def run(self, lab: Lab) -> Outcome:
        kernels = {(b, n): deep_kernel(b, n) for b in self.mappings for n in self.hidden}
        spectra = {key: shares_of_power(kernel, self.samples) for key, kernel in kernels.items()}
        return Outcome(self._picture(kernels, spectra), _table(kernels, spectra))

    def _picture(self, kernels: dict[Any, Any], spectra: dict[Any, Any]) -> bytes:
        figure = drawing.figure(11, 3.4 * len(self.mappings))
        axes = figure.subplots(len(self.mappings), 2, squeeze=False)
        for row, b in enumerate(self.mappings):
            named = " and ".join(map(str, b))
            _draw_kernels(axes[row, 0], {n: kernels[b, n] for n in self.hidden})
            axes[row, 0].set_title(f"({'ac'[row % 2]}) kernel, b = {named}", fontsize=10, loc="left")
            _draw_spectra(axes[row, 1], {n: spectra[b, n] for n in self.hidden})
            axes[row, 1].set_title(f"({'bd'[row % 2]}) its spectrum on {self.samples} points", fontsize=10, loc="left")
        axes[0, 1].legend(fontsize=8)
        drawing.titled(figure, "Figure 7: depth spreads the spectrum of the composed NTK", self.reduced)
        return drawing.png(figure)


def deep_kernel(frequencies: tuple[int, ...], hidden: int) -> ComposedNTK:
    """Return the NTK of ``hidden`` ReLU layers and a linear output behind cos and sin of these frequencies."""
    encoding = FourierEncoding(torch.tensor(frequencies, dtype=torch.float64)[:, None])
    return ComposedNTK(EncodingKernel(encoding), InfiniteMLP.of_depth(hidden + 1), 0.5)


def shares_of_power(kernel: ComposedNTK, samples: int) -> Tensor:
    """Compute the eigenvalues on the periodic grid over their sum, which is samples·K(0)."""
    eigenvalues = periodic_eigenvalues(kernel, (samples,))
    return eigenvalues / eigenvalues.sum()


def share_from(spectrum: Tensor, frequency: int) -> float:
    """Sum the shares of the power at ``frequency`` and above."""
    half = len(spectrum) // 2
    return float(spectrum[frequency : 2 * half - frequency + 1].sum())


def _table(kernels: dict[Any, Any], spectra: dict[Any, Any]) -> str:
    lines = [
        f"{'b':<10}{'hidden layers':>14}{'K(½)/K(0)':>11}{'power at f = 0':>16}{'f ≥ 8':>9}{'least at a frequency':>22}"
    ]
    for (b, hidden), kernel in kernels.items():
        far = float(kernel(torch.tensor([[0.5]], dtype=torch.float64))) / kernel.at_zero
        spectrum = spectra[b, hidden]
        lines.append(
            f"{', '.join(map(str, b)):<10}{hidden:>14}{far:>11.3f}{float(spectrum[0]):>16.3f}"
            f"{share_from(spectrum, 8):>9.2%}{float(spectrum.min()):>22.3%}"
        )
    return "\n".join([*lines, "The paper: deeper networks spread the kernel's power to more frequencies."])


def _draw_kernels(axis: drawing.Axes, kernels: dict[int, ComposedNTK]) -> None:
    distance = torch.linspace(-0.5, 0.5, 2049, dtype=torch.float64)
    for colour, kernel in zip(drawing.SERIES, kernels.values(), strict=False):
        axis.plot(distance, kernel(distance[:, None]) / kernel.at_zero, color=colour, lw=1.4)
    drawing.label_panel(axis, "", "distance v − v′ (periods)", "K/K(0)")
    axis.set_xlim(-0.5, 0.5)


def _draw_spectra(axis: drawing.Axes, spectra: dict[int, Tensor]) -> None:
    for colour, (hidden, spectrum) in zip(drawing.SERIES, spectra.items(), strict=False):
        half = len(spectrum) // 2
        axis.semilogy(spectrum[: half + 1].clamp(min=1e-16), color=colour, lw=1.4, label=f"{hidden} hidden layers")
    drawing.label_panel(axis, "", "frequency (cycles per period)", "share of the power, λ/Σλ")
    axis.set_xlim(0, half)
