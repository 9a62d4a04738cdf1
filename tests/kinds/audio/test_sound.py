"""Sound files are read as they were written, and written back as the same kind of file."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from scipy.io import wavfile

from fourierfield.errors import FourierFieldError, SettingsError, SignalError, TooLargeError
from fourierfield.grids._sample_format import AudioFormat
from fourierfield.grids._signal import GridSignal
from fourierfield.kinds._read import read
from fourierfield.kinds.audio._sound import as_audio, audio_encoding, write_audio

INTEGERS = {"PCM_U8": 8, "PCM_16": 16, "PCM_24": 24}
LOSSLESS = [("wav", s) for s in (*INTEGERS, "FLOAT", "ULAW", "ALAW")] + [
    ("flac", s) for s in ("PCM_S8", "PCM_16", "PCM_24")
]


def noise(samples: int, channels: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.9, 0.9, (samples, channels)).astype(np.float32)


def write_back(path: Path, signal: GridSignal, pieces: int = 1) -> None:
    assert signal.sample_format.audio is not None
    blocks = np.array_split(signal.values, pieces)
    write_audio(path, blocks, *signal.values.shape, signal.sample_format.audio)


@pytest.mark.parametrize("channels", [1, 2, 5])
@pytest.mark.parametrize("rate", [8000, 44100])
@pytest.mark.parametrize(("ending", "subtype"), [*LOSSLESS, ("wav", "PCM_32"), ("wav", "DOUBLE"), ("ogg", "VORBIS")])
def test_every_format_is_read(tmp_path: Path, ending: str, subtype: str, rate: int, channels: int) -> None:
    path = tmp_path / f"sound.{ending}"
    soundfile.write(path, noise(700, channels), rate, subtype=subtype)
    signal = read(path)
    assert (signal.kind, signal.values.shape, signal.values.dtype) == ("audio", (700, channels), np.float32)
    assert signal.domain.extent == (700 / rate,)
    assert signal.domain.units == ("s",)
    assert signal.sample_format.audio == AudioFormat(rate, ending.upper(), subtype)
    assert signal.sample_format.sample_type == subtype
    np.testing.assert_array_equal(signal.values, soundfile.read(path, dtype="float32", always_2d=True)[0])


@pytest.mark.parametrize(("ending", "subtype"), LOSSLESS)
@given(
    seed=st.integers(0, 2**32 - 1),
    samples=st.integers(1, 400),
    channels=st.integers(1, 4),
    rate=st.sampled_from([1, 8000, 22050, 44100, 192000]),
    pieces=st.integers(1, 5),
)
def test_lossless_formats_come_back_to_the_bit(
    tmp_path_factory: pytest.TempPathFactory,
    ending: str,
    subtype: str,
    seed: int,
    samples: int,
    channels: int,
    rate: int,
    pieces: int,
) -> None:
    folder = tmp_path_factory.mktemp("sound")
    first, again = (folder / f"{name}.{ending}" for name in ("first", "again"))
    values = np.random.default_rng(seed).uniform(-1, 1, (samples, channels))
    soundfile.write(first, values, rate, subtype=subtype)
    signal = read(first)
    write_back(again, signal, pieces)
    np.testing.assert_array_equal(read(again).values, signal.values)
    assert soundfile.info(again).samplerate == rate
    assert soundfile.info(again).subtype == subtype


@pytest.mark.parametrize("subtype", INTEGERS)
def test_every_integer_survives_and_the_range_clips(tmp_path: Path, subtype: str) -> None:
    half = 2 ** (INTEGERS[subtype] - 1)
    integers = np.unique(np.linspace(-half, half - 1, 5000).round())
    values = np.concatenate([integers / half, [-7.0, 1.0, 7.0]]).astype(np.float32)[:, None]
    write_audio(tmp_path / "a.wav", [values], len(values), 1, AudioFormat(8000, "WAV", subtype))
    found = read(tmp_path / "a.wav").values[:, 0].astype(np.float64) * half
    np.testing.assert_array_equal(found, [*integers, -half, half - 1, half - 1])


def test_scipy_reads_what_is_written(tmp_path: Path) -> None:
    values = noise(300, 2)
    for subtype, kind in (("PCM_16", np.int16), ("PCM_32", np.int32), ("FLOAT", np.float32), ("DOUBLE", np.float64)):
        write_audio(tmp_path / "a.wav", [values], 300, 2, AudioFormat(16000, "WAV", subtype))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", wavfile.WavFileWarning)  # libsndfile adds a chunk with the peak
            rate, found = wavfile.read(tmp_path / "a.wav")
        assert (rate, found.dtype, found.shape) == (16000, kind, (300, 2))
        scale = np.iinfo(kind).max if np.dtype(kind).kind == "i" else 1
        np.testing.assert_allclose(found / scale, values, atol=1e-4)


def test_arrays_with_a_rate_are_what_the_file_would_give(tmp_path: Path) -> None:
    for samples in (noise(50, 2), noise(50, 1)[:, 0].astype(np.float64), (1000 * noise(50, 2)).astype(np.int16)):
        wavfile.write(tmp_path / "a.wav", 8000, samples)
        found, made = read(tmp_path / "a.wav"), as_audio(samples, 8000)
        np.testing.assert_array_equal(made.values, found.values)
        assert made.description == found.description
    assert as_audio(np.array([0, 128, 255], np.uint8), 8000).values[:2, 0].tolist() == [-1, 0]


@pytest.mark.parametrize(
    ("array", "rate", "reason"),
    [
        (np.zeros(5), 0, "sampling rate"),
        (np.zeros(5), 44100.5, "sampling rate"),
        (np.zeros((2, 2, 2)), 8000, "shape"),
        (np.zeros(0), 8000, "shape"),
        (np.zeros(5, dtype=complex), 8000, "complex"),
        (np.full(5, np.inf), 8000, "infinite"),
        (np.full(5, np.nan), 8000, "missing"),
    ],
)
def test_arrays_that_are_no_sound(array: np.ndarray, rate: float, reason: str) -> None:
    with pytest.raises(FourierFieldError, match=reason):
        as_audio(array, rate)  # type: ignore[arg-type]


def test_nan_in_a_float_file_is_a_missing_sample_and_infinity_is_refused(tmp_path: Path) -> None:
    values = noise(100, 2)
    values[10:20] = np.nan
    values[30, 1] = np.nan
    soundfile.write(tmp_path / "a.wav", values, 8000, subtype="FLOAT")
    signal = read(tmp_path / "a.wav")
    assert int((~signal.present).sum()) == 10
    np.testing.assert_array_equal(signal.values, values)
    values[0, 0] = np.inf
    soundfile.write(tmp_path / "a.wav", values, 8000, subtype="FLOAT")
    with pytest.raises(SignalError, match="infinite"):
        read(tmp_path / "a.wav")


@pytest.mark.parametrize(
    ("name", "held", "expected"),
    [
        ("a.wav", ("FLAC", "PCM_S8"), ("WAV", "PCM_U8")),
        ("a.wav", ("OGG", "VORBIS"), ("WAV", "PCM_16")),
        ("a.wav", ("WAV", "IMA_ADPCM"), ("WAV", "PCM_16")),
        ("a.WAV", ("WAV", "DOUBLE"), ("WAV", "DOUBLE")),
        ("a.flac", ("WAV", "PCM_U8"), ("FLAC", "PCM_S8")),
        ("a.flac", ("WAV", "PCM_16"), ("FLAC", "PCM_16")),
        ("a.flac", ("WAV", "PCM_32"), ("FLAC", "PCM_24")),
        ("a.flac", ("OGG", "VORBIS"), ("FLAC", "PCM_16")),
        ("a.ogg", ("OGG", "OPUS"), ("OGG", "OPUS")),
        ("a.ogg", ("WAV", "FLOAT"), ("OGG", "VORBIS")),
    ],
)
def test_other_containers_take_the_nearest_subtype(name: str, held: tuple, expected: tuple) -> None:
    assert audio_encoding(name, AudioFormat(48000, *held)) == expected


def test_opus_at_a_rate_that_it_has_not_becomes_vorbis() -> None:
    assert audio_encoding("a.ogg", AudioFormat(44100, "OGG", "OPUS")) == ("OGG", "VORBIS")


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_ogg_is_close(tmp_path: Path, subtype: str) -> None:
    tone = (0.5 * np.sin(2 * np.pi * 440 * np.arange(48000) / 48000)).astype(np.float32)[:, None]
    write_audio(tmp_path / "a.ogg", np.array_split(tone, 9), 48000, 1, AudioFormat(48000, "OGG", subtype))
    found = read(tmp_path / "a.ogg")
    assert found.sample_format.audio == AudioFormat(48000, "OGG", subtype)
    assert found.shape == (48000,)
    inside = slice(1000, -1000)  # Opus comes to an end of its own
    assert np.sqrt(np.mean((found.values - tone)[inside] ** 2)) < 0.02


@pytest.mark.parametrize(
    ("name", "frames", "channels", "rate", "reason"),
    [
        ("a.mp3", 3, 1, 8000, "ending .mp3"),
        ("a", 3, 1, 8000, r"\(none\)"),
        ("a.flac", 3, 9, 8000, "9 channels"),
        ("a.flac", 3, 1, 700_000, "700,000 Hz"),
        ("a.ogg", 3, 1, 10**9, "1,000,000,000 Hz"),
        ("a.ogg", 3, 256, 8000, "256 channels"),
        ("a.wav", 2**32, 1, 8000, "4 GB"),
        ("absent/a.wav", 3, 1, 8000, "does not exist"),
    ],
)
def test_what_a_format_cannot_hold_is_refused(
    tmp_path: Path, name: str, frames: int, channels: int, rate: int, reason: str
) -> None:
    with pytest.raises(SettingsError, match=reason) as caught:
        write_audio(tmp_path / name, [np.zeros((3, channels))], frames, channels, AudioFormat(rate, "WAV", "PCM_16"))
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_half_way_leaves_nothing(tmp_path: Path) -> None:
    def blocks():  # type: ignore[no-untyped-def]
        yield np.zeros((3, 1))
        raise MemoryError

    with pytest.raises(MemoryError):
        write_audio(tmp_path / "a.wav", blocks(), 6, 1, AudioFormat(8000, "WAV", "PCM_16"))
    assert list(tmp_path.iterdir()) == []


def test_a_claim_of_hours_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "long.flac"
    soundfile.write(path, noise(5000, 1), 8000)
    content = bytearray(path.read_bytes())
    content[21] |= 0x0F  # the upper bits of the 36 that hold the number of samples
    content[22:26] = b"\xff" * 4
    path.write_bytes(content)
    with pytest.raises(TooLargeError, match="68719476735"):
        read(path)


def test_real_files(shared_data: Path) -> None:
    bach = read(shared_data / "audio" / "gt_bach.wav")
    speech = read(shared_data / "audio" / "librispeech_198-209-0000.wav")
    assert (bach.shape, bach.sample_format.audio) == ((308207,), AudioFormat(44100, "WAV", "FLOAT"))
    assert (speech.domain.extent, speech.sample_format.audio) == ((10.0,), AudioFormat(16000, "WAV", "PCM_16"))
    _, samples = wavfile.read(shared_data / "audio" / "librispeech_198-209-0000.wav")
    np.testing.assert_array_equal(speech.values[:, 0], samples / 32768)


def test_a_flac_that_does_not_state_its_length_is_read_to_the_end(tmp_path: Path) -> None:
    """As a pipe leaves it: the number of samples in STREAMINFO is 0."""
    sound = 0.4 * np.sin(np.arange(5000)[:, None] / [9, 7])
    soundfile.write(tmp_path / "a.flac", sound, 8000)
    content = bytearray((tmp_path / "a.flac").read_bytes())
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    (tmp_path / "stream.flac").write_bytes(content)
    np.testing.assert_array_equal(read(tmp_path / "stream.flac").values, read(tmp_path / "a.flac").values)


def test_a_wav_that_a_pipe_wrote_with_sizes_of_0_is_read_to_the_end(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", 0.4 * np.sin(np.arange(5000) / 9), 8000)
    content = bytearray((tmp_path / "a.wav").read_bytes())
    place = content.index(b"data")
    content[4:8] = content[place + 4 : place + 8] = bytes(4)
    (tmp_path / "stream.wav").write_bytes(content)
    np.testing.assert_array_equal(read(tmp_path / "stream.wav").values, read(tmp_path / "a.wav").values)


def test_mp3_is_known_by_its_content(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.mp3", 0.4 * np.sin(np.arange(8000) / 9), 8000, format="MP3")
    (tmp_path / "b").write_bytes((tmp_path / "a.mp3").read_bytes())
    expected, _ = soundfile.read(tmp_path / "a.mp3", dtype="float32")
    np.testing.assert_allclose(read(tmp_path / "b").values[:, 0], expected, atol=1e-6)


@pytest.mark.parametrize(("ending", "subtype"), [("aiff", "PCM_16"), ("aiff", "PCM_24"), ("aifc", "FLOAT")])
def test_aiff_is_read_whole_or_not_at_all(tmp_path: Path, ending: str, subtype: str) -> None:
    path = tmp_path / f"a.{ending}"
    soundfile.write(path, 0.4 * np.sin(np.arange(5000)[:, None] / [9, 7]), 8000, subtype=subtype, format="AIFF")
    np.testing.assert_array_equal(read(path, "audio").values, soundfile.read(path, dtype="float32")[0])
    path.write_bytes(path.read_bytes()[:-999])
    with pytest.raises(SignalError, match=r"cut off: 9.. bytes of samples are missing"):
        read(path, "audio")
