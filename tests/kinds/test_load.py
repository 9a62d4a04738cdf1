"""Field files of every kind are read back as the fields that were saved; other files are named."""

from __future__ import annotations

import json
import signal
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.fuzz.seeds import SEEDS

import fourierfield
from fourierfield.errors import FieldFileError, Interrupted
from fourierfield.kinds._fit import run_fit
from fourierfield.kinds._load import load
from fourierfield.kinds._registry import KINDS
from fourierfield.networks._field import NetworkField
from fourierfield.regression._field import KernelField
from fourierfield.tasks._settings import FitSettings
from fourierfield.tasks._task import FitEvents
from fourierfield.training._checkpoint import Checkpointer
from fourierfield.training._loop import Progress


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


TRAINED = {"steps": 40, "width": 16, "features": 8, "bandwidth": 1.0, "method": "network"}


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("png", {}),
        ("wav", {}),
        ("obj", {}),
        ("csv", {}),
        ("views npz", {}),
        ("exchange", {"kind": "ct"}),
        ("fastmri", {"kind": "mri"}),
    ],
)
def test_a_checkpoint_holds_the_field_of_its_step(tmp_path: Path, kind: str, options: dict[str, str]) -> None:
    done: list[Progress] = []
    events = FitEvents(
        progress=done.append, stop_signal=lambda: signal.SIGINT if done and done[-1].step >= 20 else None
    )
    settings = FitSettings(out=tmp_path / "f.safetensors", **options, **TRAINED)  # type: ignore[arg-type]
    with pytest.raises(Interrupted) as stopped:
        run_fit(SEEDS[kind](tmp_path), settings, events)
    field = load(str(stopped.value.checkpoint))
    assert field.record["steps"] == stopped.value.step == 20
    assert field.record["planned"] == 40
    shorter = run_fit(SEEDS[kind](tmp_path), replace(settings, steps=20, out=None, restart=True)).field
    assert field.source == shorter.source
    assert (field.domain, field.placement, field.value_range) == (
        shorter.domain,
        shorter.placement,
        shorter.value_range,
    )
    assert np.isfinite(field(np.full((3, field.domain.dimensions), 0.4))).all()


def test_a_checkpoint_without_a_field_says_how_to_finish(tmp_path: Path) -> None:
    Checkpointer(tmp_path / "f.checkpoint", {}).write(3, {}, [])
    with pytest.raises(FieldFileError, match="unfinished fit; finish it first"):
        load(tmp_path / "f.checkpoint")


def leaves(held: object, path: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    if isinstance(held, dict | list):
        for key, part in held.items() if isinstance(held, dict) else enumerate(held):
            yield from leaves(part, (*path, key))
    else:
        yield path


@pytest.mark.parametrize("method", ["network", "kernel"])
@pytest.mark.parametrize("value", [10**9, 10**15, -1, 0, 1e300, float("nan"), "x", None, [[]], {}], ids=str)
def test_headers_with_any_other_value_load_or_are_refused(tmp_path: Path, method: str, value: object) -> None:
    """Neither memory nor time is spent on what a header claims, and no field is made that cannot be evaluated."""
    sizes = {} if method == "kernel" else {"steps": 2, "width": 8, "features": 4, "bandwidth": 2.0}
    path = tmp_path / "f.safetensors"
    fourierfield.fit(np.eye(8, dtype=np.float32), method=method, out=path, **sizes)
    content = path.read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])
    facts = json.loads(header["__metadata__"]["fourierfield"])
    for place in leaves({name: part for name, part in facts.items() if name != "record"}):
        changed = json.loads(header["__metadata__"]["fourierfield"])
        held = changed
        for key in place[:-1]:
            held = held[key]
        held[place[-1]] = value
        header_now = {**header, "__metadata__": {"fourierfield": json.dumps(changed)}}
        text = json.dumps(header_now).encode()
        path.write_bytes(struct.pack("<Q", len(text)) + text + content[8 + length :])
        try:
            field = load(path)
        except fourierfield.FourierFieldError:
            continue
        assert field(np.full((2, 2), 0.5)).shape == (2, 1), place
