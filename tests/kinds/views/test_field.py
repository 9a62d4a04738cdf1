"""Fields of views and their files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import fourierfield
from fourierfield.errors import FieldFileError
from fourierfield.kinds.views._field import ViewsField
from fourierfield.kinds.views._occupancy import occupied_at, pack_cells, unpack_cells
from fourierfield.networks._field_file import read_tensors, write_tensors


def test_a_file_rebuilds_the_field(views_field: ViewsField, tmp_path: Path) -> None:
    path = tmp_path / "views.safetensors"
    views_field.save(path)
    again = fourierfield.load(path)
    assert isinstance(again, ViewsField)
    points = np.random.default_rng(0).random((50, 3))
    assert np.array_equal(again(points), views_field(points))
    assert np.array_equal(again.scene.cameras.poses, views_field.scene.cameras.poses)
    assert again.scene.held_out == (8, 9)
    assert again.step == views_field.step
    assert again.placement == views_field.scene.placement
    again.save(tmp_path / "twice.safetensors")
    assert (tmp_path / "twice.safetensors").read_bytes() == path.read_bytes()


def test_the_field_is_zero_where_nothing_is_and_in_torch_too(views_field: ViewsField) -> None:
    points = torch.rand(500, 3, generator=torch.Generator().manual_seed(0))
    values = views_field(points)
    occupied = occupied_at(views_field.cells, points)
    assert 0 < int(occupied.sum()) < 500
    assert bool((values[~occupied] == 0).all())
    assert bool((values[occupied, 3] > 0).all())
    assert bool(((values[:, :3] >= 0) & (values[:, :3] <= 1)).all())
    assert torch.allclose(views_field.to_torch()(points), values, rtol=1e-5)
    assert views_field(points[:0]).shape == (0, 4)
    assert views_field(points.reshape(5, 100, 3)).shape == (5, 100, 4)


def test_cells_outside_the_box_are_empty() -> None:
    cells = torch.ones(4, 4, 4, dtype=torch.bool)
    points = torch.tensor([[0.5, 0.5, 1.01], [-1e-3, 0.5, 0.5], [0.999, 0.0, 0.5]])
    assert occupied_at(cells, points).tolist() == [False, False, True]


def test_cells_are_packed_into_few_bytes() -> None:
    cells = torch.zeros(64, 64, 64, dtype=torch.bool)
    cells[20:40, 20:40, 20:40] = True
    packed = pack_cells(cells)
    assert len(packed) < 2000
    assert torch.equal(unpack_cells(packed, 64), cells)
    with pytest.raises(ValueError, match="unpacked"):
        unpack_cells(packed[:-9], 64)


@pytest.mark.parametrize("broken", ["scene.cells", "scene.poses"])
def test_damaged_cameras_are_refused(views_field: ViewsField, tmp_path: Path, broken: str) -> None:
    path = tmp_path / "views.safetensors"
    views_field.save(path)
    tensors, header = read_tensors(path)
    tensors[broken] = torch.zeros_like(tensors[broken])
    write_tensors(path, tensors, header)
    with pytest.raises(FieldFileError, match="fit it again"):
        fourierfield.load(path)
