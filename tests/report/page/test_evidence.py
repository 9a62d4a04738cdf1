"""The part of a signal that is shown beside its reconstruction."""

from __future__ import annotations

import numpy as np
import pytest

from fourierfield.grids._arrays import as_signal
from fourierfield.networks._field import NetworkField
from fourierfield.networks._values import ValueRange
from fourierfield.report.page._evidence import shown_values


@pytest.mark.parametrize(("most", "stride", "word"), [(10_000, 1, None), (100, 2, "second"), (30, 3, "third")])
def test_large_pictures_are_shown_by_every_nth_sample(
    most: int, stride: int, word: str | None, monkeypatch: pytest.MonkeyPatch, small_field: NetworkField
) -> None:
    monkeypatch.setattr("fourierfield.report.page._evidence._MOST", most)
    signal = as_signal(np.random.default_rng(0).random((12, 20, 3)).astype(np.float32))
    shown, note = shown_values(signal, small_field, ValueRange())
    np.testing.assert_array_equal(shown.signal, signal.values[::stride, ::stride])
    whole = small_field.sample(signal.grid)
    np.testing.assert_allclose(shown.reconstruction, whole[::stride, ::stride], atol=1e-5)
    assert (word is None and note is None) or (word is not None and note is not None and word in note)
