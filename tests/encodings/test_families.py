"""The named constructors draw the frequencies that they state."""

from __future__ import annotations

import itertools

import pytest
import torch

from fourierfield.encodings._families import gaussian, log_uniform, per_axis, positional, power_law, uniform


@pytest.mark.parametrize(("dimensions", "radius"), [(1, 6.0), (2, 4.5), (3, 2.0)])
def test_a_power_law_has_one_of_each_pair_of_integer_vectors(dimensions: int, radius: float) -> None:
    steps = range(-int(radius), int(radius) + 1)
    whole = {b for b in itertools.product(steps, repeat=dimensions) if 0 < sum(i * i for i in b) <= radius**2}
    found = [tuple(map(int, b)) for b in power_law(dimensions, radius).frequencies.tolist()]
    mirrored = {tuple(-i for i in b) for b in found}
    assert len(found) == len(whole) / 2
    assert set(found) | mirrored == whole


def test_amplitudes_of_a_power_law_fall_with_the_length_and_have_unit_norm() -> None:
    encoding = power_law(2, 5.0, power=1.5)
    lengths = encoding.frequencies.norm(dim=1)
    torch.testing.assert_close(encoding.amplitudes * lengths**1.5, encoding.amplitudes[0].expand(len(lengths)))
    assert float(encoding.amplitudes.norm()) == pytest.approx(1)
    assert (lengths.diff() >= 0).all()
    torch.testing.assert_close(power_law(2, 5.0, features=7).frequencies, encoding.frequencies[:7])


def test_positional_ladders_stand_on_the_axes_and_end_at_the_bandwidth() -> None:
    frequencies = positional(2, (63.0, 7.0), features=8).frequencies
    assert ((frequencies != 0).sum(1) <= 1).all()
    assert frequencies.max(0).values.tolist() == pytest.approx([63, 7])


def test_random_frequencies_have_the_scale_of_each_axis(generator: torch.Generator) -> None:
    deviations = gaussian(2, (2.0, 8.0), 20_000, generator=generator).frequencies.std(0)
    assert deviations.tolist() == pytest.approx([2, 8], rel=0.02)
    ellipsoid = uniform(2, (2.0, 8.0), 5000, generator=generator).frequencies / torch.tensor([2.0, 8.0])
    assert float(ellipsoid.norm(dim=1).max()) == pytest.approx(1, abs=0.01)
    assert float(ellipsoid.norm(dim=1).max()) <= 1 + 1e-6
    lengths = log_uniform(2, 16.0, 5000, generator=generator).frequencies.norm(dim=1)
    assert float((lengths < 4).double().mean()) == pytest.approx(0.5, abs=0.03)


def test_impossible_bandwidths_are_refused() -> None:
    with pytest.raises(ValueError, match="2 bandwidths for 3 axes"):
        per_axis((1.0, 2.0), 3)
    for wrong in (0.0, -1.0, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="positive number"):
            per_axis(wrong, 1)
    with pytest.raises(ValueError, match="not a multiple of 2"):
        positional(2, 7.0, features=5)
    with pytest.raises(ValueError, match="1 or more"):
        power_law(2, 0.5)
