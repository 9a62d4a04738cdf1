from __future__ import annotations

import pytest
import torch

from fourierfield.encodings._families import positional, power_law
from fourierfield.encodings._registry import FAMILIES
from fourierfield.encodings._spec import EncodingSpec, rebuild_encoding
from fourierfield.errors import SettingsError

SPECS = [
    EncodingSpec(name, 6.0 if family.has_bandwidth else None, None if family.sets_features else 32)
    for name, family in FAMILIES.items()
]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.family)
@pytest.mark.parametrize("dimensions", [1, 2])
def test_every_family_is_built_counted_and_rebuilt(spec: EncodingSpec, dimensions: int) -> None:
    encoding = spec.build(dimensions, torch.Generator().manual_seed(0))
    assert encoding.family == spec.family
    assert encoding.features <= spec.count_features(dimensions)
    rebuilt = rebuild_encoding(encoding.describe(), encoding.state_dict())
    points = torch.rand(5, dimensions)
    assert torch.equal(rebuilt(points), encoding(points))
    assert rebuilt.law == encoding.law


def test_bandwidth_per_axis_scales_each_axis() -> None:
    encoding = EncodingSpec("gaussian", (1.0, 20.0), 4000).build(2, torch.Generator().manual_seed(0))
    torch.testing.assert_close(encoding.frequencies.std(0), torch.tensor([1.0, 20.0]), rtol=0.05, atol=0)
    with pytest.raises(SettingsError, match="2 bandwidths for 3 axes"):
        EncodingSpec("gaussian", (1.0, 20.0)).build(3, torch.Generator())


def test_the_papers_scales() -> None:
    frequencies = positional(2, 63.0, 256).frequencies
    assert frequencies.shape == (256, 2)
    assert frequencies.max() == pytest.approx(63.0)
    assert ((frequencies != 0).sum(1) <= 1).all()
    amplitudes = power_law(1, 16, 1.0).amplitudes
    torch.testing.assert_close(amplitudes, (1 / torch.arange(1, 17)) / (1 / torch.arange(1, 17.0)).norm())


def test_a_lattice_has_one_of_each_pair_of_opposites() -> None:
    lattice = power_law(2, 3).frequencies
    pairs = {tuple(b) for b in lattice.tolist()}
    assert len(pairs) == len(lattice) == 14  # 28 integer vectors with 0 < |b| <= 3
    assert not any((-y, -x) in pairs for y, x in pairs)


@pytest.mark.parametrize(
    ("family", "bandwidth", "features"),
    [
        ("smell", 1.0, None),
        ("gaussian", None, None),
        ("gaussian", 1.0, 0),
        ("none", 3.0, None),
        ("basic", None, 5),
        ("nerf", 3.0, 5),
    ],
)
def test_impossible_choices_are_refused(family: str, bandwidth: float | None, features: int | None) -> None:
    with pytest.raises(SettingsError):
        EncodingSpec(family, bandwidth, features)


@pytest.mark.parametrize(
    "spec", [EncodingSpec("gaussian", -1.0), EncodingSpec("positional", 3.0, 7), EncodingSpec("power-law", 0.5)]
)
def test_values_that_a_family_cannot_take_name_the_option(spec: EncodingSpec) -> None:
    with pytest.raises(SettingsError, match="--encoding"):
        spec.build(2, torch.Generator())


@pytest.mark.parametrize(("dimensions", "count"), [(1, 256), (2, 256), (3, 255)])
def test_positional_frequencies_are_as_many_along_each_axis_where_none_are_asked_for(
    dimensions: int, count: int
) -> None:
    spec = EncodingSpec("positional", 8.0)
    assert spec.count_features(dimensions) == count
    assert spec.build(dimensions, torch.Generator().manual_seed(0)).features == count
    with pytest.raises(SettingsError, match="not a multiple"):
        EncodingSpec("positional", 8.0, 256).build(3, torch.Generator())
    with pytest.raises(SettingsError, match=r"^--encoding positional: .* 256 is not a multiple of 3$"):
        EncodingSpec("positional", 8.0, 256).count_features(3)
