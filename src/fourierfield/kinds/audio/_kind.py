"""The kinds of sound and of series without a rate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import SettingsError, SignalError
from ...grids._endings import AUDIO_ENDINGS
from .._grid_kind import GridKind
from .._kind import Format, Say, starts
from .._render_options import RenderOptions

if TYPE_CHECKING:
    import numpy as np

    from ...grids._domain import Domain, Grid
    from ...grids._signal import GridSignal, SignalDescription
    from ...networks._field import Drawable
    from ...tasks._scores import KindScores
    from ...tasks._settings import ReadOptions

_WAVE = (b"RIFF", b"RIFX", b"RF64")


class AudioKind(GridKind):
    """Sound with a sampling rate."""

    name, noun, plural = "audio", "a recording", "sound"
    formats = (
        Format("wav", "WAV", lambda head, path: head[:4] in _WAVE and head[8:12] == b"WAVE", (".wav",), rank=2),
        Format("flac", "FLAC", starts(b"fLaC"), (".flac",)),
        Format("ogg", "Ogg", starts(b"OggS"), (".ogg",)),
    )
    endings = (*AUDIO_ENDINGS, ".npy")

    def read(self, path: Path, container: str | None, options: ReadOptions) -> GridSignal:
        """Read a sound, in any format that libsndfile reads."""
        from ._sound import read_audio

        return read_audio(path)

    def of_array(self, array: np.ndarray, options: ReadOptions) -> GridSignal:
        """Refuse an array, which does not have a sampling rate."""
        raise SettingsError("an array does not hold a sampling rate; give a file, or leave kind out for a series")

    def kind_scores(self, signal: GridSignal) -> KindScores:
        """Return the signal-to-noise ratio."""
        from ._scores import audio_scores

        return audio_scores

    def write_values(self, out: str, values: np.ndarray, source: SignalDescription, domain: Domain, grid: Grid) -> None:
        """Write samples (n, C) as sound, or as numbers."""
        from ._render import write_values

        write_values(out, values, source)

    def draw(self, field: Drawable, out: str, options: RenderOptions, say: Say) -> None:
        """Evaluate a field at a whole number of samples per second and write it as sound, or as numbers."""
        from ._render import write_sound

        write_sound(field, out, options, say)


class SeriesKind(GridKind):
    """Series of numbers without a rate."""

    name, noun, plural = "series", "a series", "series"
    also_reads = ("npy",)
    endings = (".npy",)

    def read(self, path: Path, container: str | None, options: ReadOptions) -> GridSignal:
        """Read the numbers of a ``.npy`` file."""
        from ...grids._arrays import read_npy

        if container != "npy":
            raise SignalError(f"{path} is {container or 'of an unknown kind'}, not numbers; save a series as .npy")
        return read_npy(path, self.name)


KINDS = (AudioKind(), SeriesKind())
