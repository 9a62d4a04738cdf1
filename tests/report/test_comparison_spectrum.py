from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from fourierfield.grids._arrays import as_signal
from fourierfield.report._comparison import encoding_name, spectrum_picture
from fourierfield.tasks._settings import FitSettings
from fourierfield.tasks._spectrum import analyse_spectrum


def test_the_picture_shows_three_panels_and_names_the_encodings() -> None:
    values = np.random.default_rng(0).random((32, 40), dtype=np.float32)
    settings = [FitSettings(encoding="gaussian", bandwidth=b, steps=30) for b in (2.0, 6.0)]
    analysis = analyse_spectrum(as_signal(values), settings)
    assert [encoding_name(found) for found in analysis.encodings] == ["gaussian 2", "gaussian 6"]
    picture = np.asarray(Image.open(io.BytesIO(spectrum_picture(analysis))).convert("L"))
    thirds = np.array_split(picture, 3, axis=1)
    assert all((third < 128).sum() > 500 for third in thirds)


@pytest.mark.parametrize("values", [np.zeros((8, 9)), np.random.default_rng(0).random((8, 8)), np.ones((1, 2))])
def test_small_and_constant_signals_are_drawn_too(values: np.ndarray) -> None:
    analysis = analyse_spectrum(as_signal(values), [FitSettings(encoding="gaussian", bandwidth=0.1, steps=2)])
    assert spectrum_picture(analysis)[:4] == b"\x89PNG"
