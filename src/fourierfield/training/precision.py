"""Which device and number format to train in: by what the hardware has, never by timing."""

from __future__ import annotations

import torch

from ..errors import SettingsError

__all__ = ["choose_device", "choose_precision"]


def choose_device(name: str = "auto") -> torch.device:
    """The device that ``auto``, ``cpu`` or ``cuda`` names; auto takes CUDA where there is one."""
    if name not in ("auto", "cpu", "cuda"):
        raise SettingsError(f"--device {name} is not known; use auto, cpu or cuda")
    if name == "cuda" and not torch.cuda.is_available():
        raise SettingsError("--device cuda: PyTorch finds no CUDA device here; use --device cpu")
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def choose_precision(name: str, device: torch.device) -> torch.dtype:
    """The format of activations and matrix products that ``auto``, ``float32`` or ``bfloat16`` names.

    Weights, phases, losses and the optimiser stay in float32. auto takes bfloat16 where the device has
    instructions for it (AVX-512 BF16, AMX, or CUDA from Ampere on).
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
