"""Each package's published formula, in a few lines of NumPy, run on the code that the translation says to paste."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from fourierfield.encodings import _units as units
from fourierfield.encodings._spec import EncodingSpec
from fourierfield.errors import SettingsError
from fourierfield.tuning._translation import (
    to_nerfstudio,
    to_paper_code,
    to_siren,
    to_tcnn,
    translate,
    with_one_bandwidth,
)

SPECS = [
    EncodingSpec("basic"),
    EncodingSpec("nerf", 32.0),
    EncodingSpec("nerf", 23.0),  # taken to 32
    EncodingSpec("positional", 63.0, 60),
    EncodingSpec("gaussian", 10.0, 6000),
    EncodingSpec("laplace", 10.0, 6000),
    EncodingSpec("uniform", 20.0, 6000),
    EncodingSpec("log-uniform", 30.0, 6000),
    EncodingSpec("power-law", 6.0, 50),
]
LADDERS = SPECS[:4]
IDS = [f"{spec.family}-{spec.bandwidth}" for spec in SPECS]


def on_axes(ladder: np.ndarray, dimensions: int) -> np.ndarray:
    return np.kron(np.eye(dimensions), ladder[:, None])


def nerf_encoding(
    in_dim: int, num_frequencies: int, min_freq_exp: float, max_freq_exp: float, include_input: bool
) -> np.ndarray:
    """NeRFEncoding's phase 2π·2^linspace(min, max, n)·x, as frequencies (m, d) in cycles per unit of x."""
    return on_axes(2 ** np.linspace(min_freq_exp, max_freq_exp, num_frequencies), in_dim)


def rff_encoding(in_dim: int, num_frequencies: int, scale: float) -> np.ndarray:
    """RFFEncoding's phase 2π·x·B, B ~ N(0, scale²)."""
    return np.random.default_rng(0).normal(0, scale, (num_frequencies, in_dim))


def frequency(inputs: int, config: dict) -> object:
    """tiny-cuda-nn's phase 2^k·π·x: 2^k/2 cycles per unit of x. Returns ∂cycles/∂v for points x = v·(d, inputs)."""
    assert config["otype"] == "Frequency"
    octaves = on_axes(2.0 ** np.arange(config["n_frequencies"]) / 2, inputs)
    return lambda points: octaves @ np.asarray(points).T


def tiny_cuda_nn(code: str, dimensions: int) -> np.ndarray:
    names = {"torch": torch, "tcnn": SimpleNamespace(Encoding=frequency), "v": torch.eye(dimensions)}
    torch.manual_seed(0)
    exec(code, names)
    return np.asarray(names["features"])


def siren(in_features: int, first_omega_0: float, **_: object) -> np.ndarray:
    """SIREN's first phase ω₀·w·x, w ~ U(−1/d, 1/d), x = 2v − 1."""
    w = np.random.default_rng(0).uniform(-1 / in_features, 1 / in_features, (200_000, in_features))
    return first_omega_0 * w * 2 / (2 * np.pi)


def paper(code: str) -> np.ndarray:
    random = SimpleNamespace(normal=lambda key, shape: np.random.default_rng(key).normal(size=shape))
    names: dict = {"np": np, "random": random, "key": 0}
    exec(code, names)
    return names["B"]


def emulated(spec: EncodingSpec, dimensions: int) -> dict[str, np.ndarray]:
    """Frequencies (m, d), cycles per unit of v, that each package makes of the translated code."""
    studio = eval(to_nerfstudio(spec, dimensions).code, {"NeRFEncoding": nerf_encoding, "RFFEncoding": rff_encoding})
    return {
        "nerfstudio": studio,
        "tiny-cuda-nn": tiny_cuda_nn(to_tcnn(spec, dimensions).code, dimensions),
        "SIREN": eval(to_siren(spec, dimensions).code, {"Siren": siren, "channels": 1}),
        "fourier-feature-networks": paper(to_paper_code(spec, dimensions).code),
    }


def ordered(frequencies: np.ndarray) -> np.ndarray:
    rounded = np.round(np.asarray(frequencies, dtype=np.float64), 6) + 0.0
    return rounded[np.lexsort(rounded.T)]


@pytest.mark.parametrize("dimensions", [1, 2, 3])
@pytest.mark.parametrize("spec", LADDERS, ids=IDS[:4])
def test_exact_translations_have_our_frequencies(spec: EncodingSpec, dimensions: int) -> None:
    ours = ordered(spec.build(dimensions, torch.Generator()).frequencies.numpy())
    theirs = emulated(spec, dimensions)
    for translation in translate(spec, dimensions):
        if translation.exact:
            np.testing.assert_allclose(ordered(theirs[translation.package]), ours, rtol=1e-5, atol=2e-6)
    inexact = {translation.package for translation in translate(spec, dimensions) if not translation.exact}
    assert inexact == {"SIREN", "nerfstudio"} if spec.family == "positional" else {"SIREN"}


@pytest.mark.parametrize("dimensions", [1, 2, 3])
@pytest.mark.parametrize("spec", SPECS, ids=IDS)
def test_every_translation_has_our_deviation_along_each_axis(spec: EncodingSpec, dimensions: int) -> None:
    for package, theirs in emulated(spec, dimensions).items():
        random = package == "SIREN" or spec not in LADDERS
        rms = np.sqrt((theirs**2).mean(axis=0))
        tolerance = 5 / np.sqrt(len(theirs)) if random else 1e-5
        np.testing.assert_allclose(rms, with_one_bandwidth(spec, dimensions)[1], rtol=tolerance, err_msg=package)


@pytest.mark.parametrize("dimensions", [1, 2, 3])
@pytest.mark.parametrize("spec", SPECS, ids=IDS)
def test_the_deviation_is_that_of_the_encoding(spec: EncodingSpec, dimensions: int) -> None:
    drawn = spec.build(dimensions, torch.Generator().manual_seed(1)).rms_frequency
    np.testing.assert_allclose(drawn.max(), with_one_bandwidth(spec, dimensions)[1], rtol=0.05)


@pytest.mark.parametrize("spec", [EncodingSpec("gaussian", (10.0, 5.0), 4000), EncodingSpec("nerf", (16.0, 8.0))])
def test_unequal_bandwidths_become_a_scale_of_the_coordinates(spec: EncodingSpec) -> None:
    gaussian = spec.family == "gaussian"
    ours = spec.build(2, torch.Generator().manual_seed(0)).rms_frequency.numpy()
    for translation in translate(spec, 2):
        theirs = np.sqrt((emulated(spec, 2)[translation.package] ** 2).mean(axis=0))
        assert ("First multiply v by (1, 0.5)." in translation.remark) == gaussian
        np.testing.assert_allclose(theirs * ([1, 0.5] if gaussian else [1, 1]), ours, rtol=0.05)
    stretched = to_tcnn(EncodingSpec("positional", (31.0, 15.0), 8), 2)
    assert not stretched.exact  # the lowest frequencies do not scale with the highest


def test_the_highest_frequency_of_a_positional_encoding_is_kept() -> None:
    spec = EncodingSpec("positional", 63.0, 60)
    assert emulated(spec, 2)["nerfstudio"].max() == pytest.approx(63.0, rel=1e-6)
    assert emulated(spec, 2)["nerfstudio"].shape == (60, 2)


def test_the_usual_omega_is_a_bandwidth_of_2_757() -> None:
    code = to_siren(EncodingSpec("gaussian", units.from_siren_omega(30.0, 2)), 2).code
    assert code.endswith("first_omega_0=30)")


def test_what_has_no_frequencies_is_refused() -> None:
    with pytest.raises(SettingsError, match="no frequencies"):
        translate(EncodingSpec("none"), 2)
    with pytest.raises(SettingsError, match="constant"):
        to_nerfstudio(EncodingSpec("positional", 31.0, 2), 2)
    with pytest.raises(SettingsError, match="above 1 cycle"):
        translate(EncodingSpec("log-uniform", 0.5), 2)
