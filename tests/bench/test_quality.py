"""The benchmark of time to quality measures what it says; its times are not tested."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fourierfield.bench._quality import QualityBenchmark, centre_crop, time_to_paper_quality


def test_quality_is_timed_until_it_is_reached(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    from fourierfield.bench import _quality as quality

    scores = {None: (30.0, 100.0), 100: (28.0, 4.0), 200: (30.5, 8.0), 400: (31.0, 16.0)}
    monkeypatch.setattr(quality, "_run", lambda signal, settings: scores[settings.steps])
    signal = centre_crop(np.zeros((8, 8), dtype=np.uint8), 8)
    found = time_to_paper_quality(signal)
    assert found == QualityBenchmark("array", 30.0, 100.0, 30.5, 8.0, 200)
    assert (found.ratio, found.reached) == (12.5, True)


def test_the_middle_of_a_photo(photo_file: Path) -> None:
    from fourierfield.kinds._read import read

    whole, crop = read(photo_file), centre_crop(photo_file, 10)
    np.testing.assert_array_equal(crop.values, whole.values[7:17, 11:21])
    assert crop.sample_format == whole.sample_format
