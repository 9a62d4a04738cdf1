"""Readouts along a gradient that rises and falls: places by the area of the trapezoid, samples by least squares."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from fourierfield.kinds.scans._epi import EpiReadout, resampling
from fourierfield.kinds.scans._kspace import KSpaceSignal

from .ismrmrd_files import Line, flag, header, random

Read = Callable[..., KSpaceSignal]
RAMPS = EpiReadout(120.0, 260.0, 120.0, 5.0)
UNEVEN = EpiReadout(160.0, 260.0, 90.0, 5.0)


def by_quadrature(readout: EpiReadout, t: np.ndarray) -> np.ndarray:
    total = readout.rise + readout.flat + readout.fall
    fine = np.linspace(0, total, 100_001)
    gradient = np.minimum(1, np.minimum(fine / readout.rise, (total - fine) / readout.fall))
    area = np.concatenate([[0], np.cumsum((gradient[1:] + gradient[:-1]) / 2 * np.diff(fine))])
    return np.interp(t, fine, area - area[-1] / 2)


def transform(image: np.ndarray, places: np.ndarray) -> np.ndarray:
    n = image.shape[-1]
    return image @ np.exp(-2j * np.pi * np.outer(np.arange(n) - n // 2, places) / n) / np.sqrt(n)


@pytest.mark.parametrize("readout", [RAMPS, UNEVEN])
def test_places_are_the_area_of_the_gradient(readout: EpiReadout) -> None:
    count, width = 96, 64
    start = (readout.rise + readout.flat + readout.fall - count * readout.dwell) / 2
    times = start + (np.arange(count) + 0.5) * readout.dwell
    ends = by_quadrature(readout, np.array([start, start + count * readout.dwell]))
    scale = width / np.diff(ends)
    shift = scale * readout.dwell / 2
    expected = by_quadrature(readout, times) * scale
    np.testing.assert_allclose(readout.places(count, width), expected - shift, atol=1e-5)
    np.testing.assert_allclose(readout.places(count, width, reverse=True), -expected[::-1] - shift, atol=1e-5)
    assert readout.places(count + 1, width).shape == (count + 1,)


@pytest.mark.parametrize("readout", [EpiReadout(), EpiReadout(dwell=5.0), EpiReadout(10.0, 100.0, 10.0, 5.0)])
def test_without_ramps_places_are_even(readout: EpiReadout) -> None:
    np.testing.assert_allclose(readout.places(64, 64), np.arange(-32, 32))
    np.testing.assert_allclose(readout.places(128, 64), np.arange(-64, 64) / 2)
    np.testing.assert_allclose(resampling(EpiReadout(), 64, 64), np.eye(64), atol=1e-12)
    assert EpiReadout(flat=640.0, dwell=5.0).places(64, 64)[32] == pytest.approx(0)


@pytest.mark.parametrize(("count", "empty"), [(70, 12), (96, 0), (128, 0)])
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("readout", [EpiReadout(), RAMPS, UNEVEN])
def test_samples_of_an_image_come_out_on_the_grid(readout: EpiReadout, reverse: bool, count: int, empty: int) -> None:
    """70 samples lie more than a cycle apart on the flat top, and leave the edges of the field of view open."""
    dense = EpiReadout(readout.rise, readout.flat, readout.fall, readout.dwell * 96 / count)
    image = np.pad(random(64 - 2 * empty), empty)
    found = resampling(dense, count, 64, reverse) @ transform(image, dense.places(count, 64, reverse))
    np.testing.assert_allclose(found, transform(image, np.arange(-32, 32)), atol=0.05 if empty else 1e-5)
    assert np.linalg.norm(resampling(dense, count, 64, reverse), 2) < 2.5


def test_what_lies_beside_the_field_of_view_does_not_fold_into_it() -> None:
    beside = np.zeros(128, dtype=complex)
    beside[8:20] = random(12)
    seen = transform(beside, np.arange(-64, 64))  # half cycles per field of view of 64 pixels
    assert np.abs(resampling(EpiReadout(), 128, 64) @ seen).max() < 1e-9


def described(readout: EpiReadout) -> str:
    numbers = {"rampUpTime": readout.rise, "flatTopTime": readout.flat, "rampDownTime": readout.fall}
    longs = "".join(
        f"<userParameterLong><name>{name}</name><value>{value:.0f}</value></userParameterLong>"
        for name, value in {"etl": 12, **numbers}.items()
    )
    dwell = f"<userParameterDouble><name>dwellTime</name><value>{readout.dwell}</value></userParameterDouble>"
    return f"<trajectoryDescription><identifier>ConventionalEPI</identifier>{longs}{dwell}</trajectoryDescription>"


def train(image: np.ndarray, readout: EpiReadout, count: int) -> tuple[np.ndarray, list[Line]]:
    """The k-space (1, y, x) of an image, and its lines as a gradient that turns about takes them, navigators first."""
    n, width = image.shape
    rows = transform(image.T, np.arange(n) - n // 2).T
    lines = [Line(random(1, count), {"kspace_encode_step_1": n // 2}, flag(24))] * 3
    for y, row in enumerate(rows):
        back = y % 2 == 1
        samples = transform(row, readout.places(count, width, reverse=back))[None]
        lines.append(
            Line(
                samples[:, ::-1] if back else samples, {"kspace_encode_step_1": y}, flag(22) if back else 0, count // 2
            )
        )
    return transform(rows, np.arange(width) - width // 2)[None], lines


@pytest.mark.parametrize(
    ("readout", "count", "told"),
    [(EpiReadout(), 16, False), (EpiReadout(), 16, True), (EpiReadout(), 32, True), (UNEVEN, 24, True)],
)
def test_echo_planar_lines_are_cartesian(read: Read, readout: EpiReadout, count: int, told: bool) -> None:
    slower = EpiReadout(readout.rise, readout.flat, readout.fall, readout.dwell * 96 / count)
    image = random(12, 16)
    kspace, lines = train(image, slower, count)
    text = header((16, 12, 1), (32.0, 36.0, 5.0), trajectory="epi", described=described(slower) if told else "")
    signal = read(text, lines)
    assert (signal.image_shape, signal.spacing, signal.cartesian) == ((12, 16), (3.0, 2.0), True)
    np.testing.assert_allclose(signal.samples.reshape(1, 12, 16), kspace, atol=1e-3)
    assert "3 of 15 acquisitions are no lines of the image, and left out" in signal.notes
    assert any("no correction of ghosts" in note for note in signal.notes)
    resampled = any(f"readouts of {count} samples are resampled to 16 places" in note for note in signal.notes)
    assert resampled == (told and (count, readout) != (16, EpiReadout()))


def test_echo_planar_lines_with_places_are_taken_along_them(read: Read) -> None:
    lines = [
        Line(random(1, 16, seed=y), {}, places=np.stack([np.arange(-8, 8), np.full(16, y - 6)], axis=1))
        for y in range(12)
    ]
    signal = read(header((16, 12, 1), (32.0, 36.0, 5.0), trajectory="epi"), lines)
    np.testing.assert_array_equal(signal.places[:16, 0], -6)
    np.testing.assert_array_equal(signal.samples[0, :16], lines[0].samples[0])
    assert any("epi trajectory is in cycles per field of view" in note for note in signal.notes)
