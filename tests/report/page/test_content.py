from __future__ import annotations

import numpy as np
import pytest

from fourierfield.report._candidates import Candidate
from fourierfield.report.page._content import Choice, SignalFacts, Values


def test_frequencies_in_the_signals_own_unit() -> None:
    sound = SignalFacts("a.wav", "audio", (88200,), 1, unit_length=2.0, unit="s")
    assert (sound.frequency(880.0), sound.frequency(8000.0), sound.frequency_unit) == ("440 Hz", "4 kHz", "Hz")
    scan = SignalFacts("a.nii", "volume", (10, 10, 10), 1, unit_length=180.0, unit="mm")
    assert (scan.frequency(9.0), scan.frequency_unit) == ("0.05 per mm", "cycles per mm")


def test_the_error_is_a_share_of_the_range() -> None:
    values = Values(np.zeros((2, 2)), np.full((2, 2), 0.5), (-1.0, 1.0))
    assert values.error.tolist() == [0.25, 0.25]


def test_arrays_of_two_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="reconstruction"):
        Values(np.zeros((2, 2, 1)), np.zeros((2, 3, 1)))


def test_the_runner_up_is_the_best_of_the_others() -> None:
    candidates = [Candidate("gaussian", float(b), 256, 30.0 - b) for b in range(1, 4)]
    assert Choice(candidates, 0).runner_up is candidates[1]
    assert Choice(candidates, 2).runner_up is candidates[0]
    assert Choice(candidates[:1]).runner_up is None


def test_the_runner_up_is_of_another_family_where_there_is_one() -> None:
    same, other = Candidate("gaussian", 2.1, 256, 27.0), Candidate("laplace", 2.0, 256, 26.0)
    assert Choice([Candidate("gaussian", 2.0, 256, 27.1), same, other]).runner_up is other
