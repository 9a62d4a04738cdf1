"""Pictures of meshes: a z-buffer, two lights, and smooth shading."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import SettingsError
from ...grids._memory import require_memory

_FINER = 3  # samples along each side of a pixel
_BYTES_PER_SAMPLE = 96  # memory that drawing needs for each sample, an estimate
_FILL = 0.88  # share of the picture's height or width that the shape spans at most; a matter of taste
_PAPER = np.array([0.955, 0.955, 0.95])  # red, green, blue in [0, 1] behind the shape; a matter of taste
_CLAY = np.array([0.80, 0.785, 0.76])  # red, green, blue in [0, 1] of the shape; a matter of taste
# Directions to the main light and the light that fills its shadows: right, up, towards the camera; a matter of taste.
_KEY, _FILL_LIGHT = np.array([-0.45, 0.65, 0.62]), np.array([0.7, -0.1, 0.7])
_FRAGMENTS = 1 << 21  # samples of triangles that are drawn at once: bounds memory


@dataclass(frozen=True)
class Pose:
    """The camera's direction: ``azimuth`` degrees right of the front (+z), ``elevation`` above it; up is +y."""

    azimuth: float = 30.0
    elevation: float = 20.0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.azimuth) and -90 <= self.elevation <= 90):
            raise SettingsError(f"--pose {self.azimuth:g},{self.elevation:g}: the elevation must be between -90 and 90")

    @property
    def axes(self) -> np.ndarray:
        """The directions right, up and towards the camera, the rows of a rotation (3, 3).

        >>> Pose(0.0, 0.0).axes.round(6) + 0.0
        array([[1., 0., 0.],
               [0., 1., 0.],
               [0., 0., 1.]])
        """
        a, e = np.radians([self.azimuth, self.elevation])
        toward = np.array([np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e)])
        right = np.array([np.cos(a), 0.0, -np.sin(a)])
        return np.stack([right, np.cross(toward, right), toward])


def draw_mesh(
    vertices: np.ndarray, faces: np.ndarray, size: tuple[int, int] = (768, 768), pose: Pose | None = None
) -> np.ndarray:
    """Draw vertices (V, 3) and triangles (F, 3) as a picture (H, W, 3) uint8.

    The projection is parallel, and the shape is whole and centred. Triangles are visible from the side where they run
    anticlockwise, the outside of a closed surface. Normals are area-weighted means over the triangles around a vertex,
    and every pixel is the mean of nine samples. Raises ``TooLargeError`` if memory would not suffice.
    """
    needed = size[0] * size[1] * _FINER**2 * _BYTES_PER_SAMPLE
    require_memory(needed, f"a picture of {size[0]:,}×{size[1]:,} pixels", "lower --size", share=0.6)
    axes = (pose or Pose()).axes
    height, width = (_FINER * n for n in size)
    seen = _projected(vertices @ axes.T, height, width)
    facing = faces[_towards_camera(seen[faces])]
    nearest = _z_buffer(seen, facing, (height, width))
    colours = _shaded(nearest, facing, vertex_normals(vertices, faces) @ axes.T)
    picture = colours.reshape(size[0], _FINER, size[1], _FINER, 3).mean(axis=(1, 3))
    return np.round(255 * picture.clip(0, 1)).astype(np.uint8)


def vertex_normals(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Return unit normals (V, 3): normalised sums of the area-weighted normals of the triangles around each vertex."""
    a, b, c = np.moveaxis(vertices[faces], 1, 0)
    normals = np.cross(b - a, c - a)
    corners = faces.reshape(-1)
    per_vertex = np.stack(
        [np.bincount(corners, np.repeat(normals[:, axis], 3), minlength=len(vertices)) for axis in range(3)], axis=-1
    )
    return per_vertex / np.maximum(np.linalg.norm(per_vertex, axis=1, keepdims=True), 1e-300)


def _projected(turned: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return columns, rows (downwards) and nearness of the vertices, in samples of the picture."""
    low, high = (turned.min(axis=0), turned.max(axis=0)) if len(turned) else (np.zeros(3), np.ones(3))
    middle, span = (low + high) / 2, np.maximum(high - low, 1e-300)
    scale = _FILL * min(width / span[0], height / span[1])
    across, up, near = (scale * (turned - middle)).T
    return np.stack([width / 2 + across, height / 2 - up, near], axis=-1)


def _towards_camera(corners: np.ndarray) -> np.ndarray:
    """Return whether triangles (F, 3, 3), in samples of the picture, run anticlockwise there (rows count downwards)."""
    first, second = (corners[:, i, :2] - corners[:, 0, :2] for i in (1, 2))
    return np.asarray(first[:, 0] * second[:, 1] < first[:, 1] * second[:, 0])


@dataclass(frozen=True)
class _Nearest:
    """The triangle seen at each sample (−1 for none), and the barycentric coordinates there."""

    face: np.ndarray
    weights: np.ndarray


def _z_buffer(seen: np.ndarray, faces: np.ndarray, shape: tuple[int, int]) -> _Nearest:
    """Find the triangle nearest to the camera at each sample of the picture, some triangles at a time."""
    depth = np.full(shape[0] * shape[1], -np.inf)
    nearest = _Nearest(np.full(depth.shape, -1), np.zeros((len(depth), 3), dtype=np.float32))
    corners = seen[faces]
    first = np.maximum(np.ceil(corners[..., :2].min(axis=1) - 0.5), 0).astype(np.int64)
    last = np.minimum(np.floor(corners[..., :2].max(axis=1) - 0.5), [shape[1] - 1, shape[0] - 1]).astype(np.int64)
    sides = np.maximum(last - first + 1, 0)
    counts = sides.prod(axis=1)
    ends = np.cumsum(counts)
    start = 0
    while start < len(faces):
        done = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, done + _FRAGMENTS, side="right")))
        chosen = np.repeat(np.arange(start, stop), counts[start:stop])
        place = done + np.arange(len(chosen)) - (ends - counts)[chosen]
        columns, rows = first[chosen].T + np.stack([place % sides[chosen, 0], place // sides[chosen, 0]])
        _draw(corners, chosen, (columns, rows), shape[1], depth, nearest)
        start = stop
    return nearest


def _draw(
    corners: np.ndarray,
    chosen: np.ndarray,
    places: tuple[np.ndarray, np.ndarray],
    width: int,
    depth: np.ndarray,
    nearest: _Nearest,
) -> None:
    """Replace the samples to which the triangles ``chosen`` are nearer than what was there before."""
    columns, rows = places
    a, b, c = np.moveaxis(corners[chosen], 1, 0)
    x, y = columns + 0.5, rows + 0.5
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    with np.errstate(divide="ignore", invalid="ignore"):  # triangles seen edge-on cover nothing
        v = ((x - a[:, 0]) * (c[:, 1] - a[:, 1]) - (y - a[:, 1]) * (c[:, 0] - a[:, 0])) / area
        w = ((b[:, 0] - a[:, 0]) * (y - a[:, 1]) - (b[:, 1] - a[:, 1]) * (x - a[:, 0])) / area
        inside = (v >= 0) & (w >= 0) & (v + w <= 1)
    flat, v, w = (rows * width + columns)[inside], v[inside], w[inside]
    z = (a[:, 2])[inside] * (1 - v - w) + (b[:, 2])[inside] * v + (c[:, 2])[inside] * w
    order = np.lexsort((chosen[inside], z))
    flat, z = flat[order], z[order]
    last = _last_of_each(flat)
    nearer = last[z[last] > depth[flat[last]]]
    depth[flat[nearer]] = z[nearer]
    nearest.face[flat[nearer]] = chosen[inside][order][nearer]
    nearest.weights[flat[nearer]] = np.stack([1 - v - w, v, w], axis=-1)[order][nearer]


def _last_of_each(flat: np.ndarray) -> np.ndarray:
    """Return the last position of every distinct number in ``flat``."""
    _, from_end = np.unique(flat[::-1], return_index=True)
    return len(flat) - 1 - from_end


def _shaded(nearest: _Nearest, faces: np.ndarray, normals: np.ndarray) -> np.ndarray:
    """Return colours (samples, 3): clay in a main light, a weaker light from the other side, and ambient light."""
    colours = np.tile(_PAPER, (len(nearest.face), 1))
    hit = nearest.face >= 0
    normal = np.einsum("nk,nkd->nd", nearest.weights[hit], normals[faces[nearest.face[hit]]])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    key, fill = (light / np.linalg.norm(light) for light in (_KEY, _FILL_LIGHT))
    half = key + np.array([0.0, 0.0, 1.0])
    shine = np.clip(normal @ (half / np.linalg.norm(half)), 0, 1) ** 40
    light = 0.30 + 0.10 * normal[:, 1] + 0.62 * np.clip(normal @ key, 0, 1) + 0.20 * np.clip(normal @ fill, 0, 1)
    colours[hit] = np.clip(_CLAY * light[:, None], 0, 1) + 0.10 * shine[:, None]
    return colours
