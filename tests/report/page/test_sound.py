from __future__ import annotations

import io

import numpy as np
from scipy.io import wavfile

from fourierfield.report.page._content import Values
from fourierfield.report.page._sound import spectrogram_figure, wave_bytes, waveform_figure


def test_the_wave_file_reads_back() -> None:
    values = np.array([[-1.0, 0.0], [0.5, 2.0], [np.nan, 0.25]])
    rate, read = wavfile.read(io.BytesIO(wave_bytes(values, 22050)))
    assert rate == 22050
    assert read.tolist() == [[-32767, 0], [16384, 32767], [0, 8192]]


def test_an_error_is_enlarged_by_a_power_of_ten() -> None:
    tone = 0.8 * np.sin(np.arange(4000) / 5)[:, None]
    assert "error, magnified 100 times" in waveform_figure(Values(tone, tone + 0.004, (-1.0, 1.0), 8000.0))
    assert ">error<" in waveform_figure(Values(tone, 0 * tone, (-1.0, 1.0), 8000.0))


def test_too_few_samples_have_no_spectrogram() -> None:
    short = np.zeros((100, 1))
    assert spectrogram_figure(Values(short, short, (-1.0, 1.0), 8000.0)) is None
    assert spectrogram_figure(Values(np.zeros((1000, 1)), np.zeros((1000, 1)))) is None
