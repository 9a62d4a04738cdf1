"""Each octave encoding against the formula and the order of the public code that it matches."""

from __future__ import annotations

import math

import pytest
import torch

from fourierfield.encodings._octaves import (
    barf,
    mip_nerf,
    nerf,
    nerfstudio,
    siren_positional,
    tiny_cuda_nn,
    transformer,
)

X = torch.tensor([[0.11, -0.37, 0.72], [0.9, 0.25, -0.6]], dtype=torch.float64)


def close(encoding, expected: list[torch.Tensor]) -> None:  # type: ignore[no-untyped-def]
    torch.testing.assert_close(encoding(X), torch.stack(expected, dim=-1), rtol=0, atol=2e-5)


def test_nerf_nests_level_wave_axis_after_the_raw_coordinates() -> None:
    expected = [X[:, a] for a in range(3)]
    for k in range(5):
        for wave in (torch.sin, torch.cos):
            expected += [wave(2.0**k * X[:, a]) for a in range(3)]
    close(nerf(3, levels=5), expected)


def test_siren_nests_level_axis_wave_and_counts_octaves_from_the_samples() -> None:
    expected = [X[:, a] for a in range(3)]
    for k in range(5):  # floor(log2(128 / 4))
        for a in range(3):
            expected += [wave(2.0**k * math.pi * X[:, a]) for wave in (torch.sin, torch.cos)]
    close(siren_positional(3, samples=128), expected)


def test_barf_nests_axis_wave_level() -> None:
    expected = [wave(2.0**k * math.pi * X[:, a]) for a in range(3) for wave in (torch.sin, torch.cos) for k in range(4)]
    close(barf(3, levels=4), expected)


def test_tiny_cuda_nn_nests_axis_level_wave() -> None:
    expected = [wave(2.0**k * math.pi * X[:, a]) for a in range(3) for k in range(4) for wave in (torch.sin, torch.cos)]
    close(tiny_cuda_nn(3, levels=4), expected)


def test_mip_nerf_puts_all_sines_first() -> None:
    expected = [wave(2.0**k * X[:, a]) for wave in (torch.sin, torch.cos) for k in range(4) for a in range(3)]
    close(mip_nerf(3, levels=4), expected)


def test_nerfstudio_spreads_exponents_and_nests_level_within_axis() -> None:
    exponents = torch.linspace(0, 3, 4, dtype=torch.float64)
    expected = [
        wave(2 * math.pi * 2.0**e * X[:, a]) for wave in (torch.sin, torch.cos) for a in range(3) for e in exponents
    ]
    close(nerfstudio(3, levels=4, highest=3.0), expected)
    close(nerfstudio(3, levels=4, highest=3.0, raw_input=True), [*expected, *(X[:, a] for a in range(3))])


@pytest.mark.parametrize("layout", ["interleaved", "concatenated"])
def test_transformer_positions(layout: str) -> None:
    positions = torch.arange(50, dtype=torch.float64)[:, None]
    phases = [positions[:, 0] / 10000 ** (2 * i / 16) for i in range(8)]
    sines, cosines = [torch.sin(p) for p in phases], [torch.cos(p) for p in phases]
    expected = (
        [f for pair in zip(sines, cosines, strict=True) for f in pair] if layout == "interleaved" else sines + cosines
    )
    encoded = transformer(16, layout=layout)(positions)  # type: ignore[arg-type]
    torch.testing.assert_close(encoded, torch.stack(expected, dim=-1), rtol=0, atol=1e-5)


def test_impossible_octaves_are_refused() -> None:
    with pytest.raises(ValueError, match="level"):
        nerf(2, levels=0)
    with pytest.raises(ValueError, match="even"):
        transformer(7)
