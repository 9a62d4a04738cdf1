"""Sound files: WAV, FLAC and Ogg (Vorbis, Opus), read and written by libsndfile.

Whether a file is whole is checked here, since libsndfile reads what is left of one that was cut off, without an error.
"""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from ...errors import FourierFieldError, SettingsError, SignalError
from ...grids._domain import Domain
from ...grids._endings import AUDIO_ENDINGS
from ...grids._files import atomic_file, check_size
from ...grids._sample_format import AudioFormat, SampleFormat
from ...grids._signal import GridSignal

if TYPE_CHECKING:
    from soundfile import SoundFile


# Bits of the linear samples that each subtype stands for.
_BITS = {"PCM_S8": 8, "PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32, "ULAW": 16, "ALAW": 16}
_UNBOUNDED = ("FLOAT", "DOUBLE")
_ARRAY_SUBTYPES = {"uint8": "PCM_U8", "int16": "PCM_16", "int32": "PCM_32", "float64": "DOUBLE"}
_OGG_HOLDS = (200_000, 255)  # samples per second and channels; libsndfile crashes beyond them
_OPUS_RATES = (8000, 12000, 16000, 24000, 48000)  # samples per second that Opus has
_WAV_HOLDS = 2**32 - 2**16  # bytes of samples: sizes in a WAV file are 32-bit numbers, and its header takes some


def read_audio(path: Path) -> GridSignal:
    """Read the sound in a file, (n, C) float32 over seconds; integers are [−1, 1), NaN is a missing sample."""
    import soundfile

    try:
        with _streamed(path) as content, soundfile.SoundFile(content) as file:
            promised = file.frames if file.frames < _UNKNOWN else None
            check_size(path, (_most_frames(path, file) if promised is None else promised,), file.channels)
            check_whole(path)
            read = partial(file.read, dtype="float32", always_2d=True)
            values = _decode_to_the_end(path) if promised is None else read(promised)
            audio = AudioFormat(file.samplerate, _container(file.format), file.subtype)
    except FourierFieldError:
        raise
    except (soundfile.SoundFileError, OSError, RuntimeError, ValueError, TypeError) as problem:
        raise SignalError(
            f"{path} cannot be decoded as audio: {_reason(problem)}; the file may be damaged or cut off"
        ) from problem
    if promised is not None and len(values) != promised:
        raise SignalError(
            f"{path} is cut off: only {len(values):,} of its {promised:,} samples can be read; give the whole file"
        )
    return _audio_signal(values, audio, str(path), os.path.getsize(path))


_UNKNOWN = 2**62  # libsndfile's number of samples of a file that does not state it is nearly 2⁶³


def _decode_to_the_end(path: Path) -> np.ndarray:
    """Decode a FLAC that does not state its length, (n, C) float32, by FFmpeg: libsndfile needs the length."""
    import av

    with av.open(str(path)) as container:
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
        channels = container.streams.audio[0].channels
    samples = np.concatenate([frame.reshape(-1, channels) for frame in frames])  # FLAC's are interleaved
    return (samples / 2.0 ** (8 * samples.dtype.itemsize - 1)).astype(np.float32)


def _most_frames(path: Path, file: SoundFile) -> int:
    """Return how many samples a FLAC of unknown length can hold, if it packs noise by half and music by less."""
    return max(1, 8 * os.path.getsize(path) // file.channels)


@contextmanager
def _streamed(path: Path) -> Iterator[Path | IO[bytes]]:
    """Give the file itself or, of a WAV that a pipe wrote with a size of 0, its content with the size left open."""
    with open(path, "rb") as file:
        head = file.read(12)
        places = [start for name, length, start in _chunks(file, "<") if (name, length) == (b"data", 0)]
    size = os.path.getsize(path)
    if head[:4] == b"RIFF" and head[4:8] == bytes(4) and places and places[0] < size:
        check_size(path, (size,), 1)
        content = bytearray(path.read_bytes())
        content[4:8] = content[places[0] - 4 : places[0]] = b"\xff" * 4
        yield io.BytesIO(content)
    else:
        yield path


def as_audio(array: np.ndarray, rate: int, *, name: str = "array") -> GridSignal:
    """Return a sound from an array (n,) or (n, C) sampled ``rate`` times per second.

    The range of integers (uint8, int16, int32) represents [−1, 1), as in WAV files; floats represent themselves. Raises
    ``SignalError`` for other shapes and types, and ``SettingsError`` if the rate is not a positive whole number.

    >>> signal = as_audio(np.array([0, 16384, -32768], dtype=np.int16), 8000)
    >>> signal.values[:, 0], signal.domain.units
    (array([ 0. ,  0.5, -1. ], dtype=float32), ('s',))
    """
    array = np.asarray(array)
    if rate != int(rate) or not 0 < rate < 2**31:
        raise SettingsError(f"a sampling rate must be a positive whole number of samples per second, not {rate}")
    subtype = _ARRAY_SUBTYPES.get(array.dtype.name, "FLOAT" if array.dtype.kind == "f" else None)
    if subtype is None:
        raise SignalError(f"{name} holds {array.dtype} values; audio must have floats, uint8, int16 or int32")
    if array.ndim not in (1, 2) or array.size == 0:
        raise SignalError(f"{name} has shape {array.shape}; audio must be (samples,) or (samples, channels)")
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
    """Return libsndfile's message without the name of the file, which it repeats."""
    text = getattr(problem, "error_string", None) or str(problem)
    return " ".join(text.split()).rstrip(".")


def write_audio(path: Path | str, blocks: Iterable[np.ndarray], frames: int, channels: int, audio: AudioFormat) -> None:
    """Write ``blocks`` (n, C), ``frames`` in all, in ``path``'s format; all but floats are clipped to [−1, 1]."""
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
    """Return the container and subtype, by libsndfile's names, in which ``path`` holds a sound held as ``audio``.

    >>> audio_encoding("a.flac", AudioFormat(44100, "WAV", "FLOAT"))
    ('FLAC', 'PCM_24')
    """
    ending = Path(path).suffix.lower()
    if ending not in AUDIO_ENDINGS:
        raise SettingsError(f"{path}: the ending {ending or '(none)'} is not for audio; use {', '.join(AUDIO_ENDINGS)}")
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
    """Return the samples to pass to libsndfile: floats, or integers in the upper bits of 32, rounded and clipped.

    libsndfile's own conversion multiplies by 32767 what its reading divided by 32768, which would lose the lowest bit.
    """
    if subtype in _UNBOUNDED:
        return values
    if subtype not in _BITS:
        return np.clip(values, -1, 1)
    half = 2.0 ** (_BITS[subtype] - 1)
    samples = np.clip(np.rint(values.astype(np.float64) * half), -half, half - 1)
    return samples.astype(np.int32) << (32 - _BITS[subtype])


_WAVE = (b"RIFF", b"RIFX", b"RF64")
_UNSTATED = 0x7FFF0000  # bytes: larger sizes in a shorter file were written to a pipe, before the length was known
_PAGE_HEADER = 27  # bytes of an Ogg page before its table of segments
_LARGEST_PAGE = _PAGE_HEADER + 255 + 255 * 255  # bytes: header, table and 255 segments of 255 bytes
_LAST_PAGE = 4  # the flag in an Ogg page's header that marks the last page


def is_wave(head: bytes) -> bool:
    """Return whether a file that begins with ``head`` is a WAV file of any variant."""
    return head[:4] in _WAVE and head[8:12] == b"WAVE"


def is_aiff(head: bytes) -> bool:
    """Return whether a file that begins with ``head`` is an AIFF file, packed or not."""
    return head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC")


def check_whole(path: Path) -> None:
    """Raise ``SignalError`` if a WAV, AIFF or Ogg file ends before its structure does; libsndfile reports FLAC."""
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        head = file.read(12)
        if is_wave(head) or is_aiff(head):
            missing = _missing_of_chunks(file, head, size)
            if missing:
                raise SignalError(f"{path} is cut off: {missing:,} bytes of samples are missing; give the whole file")
        elif head[:4] == b"OggS" and not _ogg_ends(file, size):
            raise SignalError(f"{path} is cut off: its last Ogg page is missing; give the whole file")


def _missing_of_chunks(file: IO[bytes], head: bytes, size: int) -> int:
    """Return how many bytes of the samples' chunk lie beyond the end of the file."""
    order = ">" if head[:4] in (b"RIFX", b"FORM") else "<"
    long_size = None
    for name, length, start in _chunks(file, order):
        if name == b"ds64":  # RF64 keeps sizes beyond 32 bits here
            long_size = struct.unpack("<8xQ", file.read(16).ljust(16, b"\0"))[0]
        if name in (b"data", b"SSND"):
            promised = long_size if length == 0xFFFFFFFF and long_size is not None else length
            missing = start + promised - size
            return 0 if promised == length >= _UNSTATED else max(0, missing)
    return 0


def _chunks(file: IO[bytes], order: str) -> Iterator[tuple[bytes, int, int]]:
    """Yield the name, the length and the place of each chunk, up to the end of the file."""
    start = 12
    while True:
        file.seek(start)
        header = file.read(8)
        if len(header) < 8:
            return
        name, length = struct.unpack(f"{order}4sI", header)
        yield name, length, start + 8
        start += 8 + length + length % 2


def _ogg_ends(file: IO[bytes], size: int) -> bool:
    """Return whether the file ends with a whole page that is marked as the last one."""
    file.seek(max(0, size - _LARGEST_PAGE))
    tail = file.read()
    page = tail[max(0, tail.rfind(b"OggS")) :]
    if len(page) < _PAGE_HEADER:
        return False
    segments = page[_PAGE_HEADER : _PAGE_HEADER + page[26]]
    return bool(page[5] & _LAST_PAGE) and len(page) >= _PAGE_HEADER + page[26] + sum(segments)
