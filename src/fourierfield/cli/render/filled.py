"""The signal itself, with what it misses taken from its field."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import SettingsError
from ..progress import say

if TYPE_CHECKING:
    from ...networks import Field

__all__ = ["write_filled"]


def write_filled(field: Field, signal_file: str, out: str) -> None:
    """Write a signal as it is, but for samples that are missing in it or were left out by ``fit --missing``: these are
    the field's. Raises ``SettingsError`` for a signal of another shape than the field's."""
    import numpy as np

    from ...signals import read_signal
    from ...signals.window import parse_window

    signal = read_signal(signal_file, None)
    if (signal.shape, signal.channels) != (field.source.shape, field.source.channels):
        sizes = ("×".join(map(str, (*s.shape, s.channels))) for s in (signal, field.source))
        raise SettingsError("--fill {}: it has {} samples, and the field's signal {}".format(signal_file, *sizes))
    if Path(out).resolve() == Path(signal_file).resolve():
        raise SettingsError(f"{out} would overwrite the signal; choose another name")
    missing = np.isnan(signal.values)
    for window in field.record.get("missing", []):
        missing[parse_window(window, signal.domain, signal.shape, "--missing").slices(signal.domain, signal.shape)] = (
            True
        )
    values = signal.values.reshape(-1, signal.channels).copy()
    flat = np.flatnonzero(missing.reshape(values.shape).any(1))
    if len(flat) == 0:
        raise SettingsError(
            f"--fill {signal_file}: no sample is missing there, and the field was fitted to all of them"
        )
    chosen = missing.reshape(values.shape)[flat]
    values[flat] = np.where(chosen, field(signal.grid.coordinates(flat)), values[flat])
    _write(signal, values.reshape(signal.values.shape), out)
    say(f"{out}: {len(flat):,} of {signal.grid.size:,} samples filled in")


def _write(signal, values, out: str) -> None:  # type: ignore[no-untyped-def]
    from dataclasses import replace

    from ...signals import write_audio, write_volume
    from ...signals.image import write_image

    audio = signal.sample_format.audio
    if audio and not out.endswith(".npy"):
        write_audio(out, [values], len(values), signal.channels, replace(audio))
    elif signal.kind in ("volume", "video"):
        write_volume(out, values, signal.description, signal.domain, signal.grid)
    else:
        write_image(out, values, signal.sample_format)
