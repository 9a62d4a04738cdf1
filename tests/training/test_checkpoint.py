"""Checkpoints come back as they were written, or are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from fourierfield.errors import FieldFileError
from fourierfield.networks._field import NetworkField
from fourierfield.training._checkpoint import Checkpointer, read_checkpoint


def test_what_was_written_last_is_read(tmp_path: Path, generator: torch.Generator) -> None:
    checkpoints = Checkpointer(tmp_path / "a.checkpoint", {"seed": 3, "encoding": {"bandwidth": [1.0, 2.0]}})
    curve: list[dict[str, float | None]] = [{"step": 1, "loss": 0.5, "held_out_psnr_db": None}]
    for step in (1, 7):
        tensors = {"weight": torch.randn(3, 2, generator=generator), "moment": torch.zeros(0)}
        checkpoints.write(step, tensors, curve)
    found = read_checkpoint(checkpoints.path)
    assert (found.step, found.curve, found.settings) == (7, curve, checkpoints.settings)
    assert found.tensors.keys() == tensors.keys()
    for name, tensor in tensors.items():
        torch.testing.assert_close(found.tensors[name], tensor, rtol=0, atol=0)
    assert [path.name for path in tmp_path.iterdir()] == ["a.checkpoint"]
    checkpoints.remove()
    checkpoints.remove()
    assert not list(tmp_path.iterdir())


def test_one_is_due_after_every_interval(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("fourierfield.training._checkpoint.time.monotonic", lambda: now[0])
    checkpoints = Checkpointer(tmp_path / "a.checkpoint", {}, interval=5.0, _last=100.0)
    assert not checkpoints.due
    now[0] = 105.0
    assert checkpoints.due
    checkpoints.write(1, {}, [])
    assert not checkpoints.due


def test_a_field_is_not_a_checkpoint(tmp_path: Path, small_field: NetworkField) -> None:
    small_field.save(tmp_path / "a.safetensors")
    with pytest.raises(FieldFileError, match="not a checkpoint; give --restart"):
        read_checkpoint(tmp_path / "a.safetensors")
    (tmp_path / "b.checkpoint").write_bytes(b"\0" * 20)
    with pytest.raises(FieldFileError):
        read_checkpoint(tmp_path / "b.checkpoint")


def test_every_flipped_byte_is_noticed(tmp_path: Path, generator: torch.Generator) -> None:
    checkpoints = Checkpointer(tmp_path / "a.checkpoint", {"seed": 3})
    checkpoints.write(4, {"weight": torch.randn(3, 2, generator=generator)}, [{"step": 1, "loss": 0.5}])
    content = checkpoints.path.read_bytes()
    for place in range(len(content)):
        damaged = bytearray(content)
        damaged[place] ^= 1 << (place % 8)
        checkpoints.path.write_bytes(damaged)
        try:
            found = read_checkpoint(checkpoints.path)
        except FieldFileError:
            continue
        assert (found.step, found.settings) == (4, {"seed": 3})  # a space between the parts of the header
        assert damaged[-24:] == content[-24:]
