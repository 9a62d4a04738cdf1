"""Sound files that were cut off are refused wherever they were cut; whole ones of every flavour are not."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fourierfield.errors import SignalError
from fourierfield.kinds._read import read

WHOLE = [
    {"format": "WAV", "subtype": "PCM_16"},
    {"format": "WAV", "subtype": "FLOAT"},
    {"format": "WAV", "subtype": "PCM_24"},
    {"format": "WAV", "subtype": "IMA_ADPCM"},
    {"format": "WAV", "subtype": "GSM610"},
    {"format": "WAV", "subtype": "PCM_16", "endian": "BIG"},
    {"format": "WAVEX", "subtype": "PCM_16"},
    {"format": "RF64", "subtype": "PCM_16"},
    {"format": "FLAC", "subtype": "PCM_16"},
    {"format": "OGG", "subtype": "VORBIS"},
    {"format": "OGG", "subtype": "OPUS"},
]


def make(path: Path, how: dict, samples: int = 9001) -> bytes:
    values = np.random.default_rng(0).uniform(-0.5, 0.5, samples)
    soundfile.write(path, values, 48000, **how)
    return path.read_bytes()


@pytest.mark.parametrize("how", WHOLE, ids=lambda how: "-".join(how.values()))
def test_whole_files_are_read_and_cut_ones_are_not(tmp_path: Path, how: dict) -> None:
    path = tmp_path / "sound"
    content = make(path, how)
    assert read(path).shape[0] >= 9001  # compressed blocks are filled up
    for left in (len(content) - 9, len(content) * 2 // 3, len(content) // 3, 300, 60, 44, 30, 16, 5):
        path.write_bytes(content[:left])
        with pytest.raises(SignalError) as caught:
            read(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_wave_written_to_a_pipe_may_leave_its_length_open(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    content = bytearray(make(path, WHOLE[0]))
    place = content.index(b"data") + 4
    for unstated in (0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFF000):
        content[place : place + 4] = struct.pack("<I", unstated)
        path.write_bytes(content)
        assert read(path).shape == (9001,)


def test_chunks_after_the_samples_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    content = make(path, WHOLE[0])
    path.write_bytes(content + b"LIST" + struct.pack("<I", 4) + b"INFO")
    assert read(path).shape == (9001,)


@pytest.mark.parametrize("how", WHOLE[:9], ids=lambda how: "-".join(how.values()))
def test_nothing_to_hear_is_refused(tmp_path: Path, how: dict) -> None:
    path = tmp_path / "sound"
    make(path, how, samples=0)
    with pytest.raises(SignalError, match=r"holds no samples|cannot be decoded|is empty"):
        read(path)


@pytest.mark.parametrize(
    "content",
    [b"RIFF\0\0\0\0WAVE", b"fLaC" + b"\0" * 60, b"OggS" + b"\0" * 60, b"RIFF" + b"\xff" * 4 + b"WAVEfmt " + b"\1" * 40],
)
def test_what_only_begins_like_sound_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "sound"
    path.write_bytes(content)
    with pytest.raises(SignalError, match="decoded as audio"):
        read(path)
