"""The kernel of an infinitely wide network, as it is chosen and as it is evaluated."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.errors import SettingsError
from fourierfield.kernels._composed import ComposedNNGP, ComposedNTK
from fourierfield.kernels._encoding import EncodingKernel, LimitKernel
from fourierfield.kernels._infinite import InfiniteMLP
from fourierfield.kernels._radial import RadialKernel
from fourierfield.regression._spec import KernelSpec

LAWS = ["gaussian", "laplace", "uniform", "log-uniform", "positional"]


def differences(d: int, reach: float = 1.0) -> Tensor:
    drawn = torch.rand(200, d, dtype=torch.float64, generator=torch.Generator().manual_seed(d))
    return reach * (2 * drawn - 1)


@pytest.mark.parametrize("family", LAWS)
@pytest.mark.parametrize("trained", ["all", "last"])
@pytest.mark.parametrize("d", [1, 2, 3])
def test_it_is_the_composed_kernel_of_infinitely_many_frequencies(family: str, trained: str, d: int) -> None:
    """Scaled to k(0) = 1, tabulated or not; up to the default reach, and as far as is asked for."""
    spec = KernelSpec(EncodingSpec(family, 3.0), 3, trained)  # type: ignore[arg-type]
    law = EncodingSpec(family, 3.0, 6).build(d, torch.Generator())
    composed = (ComposedNTK if trained == "all" else ComposedNNGP)(LimitKernel(law), InfiniteMLP.of_depth(3))
    for kernel, reach in ((spec.kernel(d), 2 / d**0.5), (spec.kernel(d, 7.0), 7 / d**0.5)):
        assert kernel.at_zero == pytest.approx(1, abs=1e-14)
        assert isinstance(kernel, RadialKernel) == (family != "positional")
        expected = composed(differences(d, reach)) / composed.at_zero
        torch.testing.assert_close(kernel(differences(d, reach)), expected, rtol=0, atol=1e-7)


@pytest.mark.parametrize("family", ["gaussian", "positional", "nerf", "basic", "power-law"])
def test_a_number_of_frequencies_is_drawn_by_its_seed(family: str) -> None:
    """And families without a law have those that they count."""
    bandwidth, features = (None if family == "basic" else 4.0), (None if family in ("basic", "nerf") else 12)
    spec = KernelSpec(EncodingSpec(family, bandwidth, features), seed=3)
    encoding = spec.encoding.build(2, torch.Generator().manual_seed(3))
    composed = ComposedNTK(EncodingKernel(encoding), InfiniteMLP.of_depth(4))
    expected = composed(differences(2)) / composed.at_zero
    torch.testing.assert_close(spec.kernel(2)(differences(2)), expected, rtol=0, atol=1e-12)
    torch.testing.assert_close(spec.kernel(2)(differences(2)), spec.kernel(2)(differences(2)), rtol=0, atol=0)


@pytest.mark.parametrize("features", [None, 20])
def test_an_axis_of_another_bandwidth_is_another_scale(features: int | None) -> None:
    spec = KernelSpec(EncodingSpec("gaussian", (4.0, 1.0), features))
    even = KernelSpec(EncodingSpec("gaussian", 4.0, features))
    found = spec.kernel(2)(differences(2))
    torch.testing.assert_close(found, even.kernel(2)(differences(2) * torch.tensor([1, 0.25])), rtol=0, atol=1e-6)
    assert spec.kernel(2).metric(2) == (1.0, 0.25)
    assert even.kernel(2).metric(2) == (1.0, 1.0)


@pytest.mark.parametrize("family", ["laplace", "uniform"])
@pytest.mark.parametrize("d", [4, 5])
def test_in_more_dimensions_the_table_reaches_across_the_box(family: str, d: int) -> None:
    kernel = KernelSpec(EncodingSpec(family, 0.6)).kernel(d)
    assert isinstance(kernel, RadialKernel)
    corner = torch.ones(1, d, dtype=torch.float64)
    torch.testing.assert_close(kernel(2 * corner), kernel.kernel(2 * corner), rtol=0, atol=1e-7)


specs = st.builds(
    KernelSpec,
    st.one_of(
        st.builds(EncodingSpec, st.just("gaussian"), st.floats(0.1, 1e4) | st.tuples(st.floats(1, 9), st.floats(1, 9))),
        st.builds(EncodingSpec, st.just("positional"), st.floats(1, 99), st.none() | st.integers(1, 99)),
        st.just(EncodingSpec("basic")),
    ),
    st.integers(1, 9),
    st.sampled_from(["all", "last"]),
    st.integers(0, 2**31),
)


@given(specs)
def test_it_comes_back_from_json(spec: KernelSpec) -> None:
    assert KernelSpec.from_json(json.loads(json.dumps(asdict(spec)))) == spec


def test_what_has_no_stationary_kernel_is_refused() -> None:
    with pytest.raises(SettingsError, match="without an encoding the kernel is not stationary"):
        KernelSpec(EncodingSpec("none"))
    for wrong in ({"depth": 0}, {"trained": "first"}):
        with pytest.raises(SettingsError, match="no kernel has depth"):
            KernelSpec(EncodingSpec("basic"), **wrong)  # type: ignore[arg-type]
    for spec, d, words in (
        (EncodingSpec("log-uniform", 4.0), 4, "1 to 3 dimensions"),
        (EncodingSpec("log-uniform", 0.5), 2, "above 1 cycle per unit"),
        (EncodingSpec("gaussian", (1.0, 2.0)), 3, "2 bandwidths for 3 axes"),
        (EncodingSpec("positional", 9.0, 256), 3, "not a multiple of 3"),
    ):
        with pytest.raises(SettingsError, match=words):
            KernelSpec(spec).kernel(d)


def test_its_name_says_what_is_trained() -> None:
    spec = KernelSpec(EncodingSpec("gaussian", 2.0))
    assert (spec.name, KernelSpec(spec.encoding, trained="last").name) == ("NTK", "NNGP")
    assert spec.with_bandwidth(3.0).encoding == EncodingSpec("gaussian", 3.0)
