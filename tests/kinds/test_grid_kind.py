"""What every kind on a grid says of its signals."""

from __future__ import annotations

import numpy as np
import pytest

from fourierfield.grids._arrays import as_signal
from fourierfield.kinds._registry import KINDS
from fourierfield.kinds.audio._sound import as_audio


@pytest.mark.parametrize("shape", [(9, 8), (9, 8, 3), (9,), (5, 6, 7)])
def test_a_signal_is_described_with_its_missing_samples_and_its_extent(shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(0).random(shape).astype(np.float32)
    values[2] = np.nan
    signal = as_signal(values)
    kind = KINDS[signal.kind]
    described = kind.describe(signal)
    missing = int(np.prod(signal.shape[1:]))
    assert (described["missing"], described["sample_type"]) == (missing, "float32")
    assert described["extent"] == [float(n) for n in signal.shape]
    facts = {"name": "a", "kind": signal.kind, "shape": list(signal.shape), "channels": signal.channels, **described}
    line = kind.signal_line(facts)
    assert line.startswith(f"signal    a: {signal.kind}, ")
    assert line.endswith(f"{signal.channels} channels, {missing} samples missing")


def test_sound_is_described_with_its_rate_and_duration() -> None:
    described = KINDS["audio"].describe(as_audio(np.zeros((4000, 1), np.float32) + 0.25, 8000))
    assert (described["rate"], described["duration"], described["units"]) == (8000, 0.5, ["s"])
