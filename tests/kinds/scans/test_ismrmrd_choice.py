"""Lines of calibration in ISMRMRD files: of the image, or of its coils alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from fourierfield.errors import SignalError
from fourierfield.kinds.scans._kspace import KSpaceSignal

from .ismrmrd_files import PLAIN, Line, flag, header, random, rows_of

Read = Callable[..., KSpaceSignal]
CALIBRATION, BOTH = flag(20), flag(21)
KSPACE = random(2, 12, 16)
NOISE = Line(100 * random(2, 16), {}, flag(19))


def accelerated(**counters: int) -> list[Line]:
    """Every second line and all from 4 to 8, flagged as scanners flag them."""
    lines = rows_of(KSPACE, (0, 2, 10), **counters) + rows_of(KSPACE, (4, 6, 8), flags=BOTH, **counters)
    return lines + rows_of(KSPACE, (5, 7), flags=CALIBRATION, **counters)


def mode(calibration: str | None, **more: object) -> str:
    return header((16, 12, 1), (32.0, 36.0, 5.0), calibration=calibration, **more)


def measured(signal: KSpaceSignal) -> list[int]:
    return np.flatnonzero(signal.mask.all(axis=1)).tolist()


@pytest.mark.parametrize("calibration", ["embedded", "interleaved", "Embedded", "other", None])
def test_lines_between_those_of_the_image_are_kept(read: Read, calibration: str | None) -> None:
    signal = read(mode(calibration), [NOISE, *accelerated()])
    assert measured(signal) == [0, 2, 4, 5, 6, 7, 8, 10]
    np.testing.assert_array_equal(signal.samples.reshape(2, 8, 16), KSPACE[:, measured(signal)])
    assert signal.calibration is None
    assert signal.notes[0] == "1 of 9 acquisitions is no line of the image, and left out"
    why = calibration.lower() if calibration in ("embedded", "interleaved", "Embedded") else "they fill gaps"
    assert any(note.startswith(f"2 of its 8 lines are of calibration too ({why}") for note in signal.notes)


@pytest.mark.parametrize("calibration", ["separate", "external", "other", None])
def test_a_scan_of_its_own_tells_of_coils_alone(read: Read, calibration: str | None) -> None:
    other = random(2, 12, 16, seed=1)
    lines = rows_of(KSPACE, range(0, 12, 2)) + rows_of(other, range(4, 9), flags=CALIBRATION, set=1)
    signal = read(mode(calibration), [NOISE, *lines])
    assert measured(signal) == [0, 2, 4, 6, 8, 10]
    np.testing.assert_array_equal(signal.samples.reshape(2, 6, 16), KSPACE[:, ::2])
    assert signal.calibration is not None
    assert measured(signal.calibration) == [4, 5, 6, 7, 8]
    np.testing.assert_array_equal(signal.calibration.samples.reshape(2, 5, 16), other[:, 4:9])
    assert "1 of 12 acquisitions is no line of the image, and left out" in signal.notes
    assert "5 lines of calibration tell the coils' sensitivities alone" in signal.notes
    assert not any("--maps" in note for note in signal.notes)


def test_the_header_is_believed_where_it_says_separate(read: Read) -> None:
    signal = read(mode("separate"), accelerated())
    assert measured(signal) == [0, 2, 4, 6, 8, 10]
    assert signal.calibration is not None
    assert measured(signal.calibration) == [5, 7]


def test_steps_counted_from_the_first_line_of_calibration_are_put_in_the_middle(read: Read) -> None:
    signal = read(mode("separate"), rows_of(KSPACE, range(0, 12, 2)) + rows_of(KSPACE, range(5), flags=CALIBRATION))
    assert signal.calibration is not None
    assert measured(signal.calibration) == [4, 5, 6, 7, 8]


@pytest.mark.parametrize("unfit", [random(3, 5, 16), random(2, 5, 20), np.zeros((2, 5, 16))])
def test_a_calibration_that_does_not_fit_is_left_out(read: Read, unfit: np.ndarray) -> None:
    calibration = [Line(unfit[:, y], {"kspace_encode_step_1": y + 4}, CALIBRATION) for y in range(5)]
    signal = read(mode("separate"), rows_of(KSPACE, range(12)) + calibration)
    assert signal.calibration is None
    assert "5 of 17 acquisitions are no lines of the image, and left out" in signal.notes
    assert any("--maps" in note for note in signal.notes)


def test_one_coil_needs_no_calibration(read: Read) -> None:
    lines = rows_of(KSPACE[:1], range(12)) + rows_of(KSPACE[:1], range(4, 9), flags=CALIBRATION)
    assert read(mode("separate"), lines).calibration is None


def test_a_calibration_is_cropped_as_its_image_is(read: Read) -> None:
    lines = rows_of(KSPACE, range(12)) + rows_of(KSPACE, range(4, 9), flags=CALIBRATION)
    signal = read(mode("separate", recon=(8, 12, 1)), lines)
    assert signal.calibration is not None
    assert signal.calibration.image_shape == signal.image_shape == (12, 8)
    np.testing.assert_array_equal(signal.calibration.samples.reshape(2, 5, 8), signal.samples.reshape(2, 12, 8)[:, 4:9])
    partial = [Line(line.samples[:, 4:], line.counters, line.flags, 4) for line in lines[12:]]
    assert read(mode("separate", recon=(8, 12, 1)), lines[:12] + partial).calibration is None


def test_a_calibration_is_that_of_the_slice(read: Read) -> None:
    lines = []
    for i in range(3):
        lines += rows_of((i + 1) * KSPACE, range(0, 12, 2), slice=i)
        lines += rows_of((i + 1) * KSPACE, range(3, 10), flags=CALIBRATION, slice=i, repetition=i)
    signal = read(mode("separate"), lines, slice=2)
    assert signal.calibration is not None
    np.testing.assert_array_equal(signal.calibration.samples.reshape(2, 7, 16), 3 * KSPACE[:, 3:10])


def test_calibration_alone_is_no_image_unless_it_is_embedded(read: Read) -> None:
    lines = rows_of(KSPACE, range(12), flags=CALIBRATION)
    for calibration in ("separate", None):
        with pytest.raises(SignalError, match="no lines of an image among 12 acquisitions"):
            read(mode(calibration), lines)
    assert measured(read(mode("embedded"), lines)) == list(range(12))


def test_of_repetitions_that_take_turns_the_first_is_taken(read: Read) -> None:
    lines = accelerated(repetition=0)
    lines += rows_of(KSPACE, (1, 3, 9, 11), repetition=1) + rows_of(KSPACE, (5, 7), flags=BOTH, repetition=1)
    lines += rows_of(KSPACE, (4, 6, 8), flags=CALIBRATION, repetition=1)
    signal = read(mode("interleaved"), lines)
    assert measured(signal) == [0, 2, 4, 5, 6, 7, 8, 10]
    assert "the first of 2 repetitions is taken" in signal.notes


def test_flags_of_both_kinds_are_lines_of_the_image(read: Read) -> None:
    signal = read(mode("separate"), rows_of(KSPACE, range(12), flags=CALIBRATION | BOTH))
    assert measured(signal) == list(range(12))
    assert not any("acquisitions" in note for note in signal.notes)
    assert not any("acquisitions" in note for note in read(PLAIN, rows_of(KSPACE, range(12))).notes)
