"""Sound: WAV, FLAC and Ogg (Vorbis, Opus), by libsndfile."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from ..errors import FourierFieldError, SettingsError, SignalError
from .domain import Domain
from .files import atomic_file
from .limits import check_size
from .sample_format import AudioFormat, SampleFormat
from .signal import GridSignal
from .sound_container import check_whole

if TYPE_CHECKING:
    from soundfile import SoundFile

__all__ = ["AUDIO_ENDINGS", "as_audio", "read_audio", "write_audio"]

AUDIO_ENDINGS = (".wav", ".flac", ".ogg")
_BITS = {"PCM_S8": 8, "PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32, "ULAW": 16, "ALAW": 16}
_UNBOUNDED = ("FLOAT", "DOUBLE")
_ARRAY_SUBTYPES = {"uint8": "PCM_U8", "int16": "PCM_16", "int32": "PCM_32", "float64": "DOUBLE"}
_OGG_HOLDS = (200_000, 255)  # samples per second and channels; libsndfile crashes beyond them
_OPUS_RATES = (8000, 12000, 16000, 24000, 48000)
_WAV_HOLDS = 2**32 - 2**16  # bytes: its sizes are 32-bit numbers, and the header takes some


def read_audio(path: Path) -> GridSignal:
    """The sound in a file, (n, C) float32 in seconds; integers stand for [−1, 1), NaN in float files is missing.

    Raises ``SignalError`` for files that are damaged, cut off, no sound, or hold none, and ``TooLargeError``.
    """
    import soundfile

    try:
        with soundfile.SoundFile(path) as file:
            check_size(path, (file.frames,), file.channels)
            check_whole(path)
            promised = file.frames
            values = file.read(promised, dtype="float32", always_2d=True)
            audio = AudioFormat(file.samplerate, _container(file.format), file.subtype)
    except FourierFieldError:
        raise
    except (soundfile.SoundFileError, OSError, RuntimeError, ValueError) as problem:
        raise SignalError(
            f"{path} cannot be decoded as audio: {_reason(problem)}; the file may be damaged or cut off"
        ) from problem
    if len(values) != promised:
        raise SignalError(
            f"{path} is cut off: {len(values):,} of its {promised:,} samples can be read; give the whole file"
        )
    return _audio_signal(values, audio, str(path), os.path.getsize(path))


def as_audio(array: np.ndarray, rate: int, *, name: str = "array") -> GridSignal:
    """A sound from an array (n,) or (n, C) sampled ``rate`` times a second.

    Integers (uint8, int16, int32) stand for [−1, 1) of their range, as in WAV files; floats for themselves. Raises
    ``SignalError`` for other shapes and types, ``SettingsError`` for a rate that is no positive whole number.

    >>> signal = as_audio(np.array([0, 16384, -32768], dtype=np.int16), 8000)
    >>> signal.values[:, 0], signal.domain.units
    (array([ 0. ,  0.5, -1. ], dtype=float32), ('s',))
    """
    array = np.asarray(array)
    if rate != int(rate) or not 0 < rate < 2**31:
        raise SettingsError(f"a sampling rate is a positive whole number of samples per second, not {rate}")
    subtype = _ARRAY_SUBTYPES.get(array.dtype.name, "FLOAT" if array.dtype.kind == "f" else None)
    if subtype is None:
        raise SignalError(f"{name} holds {array.dtype} values; audio has floats, uint8, int16 or int32")
    if array.ndim not in (1, 2) or array.size == 0:
        raise SignalError(f"{name} has shape {array.shape}; audio is (samples,) or (samples, channels)")
    samples = array if array.ndim == 2 else array[:, None]
    middle = 128.0 if subtype == "PCM_U8" else 0.0
    scale = 1.0 if array.dtype.kind == "f" else 2.0 ** (_BITS[subtype] - 1)
    values = ((samples.astype(np.float64) - middle) / scale).astype(np.float32)
    return _audio_signal(values, AudioFormat(int(rate), "WAV", subtype), name, None)


def _audio_signal(values: np.ndarray, audio: AudioFormat, name: str, file_bytes: int | None) -> GridSignal:
    domain = Domain((len(values) / audio.rate,), ("s",))
    sample_format = SampleFormat("float32", squeeze=values.shape[1] == 1, audio=audio)
    return GridSignal(values, domain, "audio", sample_format, name, file_bytes)


def _container(name: str) -> str:
    return "WAV" if name in ("WAVEX", "RF64") else name


def _reason(problem: Exception) -> str:
    """What libsndfile says, without the name of the file, which it repeats."""
    text = getattr(problem, "error_string", None) or str(problem)
    return " ".join(text.split()).rstrip(".")


def write_audio(path: Path | str, blocks: Iterable[np.ndarray], frames: int, channels: int, audio: AudioFormat) -> None:
    """Write ``blocks`` of values (n, C), ``frames`` in all, as the sound file that the ending of ``path`` names.

    The samples are as wide as in ``audio`` where the container has such: the subtype of the source in its own
    container, the nearest in another (Ogg is always compressed). Integers, Vorbis and Opus hold [−1, 1]: values are
    clipped; floats are kept. Raises ``SettingsError`` for other endings, rates and channels that the format has not.
    """
    import soundfile

    container, subtype = audio_encoding(path, audio)
    if container == "WAV" and frames * channels * _bytes_per_value(subtype) > _WAV_HOLDS:
        raise SettingsError(f"{path} would be larger than the 4 GB that a WAV file holds; write .flac or a part of it")
    with atomic_file(path) as file, _opened(file, path, audio.rate, channels, container, subtype) as sound:
        for block in blocks:
            try:
                sound.write(_as_samples(block, subtype))
            except soundfile.SoundFileError as problem:
                raise SettingsError(
                    f"cannot write {path}: {_reason(problem)}; free space or choose another place"
                ) from problem


def audio_encoding(path: Path | str, audio: AudioFormat) -> tuple[str, str]:
    """Container and subtype, in libsndfile's words, of a sound written to ``path`` like one held as ``audio``.

    >>> audio_encoding("a.flac", AudioFormat(44100, "WAV", "FLOAT"))
    ('FLAC', 'PCM_24')
    """
    ending = Path(path).suffix.lower()
    if ending not in AUDIO_ENDINGS:
        raise SettingsError(f"{path}: the ending {ending or '(none)'} is none of audio; use {', '.join(AUDIO_ENDINGS)}")
    subtype = audio.subtype
    if ending == ".wav":
        held = subtype in _UNBOUNDED or subtype in _BITS
        return "WAV", {"PCM_S8": "PCM_U8"}.get(subtype, subtype if held else "PCM_16")
    if ending == ".flac":
        deep = subtype in (*_UNBOUNDED, "PCM_24", "PCM_32")
        return "FLAC", "PCM_24" if deep else "PCM_S8" if _BITS.get(subtype) == 8 else "PCM_16"
    return "OGG", "OPUS" if subtype == "OPUS" and audio.rate in _OPUS_RATES else "VORBIS"


def _bytes_per_value(subtype: str) -> int:
    return {"DOUBLE": 8, "FLOAT": 4, "ULAW": 1, "ALAW": 1}.get(subtype) or _BITS[subtype] // 8


def _opened(file: IO[bytes], path: Path | str, rate: int, channels: int, container: str, subtype: str) -> SoundFile:
    import soundfile

    refusal = f"{path}: {container} cannot hold {channels} channels at {rate:,} Hz; choose another ending or --scale"
    if container == "OGG" and (rate > _OGG_HOLDS[0] or channels > _OGG_HOLDS[1]):
        raise SettingsError(refusal)
    try:
        return soundfile.SoundFile(file.fileno(), "w", rate, channels, subtype, format=container, closefd=False)
    except (soundfile.SoundFileError, ValueError, OverflowError) as problem:
        raise SettingsError(refusal) from problem


def _as_samples(values: np.ndarray, subtype: str) -> np.ndarray:
    """Samples to hand to libsndfile: floats, or integers in the upper bits of 32, rounded and clipped here.

    Its own conversion multiplies by 32767 what its reading divided by 32768, and would lose the lowest bit.
    """
    if subtype in _UNBOUNDED:
        return values
    if subtype not in _BITS:
        return np.clip(values, -1, 1)
    half = 2.0 ** (_BITS[subtype] - 1)
    samples = np.clip(np.rint(values.astype(np.float64) * half), -half, half - 1)
    return samples.astype(np.int32) << (32 - _BITS[subtype])
