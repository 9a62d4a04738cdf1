"""Cameras: where each picture was taken from, and how its lens maps directions to pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...errors import SignalError

# The largest entry of |RᵀR − I| that a file's rotation R may have: some files are written with few digits.
_RIGID = 1e-2
# Numbers that no camera has, and that would overflow further on: focal lengths in sides of the picture (a side is seen
# at 179.8° and 0.2″), lens coefficients in units of the focal length, places in world units.
_SHORTEST, _LONGEST, _MOST_DISTORTED, _FARTHEST = 1e-3, 1e6, 1e4, 1e12


@dataclass(frozen=True)
class Cameras:
    """N cameras whose pictures all have the same size.

    ``poses`` (N, 4, 4) map camera coordinates to world coordinates; a camera looks along its −z axis, with x to the
    right and y up (OpenGL, as in NeRF, Blender, nerfstudio and instant-ngp). ``focal`` (N, 2) is (fl_x, fl_y) and
    ``centre`` (N, 2) is (cx, cy), in pixels from the upper left corner of the picture; the centre of pixel (0, 0) is at
    (½, ½). ``distortion`` (N, 5) is OpenCV's (k1, k2, p1, p2, k3). ``size`` is (height, width).

    Raises ``SignalError`` if a pose is not finite, not 4×4 or not rigid, or if a focal length is not positive.

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
            raise SignalError(f"poses must be (views, 4, 4) matrices, not {poses.shape}; give camera-to-world matrices")
        if min(self.size) < 1:
            raise SignalError(f"a picture must have a positive size, not {self.size}")
        for index, pose in enumerate(poses):
            _check_rigid(pose, index)
        if not (np.isfinite(self.focal).all() and (self.focal > 0).all()):
            raise SignalError(f"a focal length must be a positive number of pixels, not {self.focal.min():g}")
        sides = self.focal / np.array([self.size[1], self.size[0]])
        if sides.min() < _SHORTEST or sides.max() > _LONGEST:
            wrong = self.focal.flat[int((np.abs(np.log(sides))).argmax())]
            raise SignalError(
                f"a focal length of {wrong:g} pixels is that of no lens, for {self.size[1]}×{self.size[0]}"
            )
        if not (np.isfinite(self.centre).all() and np.isfinite(self.distortion).all()):
            raise SignalError("principal points and lens coefficients must be finite numbers; fix the camera file")
        if np.abs(self.distortion).max(initial=0) > _MOST_DISTORTED:
            raise SignalError(f"a lens coefficient of {np.abs(self.distortion).max():g} is that of no lens; correct it")

    @classmethod
    def pinhole(cls, poses: np.ndarray, focal: float, size: tuple[int, int]) -> Cameras:
        """Return cameras without distortion whose optical axes pass through the middles of their pictures."""
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
        """The positions of the cameras in the world, (N, 3)."""
        return self.poses[:, :3, 3]

    @property
    def axes(self) -> np.ndarray:
        """Unit vectors along the viewing directions, (N, 3)."""
        return -self.poses[:, :3, 2] / np.linalg.norm(self.poses[:, :3, 2], axis=1, keepdims=True)

    @property
    def half_widths(self) -> np.ndarray:
        """Half the width of the scene that the longer side of a picture shows, per unit of depth, (N,)."""
        return (np.array([self.size[1], self.size[0]]) / 2 / self.focal).max(axis=1)

    def chosen(self, views: np.ndarray | list[int]) -> Cameras:
        """Return the cameras of the given ``views``."""
        rows = np.asarray(views, dtype=np.int64)
        return Cameras(self.poses[rows], self.focal[rows], self.centre[rows], self.distortion[rows], self.size)

    def posed(self, pose: np.ndarray) -> Cameras:
        """Return one camera with the lens of the first camera and another ``pose`` (4, 4)."""
        return replace(self.chosen([0]), poses=np.asarray(pose, dtype=np.float64)[None])

    def resized(self, size: tuple[int, int]) -> Cameras:
        """Return the cameras for pictures of another ``size`` (height, width).

        The pictures show the same part of the scene along their height, and more or less of it along their width.

        >>> Cameras.pinhole(np.eye(4)[None], 100.0, (80, 60)).resized((40, 60)).focal
        array([[50., 50.]])
        """
        scale = size[0] / self.size[0]
        middle = np.array([self.size[1], self.size[0]]) / 2
        moved = (self.centre - middle) * scale + np.array([size[1], size[0]]) / 2
        return replace(self, focal=self.focal * scale, centre=moved, size=size)

    def project(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Project ``points`` (P, 3) to pixels (N, P, 2) as (x, y), and depths (N, P) along the optical axis.

        The results of a single camera have no first axis. A point behind a camera has a negative depth and no
        meaningful pixel.
        """
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
    if np.abs(pose[:3, 3]).max() > _FARTHEST:
        raise SignalError(
            f"view {index} stands {np.abs(pose[:3, 3]).max():.2g} units from the origin; correct its pose"
        )
    rotation = pose[:3, :3]
    off = np.abs(rotation.T @ rotation - np.eye(3)).max()
    if off > _RIGID or np.linalg.det(rotation) < 0 or np.abs(pose[3] - [0, 0, 0, 1]).max() > 1e-6:
        raise SignalError(
            f"the pose of view {index} is not a rigid motion (its rotation is off by {off:.2g}); "
            "give camera-to-world matrices without scaling or mirroring"
        )


def look_at(place: tuple[float, float, float], target: tuple[float, float, float]) -> np.ndarray:
    """Return the pose (4, 4) of a camera at ``place`` that looks at ``target``, with the z axis of the world upwards.

    If the camera looks straight up or down, the y axis is upwards instead.

    >>> look_at((0.0, -2.0, 0.0), (0.0, 0.0, 0.0)).round(3) + 0.0
    array([[ 1.,  0.,  0.,  0.],
           [ 0.,  0., -1., -2.],
           [ 0.,  1.,  0.,  0.],
           [ 0.,  0.,  0.,  1.]])
    """
    back = np.asarray(place, dtype=np.float64) - np.asarray(target, dtype=np.float64)
    distance = np.linalg.norm(back)
    if distance == 0:
        raise SignalError("a camera cannot stand at the point that it looks at; give a radius above 0")
    back = back / distance
    up = np.array([0.0, 0.0, 1.0]) if abs(back[2]) < 1 - 1e-9 else np.array([0.0, 1.0, 0.0])
    right = np.cross(up, back)
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(back, right), back], axis=1)
    pose[:3, 3] = place
    return pose


_ROUNDS = 20  # Newton steps at most: bounds the work on lenses that fold the image over


def distort(points: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """Map ideal image-plane points (…, 2) to distorted ones (Brown 1966; OpenCV).

    Both are in units of the focal length:
    x' = x·(1 + k1 r² + k2 r⁴ + k3 r⁶) + 2 p1 xy + p2 (r² + 2x²), and for y' the same with x and y, and p1 and p2,
    exchanged. ``coefficients`` (…, 5) are OpenCV's (k1, k2, p1, p2, k3).

    >>> distort(np.array([0.5, 0.0]), np.array([0.1, 0.0, 0.0, 0.0, 0.0]))
    array([0.5125, 0.    ])
    """
    x, y = points[..., 0], points[..., 1]
    k1, k2, p1, p2, k3 = np.moveaxis(np.asarray(coefficients), -1, 0)
    square = x * x + y * y
    radial = 1 + square * (k1 + square * (k2 + square * k3))
    return np.stack(
        [
            x * radial + 2 * p1 * x * y + p2 * (square + 2 * x * x),
            y * radial + 2 * p2 * x * y + p1 * (square + 2 * y * y),
        ],
        axis=-1,
    )


def undistort(points: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """Invert ``distort`` by Newton's method.

    The result is accurate to rounding where the lens does not fold the image over.

    >>> lens = np.array([-0.2, 0.05, 0.001, -0.002, 0.0])
    >>> undistort(distort(np.array([0.4, -0.3]), lens), lens).round(12)
    array([ 0.4, -0.3])
    """
    points = np.asarray(points, dtype=np.float64)
    if not np.any(coefficients):
        return points
    found = points.copy()
    for _ in range(_ROUNDS):
        residual = distort(found, coefficients) - points
        if np.abs(residual).max(initial=0.0) < 1e-14:
            break
        found = found - np.linalg.solve(_jacobian(found, coefficients), residual[..., None])[..., 0]
    return found


def _jacobian(points: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """Return the Jacobian ∂distort/∂(x, y), (…, 2, 2)."""
    x, y = points[..., 0], points[..., 1]
    k1, k2, p1, p2, k3 = np.moveaxis(np.asarray(coefficients), -1, 0)
    square = x * x + y * y
    radial = 1 + square * (k1 + square * (k2 + square * k3))
    slope = 2 * (k1 + square * (2 * k2 + 3 * k3 * square))
    xx = radial + x * x * slope + 2 * p1 * y + 6 * p2 * x
    yy = radial + y * y * slope + 2 * p2 * x + 6 * p1 * y
    xy = x * y * slope + 2 * p1 * x + 2 * p2 * y
    return np.stack([np.stack([xx, xy], axis=-1), np.stack([xy, yy], axis=-1)], axis=-2)
