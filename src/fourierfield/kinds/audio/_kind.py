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
    from ...networks._field import Drawable, Field
    from ...problems._grid import GridProblem
    from ...tasks._scores import KindScores, Scores
    from ...tasks._settings import ReadOptions

_MP3_FRAMES = (
    b"\xff\xfb",
    b"\xff\xfa",
    b"\xff\xf3",
    b"\xff\xf2",
    b"\xff\xe3",
    b"\xff\xe2",
)  # of layer III, with and without a checksum
_WAVE = (b"RIFF", b"RIFX", b"RF64")


class AudioKind(GridKind):
    """Sound with a sampling rate."""

    name, noun, plural = "audio", "a recording", "sound"
    formats = (
        Format("wav", "WAV", lambda head, path: head[:4] in _WAVE and head[8:12] == b"WAVE", (".wav",), rank=2),
        Format("flac", "FLAC", starts(b"fLaC"), (".flac",)),
        Format("ogg", "Ogg", starts(b"OggS"), (".ogg",)),
        Format("mp3", "MP3", starts(b"ID3", *_MP3_FRAMES), (".mp3",)),
    )
    endings = (*AUDIO_ENDINGS, ".npy")

    def read_file(self, path: Path, container: str | None) -> GridSignal:
        from ._sound import read_audio

        return read_audio(path)

    def of_array(self, array: np.ndarray, options: ReadOptions) -> GridSignal:
        """Refuse an array, which does not have a sampling rate."""
        raise SettingsError("an array does not hold a sampling rate; give a file, or leave kind out for a series")

    def kind_scores(self, signal: GridSignal) -> KindScores:
        """Return SNRs of the samples that the PSNRs were taken of, None without a hold-out or for silence; no SSIM."""

        def snrs(field: Field, problem: GridProblem, scores: Scores, most: int) -> Scores:
            from ...tasks._scores import snr

            silence = problem.value_range.normalise(0.0)
            return {
                "train_snr_db": snr(scores["train_psnr_db"], problem.training.subset(most), silence),
                "held_out_snr_db": snr(scores["held_out_psnr_db"], problem.held_out, silence),
                "ssim": None,
            }

        return snrs

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

    def read_file(self, path: Path, container: str | None) -> GridSignal:
        raise SignalError(f"{path} is {container or 'of an unknown kind'}, not numbers; save a series as .npy")


KINDS = (AudioKind(), SeriesKind())
