"""Cameras: where each picture was taken from, and how its lens maps directions to pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...errors import SignalError

__all__ = ["Cameras", "look_at"]

_RIGID = 1e-2  # how far a rotation of a file may be from orthonormal: some are written with few digits


@dataclass(frozen=True)
class Cameras:
    """N cameras of pictures of one size.

    ``poses`` (N, 4, 4) lead from camera to world; a camera looks along its −z, x points right and y up (OpenGL, as in
    NeRF, Blender, nerfstudio and instant-ngp). ``focal`` (N, 2) is (fl_x, fl_y) and ``centre`` (N, 2) is (cx, cy), in
    pixels from the picture's upper left corner, whose pixel (0, 0) has its middle at (½, ½). ``distortion`` (N, 5) is
    OpenCV's (k1, k2, p1, p2, k3). ``size`` is (height, width).

    Raises ``SignalError`` for poses that are not finite, not 4×4 or not rigid, and for a focal length that is not
    positive.

    >>> camera = Cameras.pinhole(look_at((0.0, -4.0, 0.0), (0.0, 0.0, 0.0))[None], 100.0, (80, 60))
    >>> camera.project(np.zeros((1, 3)))[0]
    array([[30., 40.]])
    """

    poses: np.ndarray
    focal: np.ndarray
    centre: np.ndarray
    distortion: np.ndarray
    size: tuple[int, int]

    def __post_init__(self) -> None:
        poses = self.poses
        if poses.ndim != 3 or poses.shape[1:] != (4, 4) or not len(poses):
            raise SignalError(f"poses are (views, 4, 4) matrices, not {poses.shape}; give camera-to-world matrices")
        for index, pose in enumerate(poses):
            _check_rigid(pose, index)
        if not (np.isfinite(self.focal).all() and (self.focal > 0).all()):
            raise SignalError(f"a focal length is a positive number of pixels, not {self.focal.min():g}")
        if not (np.isfinite(self.centre).all() and np.isfinite(self.distortion).all()):
            raise SignalError("principal points and lens coefficients are finite numbers; mend the camera file")
        if min(self.size) < 1:
            raise SignalError(f"a picture has a positive size, not {self.size}")

    @classmethod
    def pinhole(cls, poses: np.ndarray, focal: float, size: tuple[int, int]) -> Cameras:
        """Cameras without distortion that look through the middle of their pictures."""
        count = len(poses)
        return cls(
            np.asarray(poses, dtype=np.float64),
            np.full((count, 2), float(focal)),
            np.tile(np.array([size[1] / 2, size[0] / 2]), (count, 1)),
            np.zeros((count, 5)),
            size,
        )

    def __len__(self) -> int:
        return len(self.poses)

    @property
    def places(self) -> np.ndarray:
        """Where the cameras stand, (N, 3) in the world."""
        return self.poses[:, :3, 3]

    @property
    def axes(self) -> np.ndarray:
        """Unit vectors along which they look, (N, 3)."""
        return -self.poses[:, :3, 2] / np.linalg.norm(self.poses[:, :3, 2], axis=1, keepdims=True)

    @property
    def half_widths(self) -> np.ndarray:
        """Half of what a picture's longer side shows per unit of depth, (N,)."""
        return (np.array([self.size[1], self.size[0]]) / 2 / self.focal).max(axis=1)

    def chosen(self, views: np.ndarray | list[int]) -> Cameras:
        """Some of them."""
        rows = np.asarray(views, dtype=np.int64)
        return Cameras(self.poses[rows], self.focal[rows], self.centre[rows], self.distortion[rows], self.size)

    def posed(self, pose: np.ndarray) -> Cameras:
        """The first one's lens at another place, one camera."""
        return replace(self.chosen([0]), poses=np.asarray(pose, dtype=np.float64)[None])

    def resized(self, size: tuple[int, int]) -> Cameras:
        """The same view with other pixels: as much of the scene along the height, and more or less along the width.

        >>> Cameras.pinhole(np.eye(4)[None], 100.0, (80, 60)).resized((40, 60)).focal
        array([[50., 50.]])
        """
        scale = size[0] / self.size[0]
        middle = np.array([self.size[1], self.size[0]]) / 2
        moved = (self.centre - middle) * scale + np.array([size[1], size[0]]) / 2
        return replace(self, focal=self.focal * scale, centre=moved, size=size)

    def project(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pixels (N, P, 2) as (x, y), and depths (N, P) along the axis, of points (P, 3); for one camera (P, …).

        Points behind a camera have negative depth, and no meaningful pixel.
        """
        from .lens import distort

        rotation, places = self.poses[:, :3, :3], self.poses[:, :3, 3]
        local = np.einsum("nij,npi->npj", rotation, points[None] - places[:, None])  # the transpose turns back
        depth = -local[..., 2]
        safe = np.where(np.abs(depth) < 1e-12, 1e-12, depth)
        plane = np.stack([local[..., 0] / safe, -local[..., 1] / safe], axis=-1)
        pixels = distort(plane, self.distortion[:, None]) * self.focal[:, None] + self.centre[:, None]
        return (pixels[0], depth[0]) if len(self) == 1 else (pixels, depth)


def _check_rigid(pose: np.ndarray, index: int) -> None:
    if not np.isfinite(pose).all():
        raise SignalError(f"the pose of view {index} holds NaN or infinite numbers; leave that view out")
    rotation = pose[:3, :3]
    off = np.abs(rotation.T @ rotation - np.eye(3)).max()
    if off > _RIGID or np.linalg.det(rotation) < 0 or np.abs(pose[3] - [0, 0, 0, 1]).max() > 1e-6:
        raise SignalError(
            f"the pose of view {index} is no rigid motion (its rotation is off by {off:.2g}); "
            "give camera-to-world matrices without scale or mirror"
        )


def look_at(place: tuple[float, float, float], target: tuple[float, float, float]) -> np.ndarray:
    """The pose (4, 4) of a camera at ``place`` that looks at ``target`` with the world's z upwards.

    Looking straight up or down, y is upwards instead. Raises ``SignalError`` where the two points are one.

    >>> look_at((0.0, -2.0, 0.0), (0.0, 0.0, 0.0)).round(3) + 0.0
    array([[ 1.,  0.,  0.,  0.],
           [ 0.,  0., -1., -2.],
           [ 0.,  1.,  0.,  0.],
           [ 0.,  0.,  0.,  1.]])
    """
    back = np.asarray(place, dtype=np.float64) - np.asarray(target, dtype=np.float64)
    distance = np.linalg.norm(back)
    if distance == 0:
        raise SignalError("a camera does not stand where it looks at; give a radius above 0")
    back = back / distance
    up = np.array([0.0, 0.0, 1.0]) if abs(back[2]) < 1 - 1e-9 else np.array([0.0, 1.0, 0.0])
    right = np.cross(up, back)
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(back, right), back], axis=1)
    pose[:3, 3] = place
    return pose
