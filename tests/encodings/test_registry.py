"""The registry of families: what it promises of each, and that one entry is all that a new family takes."""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from torch import Generator, Tensor

import fourierfield.encodings
from fourierfield.encodings._families import random_features
from fourierfield.encodings._fourier import FourierEncoding
from fourierfield.encodings._registry import FAMILIES, Family, Ladder, Octaves
from fourierfield.encodings._spec import EncodingSpec, rebuild_encoding
from fourierfield.errors import SettingsError
from fourierfield.tuning._candidates import anisotropic, finer, first_candidates, other_counts
from fourierfield.tuning._translation import translate, with_one_bandwidth

SOURCE = Path(__file__).resolve().parents[2] / "src" / "fourierfield"
NAMES = ("none", "basic", "positional", "nerf", "power-law", "gaussian", "laplace", "uniform", "log-uniform")


def spec_of(family: Family, features: int = 60) -> EncodingSpec:
    return EncodingSpec(family.name, 6.0 if family.has_bandwidth else None, None if family.sets_features else features)


def drawn(family: Family, dimensions: int, features: int = 60) -> FourierEncoding:
    return spec_of(family, features).build(dimensions, Generator().manual_seed(0))


def test_families_are_listed_in_order_by_their_own_names() -> None:
    assert tuple(FAMILIES) == NAMES
    assert all(family.name == name for name, family in FAMILIES.items())


@pytest.mark.parametrize("family", FAMILIES.values(), ids=NAMES)
@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_an_entry_describes_what_is_drawn(family: Family, dimensions: int) -> None:
    encoding = drawn(family, dimensions)
    assert encoding.family == family.name
    assert (encoding.features > 0) == family.has_frequencies == (encoding.raw_input == "none")
    assert (encoding.law is not None) == (family.law is not None)
    count = family.count_features(dimensions, 6.0, None if family.sets_features else 60)
    assert encoding.features == count or (family.name == "power-law" and encoding.features < count)
    along = (encoding.frequencies != 0).sum(1) <= 1
    assert not family.on_axes or bool(along.all())
    if family.scale == "highest":
        assert float(encoding.frequencies.norm(dim=1).max()) <= max(6.0, 8.0 if family.name == "nerf" else 0) * 1.0001


@pytest.mark.parametrize("family", FAMILIES.values(), ids=NAMES)
def test_only_families_with_a_bandwidth_per_axis_stretch(family: Family) -> None:
    if not family.has_bandwidth:
        assert not family.per_axis
        return
    features = None if family.sets_features else 60
    encoding = EncodingSpec(family.name, (6.0, 3.0), features).build(2, Generator().manual_seed(0))
    high, low = encoding.frequencies.abs().max(0).values.tolist()
    assert (low < 0.8 * high) == family.per_axis


@pytest.mark.parametrize("family", FAMILIES.values(), ids=NAMES)
def test_a_stated_deviation_is_that_of_many_draws(family: Family) -> None:
    if family.deviation is None:
        return
    for dimensions in (1, 2, 3):
        rms = drawn(family, dimensions, features=20_000).rms_frequency
        expected = torch.full_like(rms, family.deviation(6.0, dimensions))
        torch.testing.assert_close(rms, expected, rtol=0.05, atol=0)


def test_a_default_number_is_divisible_where_axes_are_alike() -> None:
    for family in FAMILIES.values():
        if family.on_axes:
            assert family.count_features(3, 6.0, None) % 3 == 0
        elif not family.sets_features:
            assert family.count_features(3, 6.0, None) == 256


def test_a_family_needs_something_to_be_drawn_from() -> None:
    with pytest.raises(ValueError, match="needs a builder or a law"):
        Family("smell", scale="none")


def test_ladders_and_octaves_have_bounds() -> None:
    assert Ladder(1 / 40, 1 / 4, 6, above=1.0).bandwidths(40.0)[0] > 1.0
    assert Octaves(40, 5).bandwidths(1.0) == [2.0]
    assert Octaves(40, 5).between(4.0, 0, 200.0) == []


@dataclass(frozen=True)
class RingLaw:
    """Lengths equal to the bandwidth, in uniform directions."""

    bandwidth: tuple[float, ...]

    def draw(self, features: int, generator: Generator) -> Tensor:
        normal = torch.randn(features, len(self.bandwidth), generator=generator)
        return normal / normal.norm(dim=1, keepdim=True) * torch.tensor(self.bandwidth)

    def kernel(self, difference: Tensor) -> Tensor:
        scaled = 2 * torch.pi * (difference.double() * torch.tensor(self.bandwidth)).norm(dim=-1)
        return torch.special.bessel_j0(scaled)


RING = Family("ring", scale="highest", law=RingLaw, per_axis=True, ladder=Ladder(1 / 40, 1 / 10, 3))
SPIKE = Family(
    "spike",
    scale="none",
    build=lambda dimensions, bandwidth, features, generator: FourierEncoding(
        2 * torch.eye(dimensions), family="spike", bandwidth=2.0
    ),
    count=lambda dimensions, bandwidth: dimensions,
    on_axes=True,
)


@pytest.fixture(params=[RING, SPIKE], ids=lambda family: family.name)
def made_up(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Family:
    monkeypatch.setitem(FAMILIES, request.param.name, request.param)
    return request.param


def test_a_made_up_family_is_built_counted_and_rebuilt(made_up: Family) -> None:
    spec = spec_of(made_up)
    encoding = spec.build(2, Generator().manual_seed(0))
    assert encoding.features == spec.count_features(2) == (2 if made_up.sets_features else 60)
    rebuilt = rebuild_encoding(encoding.describe(), encoding.state_dict())
    assert rebuilt.law == encoding.law
    assert torch.equal(rebuilt.frequencies, encoding.frequencies)
    if made_up.law is not None:
        again = random_features(made_up.law((6.0, 6.0)), 60, Generator().manual_seed(0), family=made_up.name)
        assert torch.equal(again.frequencies, encoding.frequencies)
        assert encoding.limit_kernel(torch.zeros(1, 2)).item() == 1.0


def test_the_tuner_tries_a_made_up_family(made_up: Family) -> None:
    found = [spec for spec in first_candidates(200.0, 2, 64) if spec.family == made_up.name]
    if made_up is SPIKE:
        assert found == [EncodingSpec("spike")]
        return
    assert found == [EncodingSpec("ring", bandwidth, 64) for bandwidth in (5.0, 10.0, 20.0)]
    assert [spec.bandwidth for spec in finer(found[1], 0, 200.0)] == [7.071, 14.14]
    assert [spec.features for spec in other_counts(found[1], 2)] == [32, 128]
    assert anisotropic(found[1], (2.0, 0.5)) == EncodingSpec("ring", (20.0, 5.0), 64)


def test_other_packages_get_a_made_up_family_as_gaussian_frequencies(made_up: Family) -> None:
    spec = spec_of(made_up)
    encoding = spec.build(2, Generator().manual_seed(0))
    assert with_one_bandwidth(spec, 2)[1] == pytest.approx(float(encoding.rms_frequency.max()))
    for translation in translate(spec, 2):
        assert not translation.exact
        assert f"Gaussian frequencies stand for the {made_up.name} ones" in translation.remark


def test_settings_forecasts_and_parameters_take_a_made_up_family(made_up: Family) -> None:
    from fourierfield.estimators._base import encoding_for
    from fourierfield.forecast._finite import kind_of
    from fourierfield.tasks._settings import FitSettings

    assert FitSettings(encoding=made_up.name).encoding == made_up.name
    with pytest.raises(SettingsError, match=made_up.name):
        FitSettings(encoding="smell")
    assert encoding_for(made_up.name, None, 60, 2).family == made_up.name
    assert kind_of(made_up.name) == "mapped"


def test_the_names_of_families_are_known_without_torch_or_numpy() -> None:
    code = "import sys, fourierfield.encodings._registry as r; print(*r.FAMILIES, {'torch', 'numpy'} & {*sys.modules})"
    ended = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert ended.stdout.split() == [*NAMES, "set()"]


def test_the_package_imports_its_public_names_when_they_are_used() -> None:
    for name in fourierfield.encodings.__all__:
        assert getattr(fourierfield.encodings, name).__name__ == name
        assert name in dir(fourierfield.encodings)
    assert not hasattr(fourierfield.encodings, "smell")


@pytest.mark.parametrize("package", ["encodings", "tuning"])
def test_no_module_but_the_registry_compares_names_of_families(package: str) -> None:
    for path in sorted((SOURCE / package).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Compare) and "family" in ast.unparse(node.left):
                words = {found.value for found in ast.walk(node) if isinstance(found, ast.Constant)}
                assert not words & set(NAMES), f"{path.name}: {ast.unparse(node)}"
