"""Translations of a chosen encoding to other packages: what to type there for the same frequencies.

Ours are in cycles per unit: phase 2π b·v, the longest axis over [0, 1), one unit for all axes. In the code that is
returned, ``v`` are such coordinates (…, d), ``channels`` is the number of outputs and ``key`` a JAX random key. How a
family is written elsewhere is its ``translate`` in ``encodings._registry``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch

from ..encodings._fourier import FourierEncoding
from ..encodings._registry import FAMILIES, widest
from ..encodings._spec import EncodingSpec
from ..encodings._units import to_siren_omega
from ..errors import SettingsError


@dataclass(frozen=True)
class Translation:
    """The ``code`` to paste into a program that uses ``package``, and a ``remark`` on what differs.

    If ``exact``, it has our frequencies (for random ones, our law), otherwise only their standard deviation.
    """

    package: str
    code: str
    remark: str
    exact: bool


def translate(spec: EncodingSpec, dimensions: int) -> tuple[Translation, ...]:
    """Translate an encoding to other packages: nerfstudio, tiny-cuda-nn, SIREN and the paper's code.

    Args:
        spec: the encoding.
        dimensions: the number of axes d.

    Returns:
        One translation for each package, in this order: the code, a remark, and whether it is exact.

    Raises:
        SettingsError: for an encoding without frequencies, for values that the family cannot take, and for a positional
            encoding with one frequency per axis, which is constant.

    >>> [translation.package for translation in translate(EncodingSpec("gaussian", 10.0), 2)]
    ['nerfstudio', 'tiny-cuda-nn', 'SIREN', 'fourier-feature-networks']
    """
    packages = (to_nerfstudio, to_tcnn, to_siren, to_paper_code)
    return tuple(package(spec, dimensions) for package in packages)


def to_nerfstudio(spec: EncodingSpec, dimensions: int) -> Translation:
    """Translate to nerfstudio (``field_components/encodings.py``), whose coordinates are in [0, 1] as here.

    ``NeRFEncoding`` has phases 2π·2^linspace(min_freq_exp, max_freq_exp, num_frequencies)·x, ``RFFEncoding`` 2π·x·B
    with B ~ N(0, scale²), so that ``scale`` is our bandwidth. A positional encoding keeps its number of frequencies,
    its highest frequency and its standard deviation. Raises like ``translate``.

    >>> to_nerfstudio(EncodingSpec("gaussian", 10.0), 2).code
    'RFFEncoding(in_dim=2, num_frequencies=256, scale=10)'
    """
    encoding, deviation = with_one_bandwidth(spec, dimensions)
    translator = FAMILIES[spec.family].translate
    remark = "Sines come first. "
    code = f"RFFEncoding(in_dim={dimensions}, num_frequencies={encoding.features}, scale={deviation:.9g})"
    if translator in ("octaves", "powers"):
        low, high = _exponents(encoding)
        code = (
            f"NeRFEncoding(in_dim={dimensions}, num_frequencies={encoding.features // dimensions}, "
            f"min_freq_exp={low:.9g}, max_freq_exp={high:.9g}, include_input=False)"
        )
        remark += "Keep implementation='torch': 'tcnn' halves every frequency. "
    if translator == "powers":
        remark += "Its exponents are evenly spaced; the highest frequency and the deviation are ours. "
    return Translation("nerfstudio", code, remark + _remark(spec), translator in ("octaves", "gaussian"))


def to_tcnn(spec: EncodingSpec, dimensions: int) -> Translation:
    """Translate to tiny-cuda-nn's ``Frequency`` (``encodings/frequency.h``), phases 2^k·π·x, k = 0..n_frequencies − 1.

    Hence x = 2v gives our octaves, and one octave of x = 2·v·B gives any frequencies B (d, m), which must be drawn
    once. Its ``TriangleWave`` has the same octaves but one wave of each, and a kernel that is not stationary;
    ``OneBlob`` has no frequencies. Neither has a translation. Raises like ``translate``.

    >>> print(to_tcnn(EncodingSpec("nerf", 64.0), 3).code)
    features = tcnn.Encoding(3, {"otype": "Frequency", "n_frequencies": 7})(2 * v)
    """
    encoding, deviation = with_one_bandwidth(spec, dimensions)
    translator = FAMILIES[spec.family].translate
    inputs, levels, points, matrix = encoding.features, 1, "2 * v @ B", ""
    if translator == "octaves":
        inputs, levels, points = dimensions, encoding.features // dimensions, "2 * v"
    elif translator == "powers":
        top = math.log2(1 + float(encoding.frequencies.max()))
        ladder = f"torch.linspace(0, {top:.9g}, {encoding.features // dimensions})"
        matrix = f"B = torch.kron(torch.eye({dimensions}), 2 ** {ladder} - 1)\n"
    else:
        matrix = f"B = {deviation:.9g} * torch.randn({dimensions}, {encoding.features})\n"
    code = f'features = tcnn.Encoding({inputs}, {{"otype": "Frequency", "n_frequencies": {levels}}})({points})'
    remark = "Its phases are 2^k·π·x, hence the factor 2. Its sine is a fast one and its output half precision. "
    return Translation("tiny-cuda-nn", matrix + code, remark + _remark(spec), _has_any_matrix(spec))


def to_siren(spec: EncodingSpec, dimensions: int) -> Translation:
    """Translate to the ω₀ of a SIREN whose first layer has frequencies of our standard deviation σ.

    That layer is sin(ω₀·(w·x + c)) on x = 2v − 1 with w ~ U(−1/d, 1/d), so its frequencies are ω₀·w/π cycles per unit
    with standard deviation ω₀/(πd√3), and ω₀ = πd√3·σ (``to_siren_omega``). The code is for ``Siren`` of
    vsitzmann/siren's notebook; in its ``modules.py`` ω₀ is fixed at 30. Raises like ``translate``.

    >>> to_siren(EncodingSpec("gaussian", 10.0), 2).code.split(", ")[-1]
    'first_omega_0=108.827962)'
    """
    _, deviation = with_one_bandwidth(spec, dimensions)
    code = (
        f"Siren(in_features={dimensions}, hidden_features=256, hidden_layers=3, out_features=channels, "
        f"outermost_linear=True, first_omega_0={to_siren_omega(deviation, dimensions):.9g})"
    )
    remark = "Give it 2 * v - 1. Its frequencies are uniform in a cube, are trained, and mix in the later sine layers. "
    return Translation("SIREN", code, remark + _remark(spec), False)


def to_paper_code(spec: EncodingSpec, dimensions: int) -> Translation:
    """Translate to the B (m, d) of ``input_mapping(x, B)`` in ``tancik/fourier-feature-networks`` (``np``: jax.numpy).

    Its 2-D code has phases 2π·x·Bᵀ on x = i/n in [0, 1), as here except for half a sample. Raises like ``translate``.

    >>> to_paper_code(EncodingSpec("positional", 63.0), 2).code
    'B = np.kron(np.eye(2), 2.0 ** np.linspace(0, 6, 128)[:, None] - 1)'
    """
    encoding, deviation = with_one_bandwidth(spec, dimensions)
    translator, count = FAMILIES[spec.family].translate, encoding.features // dimensions
    matrix = f"{deviation:.9g} * random.normal(key, ({encoding.features}, {dimensions}))"
    if translator == "octaves":
        matrix = f"np.kron(np.eye({dimensions}), 2.0 ** np.arange({count})[:, None])"
    elif translator == "powers":
        top = math.log2(1 + float(encoding.frequencies.max()))
        ladder = f"np.linspace(0, {top:.9g}, {count})[:, None]"
        matrix = f"np.kron(np.eye({dimensions}), 2.0 ** {ladder} - 1)"
    remark = "Sines come first. Its NeRF notebook has no 2π: multiply B by it there. " + _remark(spec)
    return Translation("fourier-feature-networks", f"B = {matrix}", remark, _has_any_matrix(spec))


def with_one_bandwidth(spec: EncodingSpec, dimensions: int) -> tuple[FourierEncoding, float]:
    """Draw ``spec`` with the bandwidth of its widest axis on all axes; return its frequencies' deviation too.

    That is σ for gaussian and laplace, B/√(d + 2) for uniform in a ball and √((B² − 1)/(2d·ln B)) for log-uniform
    lengths, in cycles per unit. For the other families it is their root mean square, weighted by a², which includes the
    zeros of frequencies along other axes. Raises like ``translate``.

    >>> with_one_bandwidth(EncodingSpec("uniform", 20.0), 2)[1]
    10.0
    """
    family = FAMILIES[spec.family]
    if not family.has_frequencies:
        raise SettingsError(f"the {spec.family} encoding has no frequencies to translate")
    encoding = spec.build(dimensions, torch.Generator().manual_seed(0))
    if isinstance(spec.bandwidth, tuple):
        return with_one_bandwidth(replace(spec, bandwidth=max(spec.bandwidth)), dimensions)
    if family.deviation is not None:
        return encoding, family.deviation(widest(spec.bandwidth), dimensions)
    return encoding, float(encoding.rms_frequency.max())


def _exponents(encoding: FourierEncoding) -> tuple[float, float]:
    """Compute (low, high) so that 2^linspace(low, high, m/d) has the encoding's highest frequency and deviation."""
    top, count = float(encoding.frequencies.max()), encoding.features // encoding.dimensions
    if top == 0:
        raise SettingsError("a positional encoding with one frequency per axis is constant; give it more features")
    high = math.log2(top)
    square = encoding.dimensions * float(encoding.rms_frequency[0]) ** 2  # of the frequencies along one axis
    below, above = high - 60, high
    for _ in range(60 if count > 1 else 0):
        low = (below + above) / 2
        short = float(torch.logspace(low, high, count, base=4, dtype=torch.float64).mean()) < square
        below, above = (low, above) if short else (below, low)
    return round(above, 9), round(high, 9)


def _has_any_matrix(spec: EncodingSpec) -> bool:
    """Return whether a package that takes any B has our frequencies."""
    translator = FAMILIES[spec.family].translate
    stretched = translator == "powers" and isinstance(spec.bandwidth, tuple)  # the low ones do not scale with the top
    return translator != "deviation" and not stretched


def _remark(spec: EncodingSpec) -> str:
    """Describe what every package does with the law and the axes."""
    family, words = FAMILIES[spec.family], []
    if family.translate == "deviation":
        words.append(f"Gaussian frequencies stand for the {spec.family} ones, with their standard deviation.")
    if family.translate == "octaves" and family.has_bandwidth:
        words.append(f"{spec.bandwidth} cycles per unit are taken to the nearest power of two, here as there.")
    if isinstance(spec.bandwidth, tuple) and family.per_axis:
        ratios = ", ".join(f"{b / max(spec.bandwidth):.9g}" for b in spec.bandwidth)
        words.append(f"First multiply v by ({ratios}).")
    return " ".join([*words, "In v the longest axis spans [0, 1), the others have its unit."])
