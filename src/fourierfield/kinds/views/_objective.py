"""The objective of a run on posed pictures: the square error of rendered rays."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Generator, Tensor, nn

from ...encodings._fourier import FourierEncoding, levels_of
from ...errors import SettingsError
from ...networks._mlp import CoordinateNetwork
from ...training._data import Batches
from ...training._plan import TrainingPlan
from ...training._scoring import MOST_DECIBELS
from ._carving import shown_pixels
from ._occupancy import OccupancyGrid
from ._rays import Rays, camera_rays
from ._rendering import Pixels, RaySamples, Sampling, render_samples, sample_rays
from ._signal import ViewsSignal

# Rays of training and of held-out views that are scored along a run: with silhouettes, and without them, where no cell
# is empty from the start and rays cost more.
_ON_CURVE, _UNSEEN_ON_CURVE = 2048, 512
_PLAIN = 1.5 / 255  # the largest distance per channel, in [0, 1], at which a colour counts as the background's
_BLOCK = 4096  # samples that the network evaluates together: their activations stay in a CPU's cache


@dataclass(frozen=True)
class RayPlan:
    """The plan by which a run samples its rays.

    ``opacity`` is the weight of the square error of opacities relative to that of colours, where the pictures show
    them: without it a black surface in front of a black background may as well be a hole, and the first steps of a run
    may end in an empty scene, where exp has no gradient. A batch takes rays until their samples would exceed
    ``most_samples``. The occupancy grid is updated every ``update_every`` steps from ``first_update`` on (never if that
    is None), with the given ``decay`` and in at most ``looked_at`` cells. Over the share ``coarse_to_fine`` of a run's
    steps the encoding's frequencies are admitted by octaves, the lowest first (Park et al. 2021, Eq. 8; Lin et al.
    2021, Eq. 14).
    """

    sampling: Sampling
    opacity: float = 0.0
    most_samples: int = 1 << 16
    first_update: int | None = 128
    update_every: int = 16
    looked_at: int = 1 << 14
    decay: float = 0.9
    coarse_to_fine: float = 0.0


class ViewPixels:
    """Rays and colours of the numbered pixels of some views: of all pixels, or of those that show ``possible`` cells.

    Pixels that masks hide are never among them.

    In pictures with opacities, pixels that show no possible cell are transparent, and the field renders them so
    whatever it learns, so nothing can be learned from them. In pictures without opacities that are mostly background,
    ``balanced`` repeats the pixels of other colours until they make up half: a run that sees little but background
    ends in an empty scene.
    """

    def __init__(
        self, signal: ViewsSignal, views: np.ndarray, possible: Tensor | None = None, *, balanced: bool = False
    ) -> None:
        self._signal, self._views = signal, np.asarray(views)
        self._each = signal.shape[1] * signal.shape[2]
        self._chosen = self._balanced() if balanced else None
        if possible is not None:
            self._chosen = self._showing(possible)
        if signal.masks is not None:
            counts = signal.masks[self._views].reshape(-1)
            self._chosen = np.flatnonzero(counts) if self._chosen is None else self._chosen[counts[self._chosen]]
            if not len(self._chosen):
                raise SettingsError(f"{signal.name}: masks hide every pixel that shows anything; check their polarity")
        known = np.stack([signal.known_opacity(int(view)) for view in self._views]) if signal.silhouetted else None
        self._known = None if known is None else known.astype(np.float16)

    def __len__(self) -> int:
        return len(self._views) * self._each if self._chosen is None else len(self._chosen)

    def rays(self, numbers: np.ndarray) -> tuple[Rays, Tensor]:
        """Return the rays of pixels by number, and their true values (R, 5).

        The values are premultiplied colour, opacity (1 without an alpha channel), and the known opacity, which is NaN
        where it is unknown.
        """
        if self._chosen is not None:
            numbers = self._chosen[numbers]
        place, pixel = np.divmod(numbers, self._each)
        row, column = np.divmod(pixel, self._signal.shape[2])
        known = np.full(len(numbers), np.nan) if self._known is None else self._known[place, row, column]
        where = self._views[place], row, column
        truth = np.concatenate([self._signal.colours(*where), known[:, None].astype(np.float32)], axis=1)
        return camera_rays(self._signal.scene, *where), torch.from_numpy(truth)

    def some(self, most: int) -> tuple[Rays, Tensor]:
        """Return the rays and values of at most ``most`` pixels, the same ones every time."""
        count = len(self)
        chosen = np.random.default_rng(0).integers(0, count, most) if count > most else np.arange(count)
        return self.rays(np.sort(chosen))

    def _balanced(self) -> np.ndarray | None:
        """Return every pixel, those of other colours than the background's repeated until they are half of all.

        Returns None if no repetition is called for.
        """
        off = (self._signal.view(int(view)) - self._signal.scene.backdrop for view in self._views)
        other = np.concatenate([np.abs(picture).max(axis=-1).ravel() > _PLAIN for picture in off])
        times = int((~other).sum() // max(1, other.sum()))
        if times < 2 or not other.any():
            return None
        return np.concatenate([np.flatnonzero(~other), *[np.flatnonzero(other)] * times])

    def _showing(self, possible: Tensor) -> np.ndarray:
        shown = [np.flatnonzero(shown_pixels(self._signal.scene, int(view), possible)) for view in self._views]
        return np.concatenate([place * self._each + pixels for place, pixels in enumerate(shown)])


class RayObjective:
    """The mean square error ½·mean (C(r) − y)² over rays r and the three colours.

    C is rendered from the network's density and colour in front of the scene's background. The square error of the
    known opacities is added with the plan's weight. The rays of a step and their samples are functions of the seed and
    the step. The occupancy grid is not: it is part of a checkpoint (``state``).
    """

    def __init__(
        self,
        signal: ViewsSignal,
        network: CoordinateNetwork,
        plan: TrainingPlan,
        rays: RayPlan,
        views: tuple[np.ndarray, np.ndarray],
        possible: Tensor,
    ) -> None:
        self._network, self._plan, self._rays = network, plan, rays
        self._encoding = network.encoding
        self._background = signal.scene.backdrop
        self.grid = OccupancyGrid(possible.to(plan.device), rays.sampling.step, decay=rays.decay, most=rays.looked_at)
        training, held_out = views
        carved = signal.silhouetted and rays.first_update is not None
        self.pixels = ViewPixels(signal, training, possible if carved else None, balanced=not signal.silhouetted)
        self._batches = Batches(max(1, len(self.pixels)), plan.batch_size or len(self.pixels), plan.seed)
        some = _ON_CURVE if signal.silhouetted else _UNSEEN_ON_CURVE
        self._scored = ViewPixels(signal, training).some(some)
        self._unseen = ViewPixels(signal, held_out).some(some) if len(held_out) else None

    @property
    def parameters(self) -> dict[str, nn.Parameter]:
        return dict(self._network.mlp.named_parameters())

    def follow(self, plan: TrainingPlan) -> None:
        self._plan = plan

    def state(self) -> dict[str, Tensor]:
        """Return the occupancy grid for a checkpoint."""
        return self.grid.state()

    def restore(self, state: dict[str, Tensor]) -> None:
        """Restore the occupancy grid from a checkpoint."""
        self.grid.restore(state)

    def accumulate(self, step: int) -> Tensor:
        generator = Generator().manual_seed((self._plan.seed * 1_000_003 + step) % (1 << 63))
        rays = self._rays
        self._encoding = self._windowed(step)
        if rays.first_update is not None and step >= rays.first_update and step % rays.update_every == 0:
            self.look_around(generator)
        samples, truth = self._batch(step, generator)
        share = 0.5 / (3 * len(truth))
        loss = torch.zeros((), device=truth.device)
        first = 0
        for block in samples.blocks(_BLOCK):
            rows = slice(first, first + len(block.rays))
            first = rows.stop
            part = share * self._error(render_samples(self.radiance, block), truth[rows])
            if part.requires_grad:
                part.backward()
            loss += part.detach()
        return loss

    def score(self, done: int, loss: float) -> dict[str, float | None]:
        held_out = None if self._unseen is None else self._psnr(*self._unseen)
        return {
            "step": done,
            "loss": loss,
            "train_psnr_db": self._psnr(*self._scored),
            "held_out_psnr_db": held_out,
        }

    def radiance(self, points: Tensor) -> Tensor:
        """Evaluate colours and densities (P, 4) at points (P, 3), in the plan's precision."""
        if torch.is_grad_enabled():
            return self._radiance(points)
        return torch.cat([self._radiance(some) for some in points.split(_BLOCK)])  # blocks of a size: bounds memory

    def _radiance(self, points: Tensor) -> Tensor:
        plan = self._plan
        with torch.autocast(plan.device.type, plan.precision, enabled=plan.precision != torch.float32):
            return self._network.mlp(self._encoding(points)).float()

    def _windowed(self, step: int) -> FourierEncoding:
        """Return the encoding with the frequencies that are admitted by ``step``."""
        encoding, opening = self._network.encoding, self._rays.coarse_to_fine * self._plan.steps
        if step >= opening or encoding.features == 0:
            return encoding
        highest = float(levels_of(encoding.frequencies).max())
        return encoding.windowed(1 + highest * step / opening)

    def look_around(self, generator: Generator) -> None:
        """Update the occupancy grid where anything may be."""
        self.grid.update(lambda points: self.radiance(points)[:, 3], generator)

    def _batch(self, step: int, generator: Generator) -> tuple[RaySamples, Tensor]:
        """Return the samples of a step's rays, and their true values (R, 5), as ``ViewPixels.rays`` gives them."""
        rays, truth = self.pixels.rays(self._batches.rows(step).numpy())
        samples = sample_rays(rays.to(self._plan.device), self._rays.sampling, self.grid.cells, generator)
        samples = samples[slice(samples.affordable(self._rays.most_samples))]
        return samples, truth[: len(samples.rays)].to(self._plan.device)

    def _error(self, seen: Pixels, truth: Tensor) -> Tensor:
        """Return the sum of squares of colours in front of the background and, weighted, of opacities."""
        transparent = (truth[:, 3] - seen.opacity)[:, None]
        colours = seen.colour - truth[:, :3] + transparent * self._background
        off = torch.where(truth[:, 4].isnan(), 0.0, seen.opacity - truth[:, 4].nan_to_num())
        return colours.square().sum() + self._rays.opacity * off.square().sum()

    @torch.no_grad()
    def _psnr(self, rays: Rays, truth: Tensor) -> float:
        samples = sample_rays(rays.to(self._plan.device), self._rays.sampling, self.grid.cells)
        behind = torch.full((1, 3), self._background, device=self._plan.device)
        seen = [render_samples(self.radiance, block).on(behind) for block in samples.blocks(4 * _BLOCK)]
        wanted = truth[:, :3] + (1 - truth[:, 3:4]) * self._background
        error = float((torch.cat(seen).cpu() - wanted).square().mean())
        return min(-10 * math.log10(max(error, 1e-30)), MOST_DECIBELS)
