"""The box that the pictures show, and the cameras that a field keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import SignalError
from ...grids._domain import Domain
from ...grids._points import Placement
from ._cameras import Cameras

AXES = ("x", "y", "z")
BACKGROUNDS = {"black": 0.0, "white": 1.0}  # the value of all three colours
BLENDER_HALF = 1.5  # world units: NeRF's synthetic scenes lie within ±1.5 of the origin
BLENDER_RANGE = (2.0, 6.0)  # world units: the near and far depths of NeRF's synthetic scenes
_PARALLEL = 1e-3  # the smallest eigenvalue of the mean of I − d dᵀ at which optical axes d still meet in a point


@dataclass(frozen=True)
class Scene:
    """Cameras and the box that they look into: what a field of views keeps of its signal besides the colours.

    ``placement`` maps the world to coordinates: a cube becomes [0, 1]³, with axes x, y, z. ``near`` and ``far`` bound
    the depth along a camera's axis, in world units. ``background`` is "black" or "white": the colour behind
    everything. ``held_out`` lists the views that were kept back.
    """

    cameras: Cameras
    placement: Placement
    near: float
    far: float
    background: str = "black"
    held_out: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.background not in BACKGROUNDS:
            raise SignalError(f"a background must be black or white, not {self.background}")
        if not 0 <= self.near < self.far < np.inf:
            raise SignalError(f"near ({self.near:g}) must be 0 or more and below far ({self.far:g}), both finite")

    @property
    def backdrop(self) -> float:
        """The value of the background's three colours."""
        return BACKGROUNDS[self.background]

    @property
    def side(self) -> float:
        """The side of the box, in world units."""
        return 1 / self.placement.factor[0]

    @property
    def middle(self) -> np.ndarray:
        """The middle of the box in the world, (3,)."""
        return np.asarray(self.placement.origin) + self.side / 2

    @property
    def domain(self) -> Domain:
        """The box as the domain of a field; its side is one coordinate unit."""
        return Domain((self.side,) * 3, ("unit",) * 3)

    @property
    def distance(self) -> float:
        """The median distance of the cameras from the middle of the box, in world units."""
        return float(np.median(np.linalg.norm(self.cameras.places - self.middle, axis=1)))

    @property
    def pixels_per_unit(self) -> float:
        """The pixels that one coordinate unit spans at the middle of the box, the median over the cameras."""
        depth = np.linalg.norm(self.cameras.places - self.middle, axis=1)
        return float(np.median(self.cameras.focal.mean(axis=1) / np.maximum(depth, 1e-9))) * self.side

    def to_json(self) -> dict[str, Any]:
        """Return everything but the cameras and the placement as plain values."""
        return {
            "size": list(self.cameras.size),
            "near": self.near,
            "far": self.far,
            "background": self.background,
            "held_out": list(self.held_out),
        }


def box_around(middle: np.ndarray, half: float) -> Placement:
    """Return the placement that maps the cube of half side ``half`` around ``middle`` to [0, 1]³.

    >>> box_around(np.zeros(3), 1.5).to_coordinates(np.zeros((1, 3)))
    array([[0.5, 0.5, 0.5]])
    """
    return Placement(AXES, tuple(float(x) for x in np.asarray(middle) - half), (1 / (2 * half),) * 3)


def scene_box(cameras: Cameras, near: float | None, far: float | None) -> Placement:
    """Return the placement of the cube that the cameras look into.

    NeRF's synthetic scenes, which are recognised by their depths of 2 to 6, lie within ±1.5. For other scenes the
    middle m is the point nearest to all optical axes, Σ (I − d dᵀ) m = Σ (I − d dᵀ) o for cameras at o that look along
    d, in front of the cameras. Half a side is half of what the longer side of the median picture shows at that
    distance, but at most (far − near)/2. If the axes are parallel, the middle lies on their mean, halfway from near to
    far, or four times the cameras' spread ahead if the depths are unknown.
    """
    if (near, far) == BLENDER_RANGE:
        placement = box_around(np.zeros(3), BLENDER_HALF)
        if all(_sees(cameras, placement)):
            return placement
    middle = _looked_at(cameras, near, far)
    distance = np.linalg.norm(cameras.places - middle, axis=1)
    half = float(np.median(distance * cameras.half_widths))
    if near is not None and far is not None:
        half = min(half, (far - near) / 2)
    if not 0 < half < np.inf:
        raise SignalError("the cameras stand at the point that they look at, so they see no scene; check the poses")
    placement = box_around(middle, half)
    blind = [index for index, sees in enumerate(_sees(cameras, placement)) if not sees]
    if blind:
        raise SignalError(
            f"view {blind[0]} never meets the box around the point that the cameras look at "
            f"({', '.join(f'{x:.3g}' for x in middle)}; half side {half:.3g}); "
            "check that its pose is camera-to-world, or leave it out"
        )
    return placement


def _looked_at(cameras: Cameras, near: float | None, far: float | None) -> np.ndarray:
    axes, places = cameras.axes, cameras.places
    across = np.eye(3) - axes[:, :, None] * axes[:, None, :]
    total = across.mean(axis=0)
    if np.linalg.eigvalsh(total)[0] > _PARALLEL:
        middle = np.linalg.solve(total, np.einsum("nij,nj->i", across, places) / len(places))
        if np.median(((middle - places) * axes).sum(axis=1)) > 0:
            return np.asarray(middle)
    spread = np.linalg.norm(places - places.mean(axis=0), axis=1).max()
    ahead = (near + far) / 2 if near is not None and far is not None else 4 * max(float(spread), 0.25)
    return np.asarray(places.mean(axis=0) + ahead * axes.mean(axis=0) / np.linalg.norm(axes.mean(axis=0)))


def _sees(cameras: Cameras, placement: Placement) -> np.ndarray:
    """Return whether each camera's picture shows a point of a lattice in the box, (N,) bool."""
    along = np.linspace(0, 1, 9)
    lattice = np.stack(np.meshgrid(along, along, along, indexing="ij"), axis=-1).reshape(-1, 3)
    points = placement.to_columns(lattice)
    shown = []
    for index in range(len(cameras)):
        pixels, depth = cameras.chosen([index]).project(points)
        inside = (pixels >= 0) & (pixels <= np.array([cameras.size[1], cameras.size[0]]))
        shown.append(bool((inside.all(axis=-1) & (depth > 0)).any()))
    return np.asarray(shown)
