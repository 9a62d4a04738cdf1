"""From a sound file to a field and back, as a user would."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image
from scipy.io import wavfile

import fourierfield

RATE = 1000
SMALL = ("--steps", 150, "--width", 32, "--features", 32, "--bandwidth", "20Hz")


@pytest.fixture
def tone_file(tmp_path: Path) -> Path:
    """Half a second of two tones, 16 bits, stereo."""
    times = np.arange(500) / RATE
    tones = [0.6 * np.sin(2 * np.pi * f * times) for f in (11, 23)]
    path = tmp_path / "tone.wav"
    soundfile.write(path, np.stack(tones, axis=-1), RATE, subtype="PCM_16")
    return path


@pytest.fixture
def field_file(run: Callable, tone_file: Path) -> Path:
    ended = run("fit", tone_file, "--hold-out", "random:0.1", *SMALL)
    assert ended.status == 0, ended.err
    return Path("tone.safetensors")


def test_fit_says_seconds_hertz_and_snr(run: Callable, tone_file: Path) -> None:
    out = run("fit", tone_file, "--hold-out", "random:0.1", *SMALL).out
    for part in ("audio, 500, 2 channels, 1,000 per second (0.5 s)", "10 cycles per unit (20 Hz)", "(SNR ", "cubic"):
        assert part in out
    assert "SSIM" not in out
    result = json.loads(run("fit", tone_file, "--json", *SMALL).out)
    assert (result["signal"]["kind"], result["signal"]["rate"], result["signal"]["duration"]) == ("audio", RATE, 0.5)
    assert (result["encoding"]["bandwidth"], result["encoding"]["bandwidth_hz"]) == (10.0, 20.0)
    assert result["metrics"]["train_snr_db"] > 10
    assert result["metrics"]["held_out_snr_db"] is None


def test_the_sound_comes_back(run: Callable, tone_file: Path, field_file: Path) -> None:
    ended = run("render", field_file, "out.wav")
    assert ended.status == 0, ended.err
    assert "500 samples, 1,000 per second, 0.5 s" in ended.err
    truth, _ = soundfile.read(tone_file)
    drawn, rate = soundfile.read("out.wav")
    assert (rate, drawn.shape, soundfile.info("out.wav").subtype) == (RATE, (500, 2), "PCM_16")
    assert (truth**2).sum() / ((truth - drawn) ** 2).sum() > 10
    again, samples = wavfile.read("out.wav")
    assert again == RATE
    np.testing.assert_array_equal(samples, np.round(drawn * 32768))


@pytest.mark.parametrize(
    ("options", "rate", "samples"),
    [
        ((), 1000, 500),
        (("--scale", 2), 2000, 1000),
        (("--scale", 0.3), 300, 150),
        (("--size", 250), 500, 250),
        (("--window", "0.25:0.75"), 1000, 250),
        (("--window", "0.1:0.2s", "--scale", 4), 4000, 400),
        (("--window", "0.1:0.2s", "--size", 50), 500, 50),
        (("--window", "0.1:0.1014s"), 1000, 1),
    ],
)
@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "npy"])
def test_any_part_at_any_rate_lasts_as_long(
    run: Callable, field_file: Path, options: tuple, rate: int, samples: int, ending: str
) -> None:
    ended = run("render", field_file, f"out.{ending}", *options)
    assert ended.status == 0, ended.err
    if ending == "npy":
        assert np.load("out.npy").shape == (samples, 2)
        return
    found = soundfile.info(f"out.{ending}")
    assert (found.samplerate, found.frames, found.channels) == (rate, samples, 2)


def test_blocks_are_what_one_call_gives(run: Callable, field_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("render", field_file, "whole.npy")
    monkeypatch.setattr("fourierfield.kinds.audio._render._ROWS", 64)
    run("render", field_file, "blocks.wav")
    whole, blocks = np.load("whole.npy"), soundfile.read("blocks.wav")[0]
    assert np.abs(whole - blocks).max() <= 1 / 32768


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_half_way_nothing_is_left(
    run: Callable, field_file: Path, monkeypatch: pytest.MonkeyPatch, number: int, status: int
) -> None:
    def blocks(*_: object) -> Iterator[np.ndarray]:
        yield np.zeros((64, 2), dtype=np.float32)
        signal.raise_signal(number)

    monkeypatch.setattr("fourierfield.kinds.audio._render._blocks", blocks)
    ended = run("render", field_file, "out.wav")
    assert ended.status == status
    assert "nothing was written" in ended.err
    assert os.listdir() == [field_file.name]


def test_twice_the_rate_passes_between_the_samples(run: Callable, field_file: Path) -> None:
    run("render", field_file, "twice.npy", "--scale", 2)
    field = fourierfield.load(field_file)
    expected = field((np.arange(1000)[:, None] + 0.5) / 1000)
    np.testing.assert_allclose(np.load("twice.npy"), expected, atol=1e-5)


def test_values_at_points_and_info(run: Callable, field_file: Path) -> None:
    Path("points.csv").write_text("t\n0.25\n0.5\n")
    assert run("render", field_file, "out.csv", "--at", "points.csv", "--gradient").status == 0
    lines = Path("out.csv").read_text().splitlines()
    assert lines[0] == "t,value0,value1,dvalue0/dt,dvalue1/dt"
    assert len(lines) == 3
    facts = json.loads(run("info", field_file, "--json").out)
    assert (facts["rate"], facts["duration"], facts["sample_type"]) == (RATE, 0.5, "PCM_16")
    assert facts["encoding"]["bandwidth_hz"] == 20.0
    words = run("info", field_file).out
    for part in ("0.5 s, 1,000 samples per second", "(20 Hz)", "held_out_snr_db"):
        assert part in words


def test_spectrum_speaks_of_hertz(run: Callable, tone_file: Path) -> None:
    ended = run("spectrum", tone_file, "--steps", 100)
    assert ended.status == 0, ended.err
    assert " Hz) in 100 steps" in ended.out
    with Image.open("tone-spectrum.png") as picture:
        assert picture.width > picture.height
    result = json.loads(run("spectrum", tone_file, "--json", "--steps", 100, "--encoding", "gaussian:20Hz").out)
    (found,) = result["encodings"]
    assert found["reaches_hz"] == pytest.approx(found["reaches"] / 0.5)
    assert found["bandwidth_per_sample"] == pytest.approx(20 / RATE)


def refused(ended, *parts: str) -> None:  # type: ignore[no-untyped-def]
    assert ended.status == 2, ended
    assert ended.out == ""
    (line,) = ended.err.strip().splitlines()
    for part in parts:
        assert part in line


def test_files_that_are_no_whole_sound(run: Callable, tmp_path: Path, tone_file: Path) -> None:
    content = tone_file.read_bytes()
    (tmp_path / "cut.wav").write_bytes(content[:-100])
    (tmp_path / "head.wav").write_bytes(content[:20])
    (tmp_path / "text.wav").write_text("no sound")
    soundfile.write(tmp_path / "none.wav", np.zeros((0, 1)), RATE)
    soundfile.write(tmp_path / "nan.wav", np.full(9, np.nan), RATE, subtype="FLOAT")
    soundfile.write(tmp_path / "inf.wav", np.full(9, np.inf), RATE, subtype="FLOAT")
    for name in ("cut", "head", "text", "none", "nan", "inf"):
        refused(run("fit", tmp_path / f"{name}.wav"), f"{name}.wav")
        refused(run("spectrum", tmp_path / f"{name}.wav"), f"{name}.wav")
    refused(run("fit", tone_file, "--as", "image"), "--as image")
    refused(run("fit", tone_file, "--bandwidth", "3/px"), "measured in s")
    assert os.listdir() == []


def test_renders_that_cannot_be(run: Callable, field_file: Path, photo_file: Path) -> None:
    fast = ("--steps", 2, "--width", 8, "--features", 4, "--bandwidth", 2)
    run("fit", photo_file, *fast)
    run("fit", *fast, _saved(np.arange(9.0)))
    before = sorted(os.listdir())
    for words, reason in [
        ((field_file, "o.png"), ".png names no format of audio"),
        ((field_file, "o.mp3"), ".mp3"),
        (("photo.safetensors", "o.wav"), ".wav names no format of image"),
        (("series.safetensors", "o.wav"), ".wav names no format of series"),
        ((field_file, "o.wav", "--size", "4x4"), "--size"),
        ((field_file, "o.wav", "--window", "0:1,0:1"), "--window"),
        ((field_file, "o.wav", "--window", "0:inf"), "--window"),
        ((field_file, "o.wav", "--window", "0:1px"), "--window"),
        ((field_file, "o.wav", "--window", "0:1e-8", "--size", 90), "choose another"),
        ((field_file, "o.wav", "--scale", 3e6), "4 GB"),
        ((field_file, "o.ogg", "--scale", 1e3), "1,000,000 Hz"),
        ((field_file, "absent/o.wav"), "does not exist"),
        ((field_file, "o.npy", "--size", 10**12), "more than any machine draws"),
    ]:
        refused(run("render", *words), reason)
    assert sorted(os.listdir()) == before


def _saved(series: np.ndarray) -> str:
    np.save("series.npy", series)
    return "series.npy"


def test_a_series_comes_back_as_an_array(run: Callable) -> None:
    run("fit", _saved(np.sin(np.arange(50.0) / 5)), "--steps", 20, "--width", 8, "--features", 4)
    assert run("render", "series.safetensors", "out.npy", "--scale", 2).status == 0
    assert np.load("out.npy").shape == (100,)
    assert "50 sample" in run("info", "series.safetensors").out
