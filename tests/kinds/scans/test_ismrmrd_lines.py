"""Readouts in the order of k: reversed ones, partial ones, and heads that do not tell the sample at DC."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from fourierfield.kinds.scans._kspace import KSpaceSignal

from .ismrmrd_files import PLAIN, Line, flag, header, random, rows_of

Read = Callable[..., KSpaceSignal]
KSPACE = random(1, 12, 16)
WIDE = header((16, 12, 1), (32.0, 36.0, 5.0), recon=(8, 12, 1))


def there_and_back(lines: list[Line], centre: int) -> list[Line]:
    """Every second line backwards, with ``centre`` in its head."""
    return [
        replace(line, samples=line.samples[:, ::-1], flags=flag(22), centre=centre) if y % 2 else line
        for y, line in enumerate(lines)
    ]


@pytest.mark.parametrize("centre", [7, 8, 0, 16])
def test_reversed_readouts_that_are_whole_are_turned_whatever_their_middle(read: Read, centre: int) -> None:
    lines = there_and_back(rows_of(KSPACE, range(12)), centre)
    np.testing.assert_array_equal(read(PLAIN, lines).samples.reshape(1, 12, 16), KSPACE)
    only_back = [line for line in lines if line.flags]
    np.testing.assert_array_equal(read(PLAIN, only_back).samples.reshape(1, 6, 16), KSPACE[:, 1::2])


@pytest.mark.parametrize("centre", [7, 8])
def test_reversed_readouts_that_are_partial_lie_where_the_others_do(read: Read, centre: int) -> None:
    """Of 12 samples 4 to 15, DC is number 4 from the left, and 7 from the right, which some writers call 8."""
    partial = [replace(line, samples=line.samples[:, 4:], centre=4) for line in rows_of(KSPACE, range(12))]
    signal = read(PLAIN, there_and_back(partial, centre))
    assert signal.mask[:, 4:].all()
    assert not signal.mask[:, :4].any()
    np.testing.assert_array_equal(signal.samples.reshape(1, 12, 12), KSPACE[:, :, 4:])


def test_without_others_the_head_of_a_reversed_readout_is_believed(read: Read) -> None:
    lines = [Line(KSPACE[:, y, :3:-1], {"kspace_encode_step_1": y}, flag(22), 7) for y in range(12)]
    assert read(PLAIN, lines).mask[:, 4:].all()


@pytest.mark.parametrize("centre", [0, 7, 9, 16, 300])
def test_whole_readouts_lie_in_the_middle_also_if_their_head_does_not_tell(read: Read, centre: int) -> None:
    lines = [replace(line, centre=centre) for line in rows_of(KSPACE, range(12))]
    np.testing.assert_array_equal(read(PLAIN, lines).samples.reshape(1, 12, 16), KSPACE)


def test_half_an_echo_begins_at_its_middle(read: Read) -> None:
    signal = read(PLAIN, [replace(line, samples=line.samples[:, 8:], centre=0) for line in rows_of(KSPACE, range(12))])
    assert signal.mask[:, 8:].all()
    assert not signal.mask[:, :8].any()


def test_reversed_readouts_with_places_on_a_cartesian_grid_are_turned(read: Read) -> None:
    along = np.stack([np.arange(7, -9, -1), np.zeros(16)], axis=1)
    lines = [replace(line, places=along if line.flags else along[::-1]) for line in _both_ways()]
    np.testing.assert_array_equal(read(PLAIN, lines).samples.reshape(1, 12, 16), KSPACE)


def _both_ways() -> list[Line]:
    return there_and_back(rows_of(KSPACE, range(12)), 7)


def test_oversampled_readouts_are_cropped_to_the_field_of_view_and_not_to_the_matrix(read: Read) -> None:
    signal = read(WIDE, rows_of(KSPACE, range(12)))
    interpolated = WIDE.replace("<x>8</x>", "<x>32</x>")
    finer = read(interpolated, rows_of(KSPACE, range(12)))
    assert signal.image_shape == finer.image_shape == (12, 8)
    np.testing.assert_array_equal(finer.samples, signal.samples)
    coarse = header((16, 12, 1), (32.0, 36.0, 5.0), recon=(8, 12, 1)).replace("<x>16.0</x>", "<x>32.0</x>")
    assert read(coarse, rows_of(KSPACE, range(12))).image_shape == (12, 16)


def test_oversampled_readouts_of_which_some_are_partial_keep_the_encoded_field_of_view(read: Read) -> None:
    partial = [replace(line, samples=line.samples[:, 4:], centre=4) for line in rows_of(KSPACE, range(6))]
    signal = read(WIDE, partial + rows_of(KSPACE, range(6, 12)))
    assert (signal.image_shape, signal.spacing, signal.domain.extent) == ((12, 16), (3.0, 2.0), (36.0, 32.0))
    assert signal.mask.sum() == 6 * 12 + 6 * 16
    np.testing.assert_array_equal(signal.samples[0], KSPACE[0][signal.mask])
    assert not any("cropped" in note for note in signal.notes)


def test_partial_fourier_along_both_encodings(read: Read) -> None:
    kspace = random(1, 5, 9, 16)
    lines = [
        Line(kspace[:, z, y], {"kspace_encode_step_1": y, "kspace_encode_step_2": z, "average": again})
        for again in range(2)
        for z in range(5)
        for y in range(9)
    ]
    text = header((16, 12, 6), (32.0, 36.0, 12.0), centre=3)
    text = text.replace(
        "</encodingLimits>", "<kspace_encoding_step_2><center>2</center></kspace_encoding_step_2></encodingLimits>"
    )
    signal = read(text, lines)
    expected = np.zeros((6, 12, 16), dtype=bool)
    expected[1:, 3:] = True
    np.testing.assert_array_equal(signal.mask, expected)
    np.testing.assert_allclose(signal.samples.reshape(kspace.shape), kspace, rtol=1e-6)


def test_of_two_slices_the_second_is_in_the_middle(read: Read) -> None:
    lines = rows_of(KSPACE, range(12), slice=3) + rows_of(2 * KSPACE, range(12), slice=7)
    signal = read(PLAIN, lines)
    np.testing.assert_array_equal(signal.samples.reshape(1, 12, 16), 2 * KSPACE)
    assert "slice 1 of 2, the middle one (--slice)" in signal.notes
