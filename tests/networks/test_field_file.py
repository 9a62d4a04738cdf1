"""A field file rebuilds the field alone, is reproducible to the byte, and anything else is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.errors import FieldFileError
from fourierfield.grids._sample_format import AudioFormat, SampleFormat
from fourierfield.grids._signal import SignalDescription
from fourierfield.kinds._load import load as load_field
from fourierfield.networks._field import NetworkField
from fourierfield.networks._field_file import write_tensors
from fourierfield.networks._mlp import MLP, CoordinateNetwork, MLPSpec


def test_a_loaded_field_is_the_saved_one(tmp_path: Path, small_field: NetworkField) -> None:
    small_field.save(tmp_path / "a.safetensors")
    loaded = load_field(tmp_path / "a.safetensors")
    points = torch.rand(9, 2)
    assert torch.equal(loaded(points), small_field(points))
    assert (loaded.domain, loaded.source, loaded.record) == (small_field.domain, small_field.source, small_field.record)
    assert loaded.value_range == small_field.value_range


@pytest.mark.parametrize("family", ["none", "nerf", "positional", "laplace"])
def test_every_kind_of_encoding_survives(tmp_path: Path, small_field: NetworkField, family: str) -> None:
    generator = torch.Generator().manual_seed(1)
    encoding = EncodingSpec(family, None if family == "none" else 8.0).build(2, generator)
    mlp = MLP(MLPSpec(encoding.out_features, 3, depth=3, width=8, skips=(1,)), generator)
    small_field.network = CoordinateNetwork(encoding, mlp)
    small_field.save(tmp_path / "a.safetensors")
    points = torch.rand(9, 2)
    assert torch.equal(load_field(tmp_path / "a.safetensors")(points), small_field(points))


def test_bytes_are_reproducible_and_hold_one_sorted_entry(tmp_path: Path, small_field: NetworkField) -> None:
    for name in ("a", "b"):
        small_field.save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    with safe_open(tmp_path / "a", framework="pt") as file:
        (text,) = file.metadata().values()
    header = json.loads(text)
    assert header["version"] == 1
    assert text == json.dumps(header, sort_keys=True, separators=(",", ":"))


def test_other_and_damaged_files_are_refused(tmp_path: Path, small_field: NetworkField) -> None:
    path = tmp_path / "field.safetensors"
    small_field.save(path)
    whole = path.read_bytes()
    for content in (b"", b"x" * 100, whole[:50], whole[: len(whole) // 2], whole[:-1]):
        path.write_bytes(content)
        with pytest.raises(FieldFileError, match="damaged, cut off"):
            load_field(path)
    with pytest.raises(FieldFileError, match="does not exist"):
        load_field(tmp_path / "absent")
    save_file({"a": torch.zeros(1)}, path)
    with pytest.raises(FieldFileError, match="not one that fourierfield wrote"):
        load_field(path)


def test_another_kind_of_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a b.mat"
    path.write_bytes(b"MATLAB 5.0 MAT-file".ljust(128))
    with pytest.raises(FieldFileError, match=r"a b.mat is a MATLAB file, not a field; fit it first: ") as caught:
        load_field(path)
    assert str(caught.value).endswith(f"fourierfield fit '{path}' --as mri, or --as ct")


def test_newer_versions_and_other_kinds_are_refused(
    tmp_path: Path, small_field: NetworkField, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tensors(tmp_path / "checkpoint", {"a": torch.zeros(1)}, {"kind": "checkpoint"})
    with pytest.raises(FieldFileError, match="lacks a part"):
        load_field(tmp_path / "checkpoint")
    write_tensors(tmp_path / "half", {"a": torch.zeros(1)}, {"kind": "network-field"})
    with pytest.raises(FieldFileError, match="not a whole field"):
        load_field(tmp_path / "half")
    monkeypatch.setattr("fourierfield.networks._field_file.FORMAT_VERSION", 2)
    small_field.save(tmp_path / "newer")
    monkeypatch.undo()
    with pytest.raises(FieldFileError, match=r"format version 2.*update"):
        load_field(tmp_path / "newer")


def test_what_a_sound_file_was_like_is_kept_and_of_an_image_nothing_of_it(
    tmp_path: Path, small_field: NetworkField
) -> None:
    small_field.save(tmp_path / "image")
    with safe_open(tmp_path / "image", framework="pt") as file:
        header = json.loads(file.metadata()["fourierfield"])
    assert header["source"]["sample_format"] == {"dtype": "uint8", "squeeze": False}
    audio = SampleFormat("float32", audio=AudioFormat(44100, "FLAC", "PCM_24"))
    small_field.source = SignalDescription("audio", (9,), 3, audio)
    small_field.save(tmp_path / "sound")
    assert load_field(tmp_path / "sound").source == small_field.source
