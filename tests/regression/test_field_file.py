"""Kernel fields come back to the bit, and damaged files are refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from torch import Tensor

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.errors import FieldFileError
from fourierfield.grids._arrays import as_signal
from fourierfield.grids._domain import Domain
from fourierfield.grids._points import Placement, PointSignal
from fourierfield.grids._splits import GridHoldOut, RandomHoldOut
from fourierfield.kinds._load import load as load_field
from fourierfield.networks._field_file import read_tensors, write_tensors
from fourierfield.problems._grid import grid_problem
from fourierfield.problems._points import PointProblem, PointSamples, Problem, point_problem
from fourierfield.regression import _field as field
from fourierfield.regression._choice import KernelChoice
from fourierfield.regression._field import KernelField
from fourierfield.regression._spec import KernelSpec
from fourierfield.regression._train import train_kernel

SPEC = KernelSpec(EncodingSpec("gaussian", 1.5))


def picture(gaps: bool = False) -> np.ndarray:
    values = np.random.default_rng(0).random((9, 12, 3)).astype(np.float32)
    if gaps:
        values[2:5, 3:6, 1] = np.nan
    return values


def table() -> PointSignal:
    rng = np.random.default_rng(0)
    points = rng.random((60, 2))
    placement = Placement(("lon", "lat"), (170.0, -10.0), (0.05, 0.05), geographic=True)
    domain = Domain((1.0, 1.0), ("km", "km"))
    return PointSignal(points, rng.random((60, 2)) * [1.0, 1e5], domain, placement, ("a", "b"), "table")


def weighted() -> PointProblem:
    problem = point_problem(table())
    points, values = problem.training.points, problem.training.values
    return replace(problem, training=PointSamples(points, values, 0.5 + points[:, 0]))


PROBLEMS: dict[str, Problem] = {
    "whole": grid_problem(as_signal(picture())),
    "lattice": grid_problem(as_signal(picture()), GridHoldOut()),
    "chance": grid_problem(as_signal(picture()), RandomHoldOut(0.3)),
    "gaps": grid_problem(as_signal(picture(gaps=True))),
    "table": point_problem(table()),
    "weighted": weighted(),
}
SPECS = {
    "plain": SPEC,
    "smooth": replace(SPEC, trained="last", depth=3),
    "drawn": KernelSpec(EncodingSpec("gaussian", 1.5, 30), seed=4),
    "stretched": KernelSpec(EncodingSpec("laplace", (2.0, 0.5))),
    "own frequencies": KernelSpec(EncodingSpec("basic")),
}


def made(problem: str = "whole", spec: str = "plain") -> KernelField:
    choice = KernelChoice(SPECS[spec], 0.03, 1)
    found = train_kernel(PROBLEMS[problem], choice).field
    found.record = {"metrics": {"train_psnr_db": 1.5}, "settings": {}}
    found.placement = table().placement if problem in ("table", "weighted") else None
    return found


@pytest.mark.parametrize(("problem", "spec"), [(p, "plain") for p in PROBLEMS] + [("table", s) for s in SPECS])
def test_a_loaded_field_is_the_saved_one_to_the_bit(
    problem: str, spec: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By either way of summing, its slopes and deviations included; saved again it is the same file."""
    saved = made(problem, spec)
    saved.save(tmp_path / "a")
    loaded = load_field(tmp_path / "a")
    assert isinstance(loaded, KernelField)
    points = torch.rand(40, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    for most in (field._DENSE, 0) if spec == "plain" else (field._DENSE,):
        monkeypatch.setattr(field, "_DENSE", most)
        for name in ("__call__", "gradient", "deviation"):
            assert torch.equal(getattr(loaded, name)(points), getattr(saved, name)(points))
    for name in ("spec", "domain", "value_range", "source", "record", "placement"):
        assert getattr(loaded, name) == getattr(saved, name)
    loaded.save(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_bytes_are_reproducible_and_hold_one_sorted_entry(tmp_path: Path) -> None:
    for name in ("a", "b"):
        made("gaps").save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    with safe_open(tmp_path / "a", framework="pt") as file:
        (text,) = file.metadata().values()
    header = json.loads(text)
    assert (header["version"], header["kind"]) == (1, "kernel-field")
    assert text == json.dumps(header, sort_keys=True, separators=(",", ":"))


def test_a_file_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "field"
    made().save(path)
    whole = path.read_bytes()
    for content in (b"", whole[:50], whole[: len(whole) // 2], whole[:-1]):
        path.write_bytes(content)
        with pytest.raises(FieldFileError, match="damaged, cut off"):
            load_field(path)


def headers_spoiled(header: dict[str, Any]) -> list[dict[str, Any]]:
    """Each entry gone, or of a kind that it cannot be."""
    needed = [key for key in header if key not in ("version", "kind")]
    gone = [{k: v for k, v in header.items() if k != key} for key in needed]
    other = [{**header, key: wrong} for key in needed if key != "record" for wrong in ([1], "x")]
    kernels = [{**header, "kernel": {**header["kernel"], **part}} for part in ({"depth": 0}, {"unknown": 1})]
    return [*gone, *other, *kernels]


@pytest.mark.parametrize("problem", ["chance", "table"])
def test_a_file_with_a_spoiled_header_is_refused_in_one_line(problem: str, tmp_path: Path) -> None:
    made(problem).save(tmp_path / "a")
    tensors, header = read_tensors(tmp_path / "a")
    for spoiled in headers_spoiled(header):
        write_tensors(tmp_path / "b", tensors, spoiled)
        with pytest.raises(FieldFileError, match=r"b is not a whole field \(.*\); fit the signal again") as refusal:
            load_field(tmp_path / "b")
        assert "\n" not in str(refusal.value)


def tensors_spoiled(tensors: dict[str, Tensor]) -> list[dict[str, Tensor]]:
    """Each gone, cut by a row, with an axis more, and with one less."""
    names = [name for name in tensors if name not in ("known", "sample_weights")]
    gone = [{k: v for k, v in tensors.items() if k != name} for name in names]
    for change in (lambda t: t[:-1], lambda t: t[..., None], lambda t: t[0]):
        gone += [{**tensors, name: change(tensors[name]).clone()} for name in tensors]
    return gone


@pytest.mark.parametrize("problem", ["chance", "gaps", "table", "weighted"])
def test_a_file_with_spoiled_tensors_is_refused(problem: str, tmp_path: Path) -> None:
    made(problem).save(tmp_path / "a")
    tensors, header = read_tensors(tmp_path / "a")
    for spoiled in tensors_spoiled(tensors):
        write_tensors(tmp_path / "b", spoiled, header)
        with pytest.raises(FieldFileError, match="not a whole field"):
            load_field(tmp_path / "b")
    if "flat" in tensors:
        write_tensors(tmp_path / "b", {**tensors, "flat": tensors["flat"] + 50}, header)
        with pytest.raises(FieldFileError, match="not a whole field"):
            load_field(tmp_path / "b")


def test_other_kinds_and_newer_versions_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tensors(tmp_path / "checkpoint", {"a": torch.zeros(1)}, {"kind": "checkpoint"})
    with pytest.raises(FieldFileError, match="lacks a part"):
        load_field(tmp_path / "checkpoint")
    monkeypatch.setattr("fourierfield.networks._field_file.FORMAT_VERSION", 2)
    made().save(tmp_path / "newer")
    monkeypatch.undo()
    with pytest.raises(FieldFileError, match=r"format version 2.*update"):
        load_field(tmp_path / "newer")
