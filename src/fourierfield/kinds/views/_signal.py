"""Pictures of one scene from known places, and their spectral scale."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ...errors import SettingsError, SignalError
from ...grids._domain import Domain
from ...grids._sample_format import SampleFormat
from ...grids._signal import SignalDescription
from ...grids._splits import GridHoldOut, HoldOut, NoHoldOut
from ._scene import Scene

_EVEN = 0.8  # share of the pictures' border pixels that must have the background's colour for silhouettes to be known
_PLAIN = 6 / 255  # the distance from the background's colour that JPEG may add, per channel, for values in [0, 1]
_EVERY = 8  # "grid" holds out every eighth view, as in the literature on captured scenes


@dataclass(frozen=True)
class ViewsSignal:
    """Posed pictures of one scene.

    ``images`` (N, H, W, 3 or 4) are as the file holds them (``sample_format``): 8-bit or float. A fourth channel is
    straight (not premultiplied) opacity. ``scene.held_out`` is the split that the file specifies; ``split`` applies a
    rule. ``notes`` state what was assumed, ready to print. ``masks`` (N, H, W) are True where a pixel counts, None if
    all do: others are neither trained on nor scored. Raises ``SignalError`` if the arrays do not belong together, if
    there are fewer than two views, or if a mask hides all of one.
    """

    images: np.ndarray
    scene: Scene
    sample_format: SampleFormat
    name: str = "array"
    file_bytes: int | None = None
    notes: tuple[str, ...] = ()
    masks: np.ndarray | None = None
    kind = "views"

    def __post_init__(self) -> None:
        images, cameras = self.images, self.scene.cameras
        if images.ndim != 4 or images.shape[-1] not in (3, 4):
            raise SignalError(f"{self.name}: pictures must be (views, height, width, 3 or 4), not {images.shape}")
        if len(images) != len(cameras):
            raise SignalError(f"{self.name} holds {len(images)} pictures for {len(cameras)} poses; give one pose each")
        if images.shape[1:3] != tuple(cameras.size):
            raise SignalError(f"{self.name} holds pictures of {images.shape[1:3]} for cameras of {cameras.size}")
        if images.dtype.kind == "f" and not np.isfinite(images).all():
            raise SignalError(f"{self.name} holds infinite or missing colours; leave those views out")
        if len(images) < 2:
            raise SignalError(f"{self.name} holds one view; a scene needs two or more from different places")
        if self.masks is not None and not self.masks.any(axis=(1, 2)).all():
            hidden = int((~self.masks.any(axis=(1, 2))).argmax())
            raise SignalError(f"{self.name}: the mask of view {hidden} hides all of it; leave that view out")

    @property
    def poses(self) -> np.ndarray:
        """Camera-to-world matrices (N, 4, 4), OpenGL axes."""
        return self.scene.cameras.poses

    @property
    def domain(self) -> Domain:
        """The box of the scene."""
        return self.scene.domain

    @property
    def shape(self) -> tuple[int, int, int]:
        """The number of views, the height and the width."""
        count, height, width = self.images.shape[:3]
        return count, height, width

    @property
    def channels(self) -> int:
        """The number of channels of the field: red, green, blue and density."""
        return 4

    @property
    def has_alpha(self) -> bool:
        """Whether the pictures have an alpha channel."""
        return int(self.images.shape[-1]) == 4

    @property
    def description(self) -> SignalDescription:
        """The description of this signal that a field keeps."""
        return SignalDescription(self.kind, self.shape, self.channels, self.sample_format)

    def colours(self, views: np.ndarray | list[int], rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Return premultiplied red, green, blue, and opacity (1 without an alpha channel) of pixels, (R, 4) float32."""
        return self._premultiplied(self.images[np.asarray(views), rows, columns])

    def view(self, index: int) -> np.ndarray:
        """Return one picture (H, W, 3), float32, on the scene's background."""
        found = self._premultiplied(self.images[index])
        return np.asarray(found[..., :3] + self.scene.backdrop * (1 - found[..., 3:]), dtype=np.float32)

    def opacity(self, index: int) -> np.ndarray:
        """Return the opacity of one picture, (H, W) float32."""
        if not self.has_alpha:
            return np.ones(self.shape[1:], dtype=np.float32)
        return self.sample_format.decode(self.images[index, ..., 3])

    @cached_property
    def silhouetted(self) -> bool:
        """Whether the pictures show the silhouette of an object.

        They do if they have an alpha channel, or if four fifths of their border have the background's colour.
        """
        return self.has_alpha or _share_of_border(self._plain(self.images), self.masks) >= _EVEN

    def silhouette(self, index: int) -> np.ndarray | None:
        """Return where a picture shows something in front of the background, (H, W) bool; None without silhouettes.

        Without an alpha channel, everything with the background's colour counts as background, including dark parts of
        an object in front of black. Where a mask hides the picture there may be something.
        """
        if not self.silhouetted:
            return None
        shown = self.opacity(index) > 0 if self.has_alpha else ~self._plain(self.images[index])
        return shown if self.masks is None else shown | ~self.masks[index]

    def counts(self, index: int) -> np.ndarray | None:
        """Return which pixels of one picture count, (H, W) bool; None if all do."""
        return None if self.masks is None or self.masks[index].all() else self.masks[index]

    def known_opacity(self, index: int) -> np.ndarray:
        """Return the opacity of one picture, (H, W) float32, NaN where it is unknown.

        It is unknown along outlines, whose pixels are partly covered, and everywhere in pictures without silhouettes.
        Without an alpha channel, a part of the object that has the background's colour counts as a hole, which looks
        the same.
        """
        from scipy.ndimage import maximum_filter, minimum_filter

        silhouette = self.silhouette(index)
        if self.has_alpha or silhouette is None:
            return self.opacity(index) if self.has_alpha else np.full(self.shape[1:], np.nan, dtype=np.float32)
        inside, near = minimum_filter(silhouette, 3), maximum_filter(silhouette, 3)
        return np.where(inside == near, inside, np.nan).astype(np.float32)

    def on_its_background(self) -> ViewsSignal:
        """Return the signal with a white background if its pictures lack an alpha channel and mostly end in white."""
        white = replace(self, scene=replace(self.scene, background="white"))
        return white if not self.has_alpha and white.silhouetted else self

    def split(self, rule: HoldOut) -> tuple[np.ndarray, np.ndarray]:
        """Return the views to train on and the views held out.

        Without a rule the views that the file specifies are held out; "grid" holds out every eighth view, "random:F"
        the share F of all views.
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
        """Return which pixels of pictures (…, 3) have the background's colour, within what JPEG changes."""
        return np.asarray((np.abs(self.sample_format.decode(images) - self.scene.backdrop) <= _PLAIN).all(axis=-1))

    def _premultiplied(self, samples: np.ndarray) -> np.ndarray:
        values = self.sample_format.decode(samples)
        if not self.has_alpha:
            return np.concatenate([values, np.ones_like(values[..., :1])], axis=-1)
        return np.concatenate([values[..., :3] * values[..., 3:], values[..., 3:]], axis=-1)


def masked_share(masks: np.ndarray | None) -> tuple[str, ...]:
    """Return the note about pixels that masks hide."""
    if masks is None:
        return ()
    return (f"masks hide {1 - masks.mean():.1%} of the pixels, which are neither trained on nor scored",)


def _share_of_border(plain: np.ndarray, masks: np.ndarray | None) -> float:
    """Return the share of true values among the outermost pixels of pictures (N, H, W) bool that masks leave."""

    def border(values: np.ndarray) -> np.ndarray:
        return np.concatenate([values[:, [0, -1]].reshape(-1), values[:, 1:-1, [0, -1]].reshape(-1)])

    if masks is None:
        return float(border(plain).mean())
    left = border(plain)[border(masks)]
    return float(left.mean()) if left.size else 0.0


_MOST_VIEWS = 32  # views that the spectral scale is measured on: bounds its time


def spectral_scale(signal: ViewsSignal, views: np.ndarray) -> float:
    """Compute the root mean square frequency of the pictures, in cycles per pixel: √(Σ|∇I|² / Σ|I − Ī|²) / 2π.

    ∇I are differences of neighbouring pixels and Ī is the mean colour of a picture; the sums run over the colours of
    at most 32 evenly chosen ``views``. By Parseval this is the spread of the power spectrum about zero, to the extent
    that differences approximate derivatives. It is zero for pictures of a single colour.
    """
    chosen = np.asarray(views)[np.linspace(0, len(views) - 1, min(_MOST_VIEWS, len(views))).astype(int)]
    slopes, power = 0.0, 0.0
    for view in chosen:
        picture = signal.view(int(view)).astype(np.float64)
        counts = signal.counts(int(view))
        mean = picture.mean(axis=(0, 1)) if counts is None else picture[counts].mean(axis=0)
        picture = picture if counts is None else np.where(counts[..., None], picture, np.nan)
        slopes += sum(np.nansum(np.diff(picture, axis=axis) ** 2) for axis in (1, 0))
        power += np.nansum((picture - mean) ** 2)
    return float(np.sqrt(slopes / power) / (2 * np.pi)) if power > 0 else 0.0
