"""Against the values of an independent implementation, and of a fifty-digit recursion."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from torch import Tensor

from fourierfield.kernels._duals import DUALS, PairMoments, SineDual
from fourierfield.kernels._infinite import InfiniteMLP

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "ntk_values.json"
CASES = json.loads(REFERENCE.read_text())["cases"] if REFERENCE.exists() else []


def name_of(case: dict) -> str:
    return f"{case['activation']}-{case['hidden_layers']}-{case['label']}-{case['parameterization']}"


def infinite_mlp(case: dict) -> InfiniteMLP:
    depth = case["hidden_layers"] + 1
    dual = SineDual(1.0) if case["activation"] == "sin" else DUALS[case["activation"]]
    weights, biases = (case["W_std"] ** 2,) * depth, (case["b_std"] ** 2,) * depth
    if case["parameterization"] == "ntk":
        return InfiniteMLP(weights, biases, dual)
    fan_ins = (case["input_dim"], *(1024,) * (depth - 1))
    return InfiniteMLP(weights, biases, dual, "standard", fan_ins, case["has_bias"])


@pytest.mark.skipif(not CASES, reason="reference values (../shared/reference) are not beside this checkout")
@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_kernels_equal_the_reference(case: dict) -> None:
    cosine = torch.tensor(json.loads(REFERENCE.read_text())["c"], dtype=torch.float64)
    half = torch.full((), 0.5, dtype=torch.float64)  # unit vectors in two dimensions: x·x'/2
    kernel = infinite_mlp(case)(PairMoments(half, half, cosine / 2, (1 - cosine) / 2))
    for computed, expected in ((kernel.nngp, case["nngp"]), (kernel.ntk, case["ntk"])):
        torch.testing.assert_close(computed, float64(expected), rtol=1e-10, atol=1e-10)


@pytest.mark.skipif(not CASES, reason="reference values (../shared/reference) are not beside this checkout")
def test_points_give_the_same_kernel_as_moments() -> None:
    cosine = torch.linspace(-1, 1, 41, dtype=torch.float64)
    left = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    right = torch.stack([cosine, torch.sqrt(1 - cosine**2)], dim=1)
    kernel = InfiniteMLP.of_depth(3)(PairMoments.of_points(left, right)).ntk[0]
    half = torch.full((), 0.5, dtype=torch.float64)
    expected = InfiniteMLP.of_depth(3)(PairMoments(half, half, cosine / 2, (1 - cosine) / 2)).ntk
    torch.testing.assert_close(kernel, expected, rtol=1e-12, atol=1e-7)


def float64(values: list[float]) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)
