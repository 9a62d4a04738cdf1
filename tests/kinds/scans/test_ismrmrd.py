"""ISMRMRD by h5py alone: lines of k-space on the encoded grid, or along their trajectories."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from fourierfield.errors import SignalError
from fourierfield.kinds.scans._kspace import KSpaceSignal

from .ismrmrd_files import PLAIN, Line, flag, header, random, rows_of

Read = Callable[..., KSpaceSignal]


def test_lines_lie_on_the_encoded_grid(read: Read) -> None:
    kspace = random(2, 12, 16)
    signal = read(PLAIN, rows_of(kspace, range(0, 12, 3)))
    assert (signal.coils, signal.image_shape, signal.spacing, signal.unit) == (2, (12, 16), (3.0, 2.0), "mm")
    np.testing.assert_array_equal(np.flatnonzero(signal.mask.all(axis=1)), [0, 3, 6, 9])
    np.testing.assert_array_equal(signal.samples.reshape(2, 4, 16), kspace[:, ::3])


def test_what_is_no_line_of_the_image_is_left_out(read: Read) -> None:
    kspace = random(2, 12, 16)
    noise = [Line(100 * random(7, 32), {}, flags=flag(number)) for number in (19, 23, 24)]
    elsewhere = Line(100 * random(2, 16), {}, space=1)
    signal = read(PLAIN, [*noise, elsewhere, *rows_of(kspace, range(12))])
    np.testing.assert_array_equal(signal.samples.reshape(2, 12, 16), kspace)
    assert "4 of 16 acquisitions are no lines of the image, and left out" in signal.notes
    one = read(PLAIN, [*noise[:1], *rows_of(kspace, range(12))])
    assert "1 of 13 acquisitions is no line of the image, and left out" in one.notes


def test_averages_are_averaged_and_of_repetitions_the_first_is_taken(read: Read) -> None:
    first, second, later = (random(1, 12, 16, seed=seed) for seed in range(3))
    lines = rows_of(first, range(12), average=0) + rows_of(second, range(12), average=1)
    signal = read(PLAIN, lines + rows_of(later, range(12), repetition=1))
    np.testing.assert_allclose(signal.samples.reshape(1, 12, 16), (first + second) / 2, rtol=1e-6)
    assert "the first of 2 repetitions is taken" in signal.notes


def test_slices_are_chosen(read: Read) -> None:
    slices = [random(1, 12, 16, seed=seed) for seed in range(3)]
    lines = [line for i, kspace in enumerate(slices) for line in rows_of(kspace, range(12), slice=i)]
    for asked, taken in ((None, 1), (0, 0), (2, 2)):
        signal = read(PLAIN, lines, slice=asked)
        np.testing.assert_array_equal(signal.samples.reshape(1, 12, 16), slices[taken])


def test_the_middle_step_and_partial_readouts_are_placed(read: Read) -> None:
    kspace = random(1, 8, 16)
    lines = [Line(kspace[:, y, 4:], {"kspace_encode_step_1": y}, centre=4) for y in range(8)]
    signal = read(header((16, 12, 1), (32.0, 36.0, 5.0), centre=2), lines)
    expected = np.zeros((12, 16), dtype=bool)
    expected[4:12, 4:] = True
    np.testing.assert_array_equal(signal.mask, expected)
    np.testing.assert_array_equal(signal.samples.reshape(1, 8, 12), kspace[:, :, 4:])
    padded = [
        Line(np.pad(kspace[:, y], ((0, 0), (3, 2))), {"kspace_encode_step_1": y}, discard=(3, 2)) for y in range(8)
    ]
    for line in padded:
        line.centre = 11
    np.testing.assert_array_equal(read(PLAIN, padded).samples.reshape(1, 8, 16), kspace)


def test_reversed_readouts_are_turned(read: Read) -> None:
    kspace = random(1, 12, 16)
    lines = rows_of(kspace, range(12))
    for line in lines[1::2]:
        line.samples, line.flags, line.centre = line.samples[:, ::-1], flag(22), 7
    np.testing.assert_array_equal(read(PLAIN, lines).samples.reshape(1, 12, 16), kspace)


def test_oversampled_readouts_are_cropped_to_the_image(read: Read) -> None:
    """An image that lies within the field of view to reconstruct comes out as its own k-space."""
    image = random(12, 8)
    wide = np.pad(image, ((0, 0), (4, 4)))
    shift, unshift = np.fft.fftshift, np.fft.ifftshift
    kspace, small = (shift(np.fft.fft2(unshift(m), norm="ortho")) for m in (wide, image))
    lines = rows_of(kspace[None], range(12))
    signal = read(header((16, 12, 1), (32.0, 36.0, 5.0), recon=(8, 12, 1)), lines)
    assert (signal.image_shape, signal.spacing) == ((12, 8), (3.0, 2.0))
    ratio = signal.samples.reshape(12, 8) / small
    np.testing.assert_allclose(ratio, ratio[0, 0], rtol=1e-3)
    assert any("readouts of 16 samples are cropped" in note for note in signal.notes)


def test_volumes_have_a_second_encoding(read: Read) -> None:
    kspace = random(1, 4, 12, 16)
    lines = [
        Line(kspace[:, z, y], {"kspace_encode_step_1": y, "kspace_encode_step_2": z})
        for z in range(4)
        for y in range(12)
    ]
    signal = read(header((16, 12, 4), (32.0, 36.0, 8.0)), lines)
    assert (signal.image_shape, signal.spacing) == ((4, 12, 16), (2.0, 3.0, 2.0))
    np.testing.assert_array_equal(signal.samples.reshape(kspace.shape), kspace)


@pytest.mark.parametrize("per_pixel", [True, False])
def test_radial_lines_tell_their_places(read: Read, per_pixel: bool) -> None:
    angles = np.pi * np.arange(5) / 5
    along = np.arange(-8, 8) / (16 if per_pixel else 1)
    places = along[:, None, None] * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    kspace = random(2, 5, 16)
    lines = [Line(kspace[:, i], {"kspace_encode_step_1": i}, places=places[:, i]) for i in range(5)]
    signal = read(header((16, 16, 1), (32.0, 32.0, 5.0), trajectory="radial"), lines)
    assert (signal.image_shape, signal.cartesian) == ((16, 16), False)
    expected = (places * (16 if per_pixel else 1)).transpose(1, 0, 2).reshape(-1, 2)[:, ::-1]
    np.testing.assert_allclose(signal.places, expected, atol=1e-5)
    np.testing.assert_array_equal(signal.samples, kspace.reshape(2, -1))


ONE = Line(random(1, 16), {})
BROKEN: dict[str, tuple[str, list[Line], str]] = {
    "noise alone": (PLAIN, [Line(random(1, 16), {}, flags=flag(19))], "no lines of an image"),
    "outside": (PLAIN, [Line(random(1, 16), {"kspace_encode_step_1": 12})], "outside of its encoded matrix"),
    "long": (PLAIN, [Line(random(1, 20), {})], "outside of its encoded matrix"),
    "coils": (PLAIN, [ONE, Line(random(2, 16), {})], "different numbers of coils"),
    "no places": (
        header((16, 16, 1), (1.0, 1.0, 1.0), trajectory="spiral"),
        [ONE],
        "do not give their places along 2 axes",
    ),
    "no xml": ("<a", [ONE], "does not specify the encoded space"),
    "no encoding": ("<a/>", [ONE], "no encoding"),
    "odd matrix": (PLAIN.replace("<x>16</x>", "<x>0</x>"), [ONE], "a matrix of"),
    "zeros": (PLAIN, [Line(np.zeros((1, 16)), {})], "nothing but zeros"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_files_are_refused_in_one_line(read: Read, case: str) -> None:
    text, lines, reason = BROKEN[case]
    with pytest.raises(SignalError, match=reason) as caught:
        read(text, lines)
    assert "scan.h5" in str(caught.value)
    assert "\n" not in str(caught.value)
