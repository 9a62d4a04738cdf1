"""Fields of posed pictures: colour and density in a box, with the cameras that saw it."""

from __future__ import annotations

import copy
import math
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn

from ...errors import FieldFileError
from ...grids._points import Placement
from ...grids._signal import SignalDescription
from ...networks._field import NetworkField
from ...networks._mlp import CoordinateNetwork
from ...networks._values import ValueRange
from ._cameras import Cameras
from ._occupancy import occupied_at, pack_cells, unpack_cells
from ._scene import Scene


class ViewsField(NetworkField):
    """A field of colour and density, (…, 4) at coordinates (…, 3) of the scene's box.

    Red, green and blue lie in [0, 1], and the density is ≥ 0 per coordinate unit. All four are zero outside the
    occupied ``cells`` (n, n, n) bool, where the network was never evaluated. ``step`` is the distance of samples along
    rays, in coordinate units. ``scene`` has the cameras, and ``placement`` maps the world to coordinates; the density
    per world unit is the density per coordinate unit divided by ``scene.side``.
    """

    def __init__(
        self,
        network: CoordinateNetwork,
        scene: Scene,
        cells: Tensor,
        step: float,
        source: SignalDescription,
        record: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(network, scene.domain, ValueRange(), source, record, scene.placement)
        self.scene = scene
        self.cells = cells.to(self.device)
        self.step = step

    def to(self, device: torch.device | str) -> Self:
        super().to(device)
        self.cells = self.cells.to(device)
        return self

    def to_torch(self) -> nn.Module:
        return _InCells(copy.deepcopy(self.network).requires_grad_(True), self.cells.clone())

    def _evaluate(self, coordinates: Tensor) -> Tensor:
        self._check(coordinates)
        points = coordinates.to(self.network.mlp.layers[0].weight)
        occupied = occupied_at(self.cells, points)
        values = points.new_zeros(*points.shape[:-1], 4)
        return values.masked_scatter(occupied[..., None], super()._evaluate(points[occupied]))

    def _attached(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        cameras = self.scene.cameras
        tensors = {
            "scene.poses": cameras.poses[:, :3],
            "scene.focal": cameras.focal,
            "scene.centre": cameras.centre,
            "scene.distortion": cameras.distortion,
        }
        held = {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in tensors.items()}
        header = {**self.scene.to_json(), "step": self.step, "cells": self.cells.shape[0]}
        return {**held, "scene.cells": pack_cells(self.cells)}, {"scene": header}

    @classmethod
    def restored(cls, plain: NetworkField, tensors: dict[str, Tensor], header: dict[str, Any]) -> ViewsField:
        """Rebuild a field of views from the network in a file and the tensors ``scene.…`` of its cameras."""
        try:
            cells = unpack_cells(tensors["scene.cells"], int(header["cells"]))
            scene = _scene(tensors, header, plain.placement)
            step = float(header["step"])
            if not len(cells) or not 0 < step < math.inf:
                raise ValueError(f"{len(cells)} cells, and steps of {step}")
            return cls(plain.network, scene, cells, step, plain.source, plain.record)
        except (KeyError, ValueError, TypeError) as problem:
            raise FieldFileError(f"the field of views has damaged cameras ({problem}); fit it again") from problem


class _InCells(nn.Module):
    """A network that is zero outside the occupied cells."""

    cells: Tensor

    def __init__(self, network: CoordinateNetwork, cells: Tensor) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("cells", cells)

    def forward(self, coordinates: Tensor) -> Tensor:
        return self.network(coordinates) * occupied_at(self.cells, coordinates)[..., None]


def _scene(tensors: dict[str, Tensor], header: dict[str, Any], placement: Placement | None) -> Scene:
    if placement is None:
        raise ValueError("no placement")
    poses = np.tile(np.eye(4), (len(tensors["scene.poses"]), 1, 1))
    poses[:, :3] = tensors["scene.poses"].numpy()
    focal, centre, distortion = (tensors[f"scene.{name}"].numpy() for name in ("focal", "centre", "distortion"))
    height, width = header["size"]
    cameras = Cameras(poses, focal, centre, distortion, (height, width))
    return Scene(
        cameras, placement, header["near"], header["far"], header["background"], tuple(map(int, header["held_out"]))
    )
