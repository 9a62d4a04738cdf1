"""What kinds of signal on a regular grid have in common."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._kind import Json, Kind, Say
from ._render_options import RenderOptions

if TYPE_CHECKING:
    import numpy as np

    from ..grids._domain import Domain, Grid
    from ..grids._signal import GridSignal, SignalDescription
    from ..networks._field import Drawable, Field
    from ..tasks._scores import KindScores
    from ..tasks._settings import FitSettings, ReadOptions
    from ..tasks._task import Task


class GridKind(Kind):
    """A kind whose signals are ``GridSignal``s: fits by network or kernel have forecasts, pages and gaps filled in."""

    options = frozenset(("report", "missing"))
    render_options = frozenset(("size", "scale", "window", "at", "gradient", "fill", "uncertainty"))
    analysed = True

    def of_array(self, array: np.ndarray, options: ReadOptions) -> GridSignal:
        """Make a signal of an array, whose shape must suit the kind."""
        from ..grids._arrays import as_signal

        return as_signal(array, kind=self.name)

    def read(self, path: Path, container: str | None, options: ReadOptions) -> GridSignal:
        """Read a file, or an array from a ``.npy`` file where the kind reads those. Raises ``SignalError``."""
        from ..grids._arrays import read_npy

        return read_npy(path, self.name) if container == "npy" else self.read_file(path, container)

    def read_file(self, path: Path, container: str | None) -> GridSignal:
        """Read a file of one of the kind's own formats."""
        raise NotImplementedError

    def kind_scores(self, signal: GridSignal) -> KindScores:
        """Return the function that scores a field beyond its PSNRs."""
        from ..tasks._scores import no_more_scores

        return no_more_scores

    def task(self, signal: GridSignal, settings: FitSettings) -> Task:
        """Return the task of a fit by network or kernel."""
        from ..tasks._kernel import GridKernelTask
        from ..tasks._network import GridNetworkTask

        task = GridKernelTask if self.method(settings) == "kernel" else GridNetworkTask
        return task.of(signal, settings, self.kind_scores(signal))

    def to_analyse(
        self, signal: GridSignal, settings: FitSettings, report: Callable[[int], None]
    ) -> tuple[GridSignal, FitSettings]:
        """Return the signal itself."""
        return signal, settings

    def tune(self, signal: GridSignal, settings: FitSettings, report: Callable[[int], None]) -> Any:
        """Forecast candidates for a signal and choose; return the ``TuneOutcome``."""
        from ..tasks._tune import tune_grid

        return tune_grid(signal, settings, report)

    def describe(self, signal: GridSignal) -> Json:
        """Return the number of missing samples, the sample type, the extent and its units."""
        audio = signal.sample_format.audio
        return {
            "missing": int((~signal.present).sum()),
            "sample_type": signal.sample_format.sample_type,
            **({"rate": audio.rate, "duration": signal.domain.scale} if audio else {}),
            "extent": list(signal.domain.extent),
            "units": list(signal.domain.units),
        }

    def signal_line(self, described: Json) -> str:
        """Return name, kind, size and channels."""
        size = self.size_words(described["shape"])
        rate = ""
        if "rate" in described:
            rate = f", {described['rate']:,} per second ({described['duration']:.4g} s)"
        missing = f", {described['missing']:,} samples missing" if described["missing"] else ""
        channels = described["channels"]
        return f"signal    {described['name']}: {described['kind']}, {size}, {channels} channels{rate}{missing}"

    def facts(self, field: Field) -> Json:
        """Return the rate and duration of a sound."""
        audio = field.source.sample_format.audio
        return {"rate": audio.rate, "duration": field.domain.scale} if audio else {}

    def render(self, field: Field, out: str, options: RenderOptions, say: Say) -> None:
        """Write the field on another grid."""
        from ._grid_render import field_to_draw

        self.draw(field_to_draw(field, out, options.uncertainty), out, options, say)

    def draw(self, field: Drawable, out: str, options: RenderOptions, say: Say) -> None:
        """Write the field on the grid that ``options`` ask for."""
        from ._grid_render import parse_size, window_grid, window_of

        text = options.window if options.window is not None else self.usual_window(field, out, say)
        window = window_of(field, text)
        size = None if options.size is None else parse_size(options.size, field.domain.dimensions, sum(window.single))
        self.write_samples(field, window_grid(field, window, size, options.scale or 1.0), out, say)

    def fill(self, field: Field, signal: GridSignal, out: str, say: Say) -> None:
        """Write the signal with its gaps filled in from the field."""
        from ._grid_render import write_filled

        write_filled(field, signal, out, self.write_values, say)

    def write_values(self, out: str, values: np.ndarray, source: SignalDescription, domain: Domain, grid: Grid) -> None:
        """Write values (n₁, …, n_d, C) on a grid as the file that the ending of ``out`` names."""
        from ..grids._pictures import write_image

        write_image(out, values, source.sample_format)

    def write_samples(self, field: Drawable, grid: Grid, out: str, say: Say) -> None:
        """Evaluate a field on a grid and write it."""
        from ._grid_render import drawn_values

        self.write_values(out, drawn_values(field, grid, out, say), field.source, field.domain, grid)
        say(f"{out}: {'×'.join(str(n) for n in grid.shape)}")

    def usual_window(self, field: Drawable, out: str, say: Say) -> str | None:
        """Return the window that is drawn where none is given, as ``--window`` writes it; None for all of the field."""
        return None
