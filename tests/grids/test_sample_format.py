"""Samples that are complex numbers."""

from __future__ import annotations

import numpy as np
import pytest

from fourierfield.grids._sample_format import SampleFormat


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_two_channels_are_a_complex_number(dtype: str) -> None:
    values = np.random.default_rng(0).normal(size=(4, 5, 2)).astype(np.float32)
    samples = SampleFormat(dtype).encode(values)
    assert (samples.dtype.name, samples.shape) == (dtype, (4, 5, 1))
    assert np.array_equal(samples[..., 0], values[..., 0] + 1j * values[..., 1])


def test_they_stand_for_themselves() -> None:
    kept = SampleFormat("complex64", squeeze=True)
    assert kept.is_complex
    assert kept.peak is None
    assert SampleFormat.from_json(kept.to_json()) == kept
    assert not any(SampleFormat(dtype).is_complex for dtype in ("uint8", "int16", "float32"))
    assert SampleFormat.of(np.zeros(3, np.complex64)).is_complex
