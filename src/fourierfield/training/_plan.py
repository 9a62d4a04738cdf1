"""Specify a training run beside its problem and network, with the device and number format that the hardware has."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

import torch

from ..errors import SettingsError
from ._schedules import Schedule, WarmupCosine

Loss = Literal["squares", "cross-entropy"]


@dataclass(frozen=True)
class TrainingPlan:
    """The steps, learning rates, batches, loss, device and number format of a training run.

    The optimiser is Adam (β = (0.9, 0.999), ε = 1e-8) with decoupled weight decay (AdamW, Loshchilov & Hutter 2019):
    w ← (1 − rate·decay)·w before each step.

    Args:
        steps: The number of steps, 1 or more.
        schedule: The learning rate of each step.
        batch_size: Samples per step; None takes every sample in every step.
        weight_decay: The decay above, per unit of the learning rate.
        orthogonal: Above zero, the matrices before the last layer do not move by Adam but by
            rate·orthogonal·√max(1, out/in) times a nearly orthogonal matrix (Muon: Jordan et al. 2024).
        margin: The width, in mean sample distances, over which the training samples of a grid are continued beyond the
            border as their mirror image.
        precision: The format of matrix products; weights and optimiser stay in float32.
        device: Where the run computes.
        seed: The seed of the order of the batches.
        loss: "squares" for ½·mean (f − y)²; "cross-entropy" for −mean (y log f + (1 − y) log(1 − f)), where f is the
            probability that a network with a sigmoid output gives, computed from its logits.

    Raises:
        SettingsError: A number is out of its range, or the loss is not known.

    >>> TrainingPlan(steps=1000, batch_size=1024).schedule.peak
    0.01
    """

    steps: int
    schedule: Schedule = field(default_factory=lambda: WarmupCosine(1e-2))
    batch_size: int | None = None
    weight_decay: float = 0.0
    orthogonal: float = 0.0
    margin: float = 0.0
    precision: torch.dtype = torch.float32
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    seed: int = 0
    loss: Loss = "squares"

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise SettingsError(f"the number of steps must be 1 or more, not {self.steps}")
        if self.loss not in get_args(Loss):
            raise SettingsError(f"no loss is called {self.loss}; use {' or '.join(get_args(Loss))}")
        if self.batch_size is not None and self.batch_size < 1:
            raise SettingsError(f"the batch size must be 1 or more, not {self.batch_size}")
        if not 0 <= self.orthogonal < float("inf"):
            raise SettingsError(f"the factor of the orthogonal steps must be 0 or more, not {self.orthogonal:g}")
        if not 0 <= self.margin < 1000:
            raise SettingsError(f"the margin must be 0 to 1,000 sample distances, not {self.margin:g}")
        if not 0 < self.schedule.peak < float("inf"):
            raise SettingsError(f"the learning rate must be a positive number, not {self.schedule.peak:g}")
        if not 0 <= self.weight_decay * self.schedule.peak < 1:
            raise SettingsError(
                f"weight decay times learning rate must be in [0, 1), not {self.weight_decay * self.schedule.peak:g}"
            )


def choose_device(name: str = "auto") -> torch.device:
    """Return the device that ``auto``, ``cpu`` or ``cuda`` names; auto takes a CUDA device if there is one.

    Raises ``SettingsError`` for any other name, or if there is no CUDA device.
    """
    if name not in ("auto", "cpu", "cuda"):
        raise SettingsError(f"--device {name} is not known; use auto, cpu or cuda")
    if name == "cuda" and not torch.cuda.is_available():
        raise SettingsError("--device cuda: PyTorch finds no CUDA device here; use --device cpu")
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def choose_precision(name: str, device: torch.device) -> torch.dtype:
    """Return the format of activations and matrix products that ``auto``, ``float32`` or ``bfloat16`` names.

    Weights, phases, losses and the optimiser stay in float32. auto takes bfloat16 if the device has instructions for
    it (AVX-512 BF16, AMX, or CUDA from Ampere on). Raises ``SettingsError`` for any other name.
    """
    formats = {"float32": torch.float32, "bfloat16": torch.bfloat16}
    if name in formats:
        return formats[name]
    if name != "auto":
        raise SettingsError(f"--precision {name} is not known; use auto, float32 or bfloat16")
    return torch.bfloat16 if _has_bfloat16(device) else torch.float32


def _has_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, check, lambda: False)() for check in checks)
