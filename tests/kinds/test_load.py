"""Field files of every kind are read back as the fields that were saved; other files are named."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest

import fourierfield
from fourierfield.errors import FieldFileError
from fourierfield.kinds._load import load
from fourierfield.kinds._registry import KINDS
from fourierfield.networks._field import NetworkField
from fourierfield.regression._field import KernelField


def test_networks_and_kernels_come_back_as_what_they_are(tmp_path: Path, small_field: NetworkField) -> None:
    kernel_field = fourierfield.fit(np.eye(8, dtype=np.float32), method="kernel")
    points = np.random.default_rng(0).random((9, 2))
    for field, kind in ((small_field, NetworkField), (kernel_field, KernelField)):
        field.save(tmp_path / "a.safetensors")
        back = load(str(tmp_path / "a.safetensors"))
        assert type(back) is kind
        assert np.array_equal(back(points), field(points))


def test_a_kind_may_restore_its_own_class(
    tmp_path: Path, small_field: NetworkField, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_field.save(tmp_path / "a.safetensors")
    asked: list[tuple[NetworkField, set[str], str]] = []

    def restore(field: NetworkField, tensors: dict[str, object], header: dict[str, str]) -> NetworkField:
        asked.append((field, set(tensors), header["kind"]))
        return small_field

    monkeypatch.setattr(KINDS["image"], "restore", restore)
    assert load(tmp_path / "a.safetensors") is small_field
    ((field, tensors, kind),) = asked
    assert field.source == small_field.source
    assert tensors
    assert kind == "network-field"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [("a.bin", b"GIF89a", r"is a picture \(GIF\)"), ("it's.csv", b"x,y\n1,2\n3,4\n", "is a table of points")],
)
def test_signals_are_named_with_the_command_that_fits_them(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FieldFileError, match=words) as caught:
        load(path)
    quoted = "'" + str(path).replace("'", "'\"'\"'") + "'" if "'" in name else str(path)
    assert str(caught.value).endswith(f"not a field; fit it first: fourierfield fit {quoted}")


@pytest.mark.parametrize("lost", ["domain", "encoding", "source"])
def test_a_header_that_lacks_a_part_is_refused_in_one_line(
    tmp_path: Path, small_field: NetworkField, lost: str
) -> None:
    path = tmp_path / "a.safetensors"
    small_field.save(path)
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    head = json.loads(content[8 : 8 + length])
    entry = json.loads(head["__metadata__"]["fourierfield"])
    del entry[lost]
    head["__metadata__"]["fourierfield"] = json.dumps(entry)
    text = json.dumps(head).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + content[8 + length :])
    with pytest.raises(FieldFileError, match="is not a whole field") as caught:
        load(path)
    assert "\n" not in str(caught.value)
