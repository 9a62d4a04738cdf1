"""All that a user may do with any field is in the protocol ``Field``, which every field satisfies."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import fourierfield
from fourierfield.kinds.views._field import ViewsField
from fourierfield.networks._field import Drawable, Field, NetworkField
from fourierfield.regression._field import KernelField

ROOT = Path(__file__).resolve().parents[2]
DRAWN = ("__call__", "sample")
FITTED = ("gradient", "deviation", "device", "to", "to_torch", "save")
USE = """
import numpy, torch
import fourierfield
from fourierfield import Field, KernelField, NetworkField
from fourierfield.kinds.views._field import ViewsField

def use(field: Field) -> Field:
    module: torch.nn.Module = field.to_torch()
    device: torch.device = field.to("cpu").device
    wide: torch.Tensor = field.deviation(torch.zeros(1, 2))
    numbers: numpy.ndarray = field.deviation(numpy.zeros((1, 2)))
    return field.to(device)

def give(network: NetworkField, kernel: KernelField, views: ViewsField) -> list[Field]:
    return [network, kernel, views, fourierfield.load("f.safetensors")]
"""


def test_the_protocol_has_what_fields_can_do() -> None:
    for name in (*DRAWN, *FITTED):
        assert name in (*vars(Field), *vars(Drawable)), name
        assert all(hasattr(field, name) for field in (NetworkField, KernelField, ViewsField)), name


@pytest.mark.parametrize("method", ["network", "kernel"])
def test_fields_do_it(method: str, smooth_image: np.ndarray) -> None:
    settings = {"steps": 3, "width": 8} if method == "network" else {}
    field: Field = fourierfield.fit(smooth_image, method=method, encoding="gaussian", bandwidth=1.0, **settings)
    assert field.device == torch.device("cpu")
    assert field.to("cpu") is field
    points = torch.rand(5, 2, generator=torch.Generator().manual_seed(0))
    values = field.to_torch()(points).detach()
    torch.testing.assert_close(values.double(), field(points).double(), atol=1e-4, rtol=1e-4)
    if method == "kernel":
        assert field.deviation(points).shape == (5, 3)
    else:
        with pytest.raises(fourierfield.SettingsError, match="fit with --method kernel"):
            field.deviation(points)


@pytest.mark.slow
def test_a_type_checker_agrees(tmp_path: Path) -> None:
    script = tmp_path / "use.py"
    script.write_text(USE)
    words = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), str(script)]
    ended = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout
