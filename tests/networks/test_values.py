"""From values to [0, 1] and back, by one range or by one for each channel."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fourierfield.networks._values import ValueRange

finite = st.floats(-1e6, 1e6)
peaks = st.floats(1e-3, 1e6)


@given(st.lists(st.tuples(finite, peaks), min_size=1, max_size=4), st.integers(0, 2**31))
def test_ranges_of_channels_are_ranges_of_each(ranges: list[tuple[float, float]], seed: int) -> None:
    """For arrays and tensors, which come back as they went, and where only one of the two differs by channel."""
    offsets, sizes = (tuple(column) for column in zip(*ranges, strict=True))
    values = np.random.default_rng(seed).standard_normal((5, 3, len(ranges)))
    for both in (ValueRange(offsets, sizes), ValueRange(offsets, sizes[0]), ValueRange(offsets[0], sizes)):
        found = both.normalise(values)
        for channel in range(len(ranges)):
            offset = both.offset[channel] if isinstance(both.offset, tuple) else both.offset
            peak = both.peak[channel] if isinstance(both.peak, tuple) else both.peak
            expected = ValueRange(offset, peak).normalise(values[..., channel])
            np.testing.assert_array_equal(found[..., channel], expected)
        np.testing.assert_allclose(both.restore(found), values, rtol=1e-9, atol=1e-9)
        torch.testing.assert_close(both.normalise(torch.from_numpy(values)), torch.from_numpy(found))
        torch.testing.assert_close(both.restore(torch.from_numpy(found)), torch.from_numpy(both.restore(found)))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_tensors_keep_their_precision(dtype: torch.dtype) -> None:
    values = torch.ones(2, 2, dtype=dtype)
    for scaled in (ValueRange((0.5, 1.0), (2.0, 4.0)), ValueRange(0.5, 2.0)):
        assert scaled.normalise(values).dtype == scaled.restore(values).dtype == dtype


def test_integers_are_not_rounded() -> None:
    found = ValueRange((0.5, 0.0), (2.0, 4.0)).normalise(torch.tensor([[1, 1]]))
    torch.testing.assert_close(found, torch.tensor([[0.25, 0.25]]))


def test_a_common_range_is_only_there_if_it_is() -> None:
    assert ValueRange(-1.0, 2.0).common == (-1.0, 2.0)
    for several in (ValueRange((0.0, 1.0), 2.0), ValueRange(0.0, (1.0, 2.0))):
        with pytest.raises(ValueError, match="range of its own"):
            several.common  # noqa: B018
