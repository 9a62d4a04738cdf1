from __future__ import annotations

import pytest
import torch

from fourierfield.errors import SettingsError
from fourierfield.training._plan import choose_device, choose_precision

CPU = torch.device("cpu")


def test_names() -> None:
    assert choose_device("cpu") == CPU
    assert choose_precision("float32", CPU) == torch.float32
    assert choose_precision("bfloat16", CPU) == torch.bfloat16
    for call in (lambda: choose_device("tpu"), lambda: choose_precision("float8", CPU)):
        with pytest.raises(SettingsError):
            call()


@pytest.mark.parametrize(
    ("avx", "amx", "expected"),
    [(True, False, torch.bfloat16), (False, True, torch.bfloat16), (False, False, torch.float32)],
)
def test_auto_goes_by_instructions(
    monkeypatch: pytest.MonkeyPatch, avx: bool, amx: bool, expected: torch.dtype
) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: avx, raising=False)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx, raising=False)
    assert choose_precision("auto", CPU) == expected


def test_cuda_is_refused_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto") == CPU
    with pytest.raises(SettingsError, match="no CUDA"):
        choose_device("cuda")
