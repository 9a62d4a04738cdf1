"""The rate and the samples of a sound that is drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from fourierfield.grids._domain import Domain
from fourierfield.grids._sample_format import AudioFormat, SampleFormat
from fourierfield.grids._signal import SignalDescription
from fourierfield.kinds._render_options import RenderOptions
from fourierfield.kinds.audio._render import write_sound

RATE, COUNT = 8000, 4000


class Tone:
    """Half a second of a cosine of 100 Hz; coordinates 0 to 1 are the whole."""

    domain = Domain((COUNT / RATE,), ("s",))
    source = SignalDescription(
        "audio", (COUNT,), 1, SampleFormat("int16", audio=AudioFormat(RATE, "WAV", "PCM_16"), squeeze=True)
    )

    def __call__(self, points: np.ndarray) -> np.ndarray:
        return 0.5 * np.cos(2 * np.pi * 50 * np.asarray(points))


@pytest.mark.parametrize(
    ("options", "rate", "first", "count"),
    [
        (RenderOptions(), 8000, 0.0, 4000),
        (RenderOptions(scale=2.5), 20_000, 0.0, 10_000),
        (RenderOptions(size="1000"), 2000, 0.0, 1000),
        (RenderOptions(window="0.1:0.35s"), 8000, 0.1, 2000),
    ],
)
def test_the_duration_stays_and_samples_lie_at_their_centres(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: RenderOptions, rate: int, first: float, count: int
) -> None:
    monkeypatch.setattr("fourierfield.kinds.audio._render._ROWS", 999)  # several blocks
    field: Any = Tone()
    lines: list[str] = []
    write_sound(field, str(tmp_path / "a.wav"), options, lines.append)
    samples, found = soundfile.read(tmp_path / "a.wav")
    assert (found, len(samples)) == (rate, count)
    seconds = first + (np.arange(count) + 0.5) / rate
    np.testing.assert_allclose(samples, 0.5 * np.cos(2 * np.pi * 100 * seconds), atol=2 / 32768)
    assert f"{count:,} samples, {rate:,} per second" in lines[0]
