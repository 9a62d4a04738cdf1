"""Pictures of one scene from known places."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ...errors import SettingsError, SignalError
from ..sample_format import SampleFormat
from ..signal import SignalDescription
from ..splits import GridHoldOut, HoldOut, NoHoldOut
from .scene import Scene

__all__ = ["ViewsSignal"]

_EVEN = 0.8  # of a border's pixels
_PLAIN = 6 / 255  # from the background's colour
_EVERY = 8  # of the views are held out by "grid", as in the literature on captured scenes


@dataclass(frozen=True)
class ViewsSignal:
    """Posed pictures.

    ``images`` (N, H, W, 3 or 4) are as the file holds them (``sample_format``): 8-bit or float, a fourth channel being
    straight (not premultiplied) opacity. ``scene.held_out`` is the split that the file brings; ``split`` applies a
    rule. ``notes`` say what was assumed, ready to print.
    """

    images: np.ndarray
    scene: Scene
    sample_format: SampleFormat
    name: str = "array"
    file_bytes: int | None = None
    notes: tuple[str, ...] = ()
    kind = "views"

    def __post_init__(self) -> None:
        images, cameras = self.images, self.scene.cameras
        if images.ndim != 4 or images.shape[-1] not in (3, 4):
            raise SignalError(f"{self.name}: pictures are (views, height, width, 3 or 4), not {images.shape}")
        if len(images) != len(cameras):
            raise SignalError(f"{self.name} holds {len(images)} pictures for {len(cameras)} poses; give one of each")
        if images.shape[1:3] != tuple(cameras.size):
            raise SignalError(f"{self.name}: pictures of {images.shape[1:3]} for cameras of {cameras.size}")
        if images.dtype.kind == "f" and not np.isfinite(images).all():
            raise SignalError(f"{self.name} holds infinite or missing colours; leave those views out")
        if len(images) < 2:
            raise SignalError(f"{self.name} holds one view; a scene needs two or more from different places")

    @property
    def shape(self) -> tuple[int, int, int]:
        """Views, height and width."""
        count, height, width = self.images.shape[:3]
        return count, height, width

    @property
    def channels(self) -> int:
        """Channels of the field: red, green, blue and density."""
        return 4

    @property
    def has_alpha(self) -> bool:
        """Whether the pictures say where nothing is in the way."""
        return int(self.images.shape[-1]) == 4

    @property
    def description(self) -> SignalDescription:
        """What a field remembers of this signal."""
        return SignalDescription(self.kind, self.shape, self.channels, self.sample_format)

    def colours(self, views: np.ndarray | list[int], rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """(R, 4) float32: premultiplied red, green, blue, and opacity (1 without an alpha channel), of pixels."""
        return self._premultiplied(self.images[np.asarray(views), rows, columns])

    def view(self, index: int) -> np.ndarray:
        """One picture (H, W, 3), float32, on the scene's background."""
        found = self._premultiplied(self.images[index])
        backdrop = 1.0 if self.scene.background == "white" else 0.0
        return np.asarray(found[..., :3] + backdrop * (1 - found[..., 3:]), dtype=np.float32)

    def opacity(self, index: int) -> np.ndarray:
        """(H, W) float32 opacity of one picture."""
        if not self.has_alpha:
            return np.ones(self.shape[1:], dtype=np.float32)
        return self.sample_format.decode(self.images[index, ..., 3])

    @cached_property
    def silhouetted(self) -> bool:
        """Whether the pictures tell an object from what is behind it: by an alpha channel, or since four fifths of
        their border have the background's colour."""
        return self.has_alpha or _share_of_border(self._plain(self.images)) >= _EVEN

    def silhouette(self, index: int) -> np.ndarray | None:
        """(H, W) bool, true where something is in the way of the background; None where pictures do not tell.

        Without an alpha channel what has the background's colour counts as background, dark parts of an object before
        black too.
        """
        if not self.silhouetted:
            return None
        return self.opacity(index) > 0 if self.has_alpha else ~self._plain(self.images[index])

    def known_opacity(self, index: int) -> np.ndarray:
        """(H, W) float32 opacity of one picture, NaN where it does not tell: along outlines, whose pixels are partly
        covered, and everywhere in pictures without silhouettes.

        Without an alpha channel a part of the object that has the background's colour counts as a hole, which looks the
        same.
        """
        from scipy.ndimage import maximum_filter, minimum_filter

        silhouette = self.silhouette(index)
        if self.has_alpha or silhouette is None:
            return self.opacity(index) if self.has_alpha else np.full(self.shape[1:], np.nan, dtype=np.float32)
        inside, near = minimum_filter(silhouette, 3), maximum_filter(silhouette, 3)
        return np.where(inside == near, inside, np.nan).astype(np.float32)

    def on_its_background(self) -> ViewsSignal:
        """The same with the background white where pictures without an alpha channel mostly end in white."""
        white = replace(self, scene=replace(self.scene, background="white"))
        return white if not self.has_alpha and white.silhouetted else self

    def split(self, rule: HoldOut) -> tuple[np.ndarray, np.ndarray]:
        """Views to train on and views held out.

        Without a rule those that the file itself keeps back; "grid" keeps back every eighth, "random:F" a share of all.
        Raises ``SettingsError`` where none is left to train on.
        """
        count = len(self.images)
        if isinstance(rule, NoHoldOut):
            held_out = np.asarray(self.scene.held_out, dtype=np.int64)
        elif isinstance(rule, GridHoldOut):
            held_out = np.arange(0, count, _EVERY)
        else:
            held_out = rule.split(np.ones(count, dtype=bool)).held_out
        training = np.setdiff1d(np.arange(count), held_out)
        if not len(training):
            raise SettingsError("the hold-out leaves no views to train on; use another hold-out")
        return training, held_out

    def _plain(self, images: np.ndarray) -> np.ndarray:
        """Which pixels of pictures (…, 3) have the background's colour, to what JPEG does to it."""
        backdrop = 1.0 if self.scene.background == "white" else 0.0
        return np.asarray((np.abs(self.sample_format.decode(images) - backdrop) <= _PLAIN).all(axis=-1))

    def _premultiplied(self, samples: np.ndarray) -> np.ndarray:
        values = self.sample_format.decode(samples)
        if not self.has_alpha:
            return np.concatenate([values, np.ones_like(values[..., :1])], axis=-1)
        return np.concatenate([values[..., :3] * values[..., 3:], values[..., 3:]], axis=-1)


def _share_of_border(plain: np.ndarray) -> float:
    """Of the outermost pixels of pictures (N, H, W) bool."""
    border = np.concatenate([plain[:, [0, -1]].reshape(-1), plain[:, 1:-1, [0, -1]].reshape(-1)])
    return float(border.mean())
