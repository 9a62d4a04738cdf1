"""2-D image regression with the paper's mappings, settings and hold-out (its Table 1 and Section 6.1)."""

from __future__ import annotations

import csv
import io
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..bench._quality import centre_crop
from ..grids._files import atomic_write
from ..grids._signal import GridSignal
from ..kinds._fit import run_fit
from ..tasks._settings import FitSettings
from ..tasks._task import FitEvents

IMAGE_MAPPINGS = ("none", "basic", "positional", "gaussian")
# mean and standard deviation of the held-out PSNR on natural images: the paper, Table 1
PAPER_PSNR_DB = {"none": (19.32, 2.48), "basic": (21.71, 2.71), "positional": (24.95, 3.72), "gaussian": (25.57, 4.19)}
_COLUMNS = (
    "image",
    "side",
    "mapping",
    "bandwidth",
    "steps",
    "seed",
    "precision",
    "held_out_psnr_db",
    "train_psnr_db",
    "cubic_psnr_db",
)


@dataclass(frozen=True)
class ImageRow:
    """A run as a row of the CSV: mapping, image and scores; ``key`` identifies it."""

    values: dict[str, str]

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(self.values[name] for name in ("image", "side", "mapping", "steps", "seed"))


def reproduce_images(
    photos: list[Path],
    results: Path,
    settings: FitSettings,
    *,
    side: int = 256,
    mappings: Sequence[str] = IMAGE_MAPPINGS,
    say: Callable[[str], None] = print,
    stop_signal: Callable[[], int | None] = lambda: None,
) -> list[ImageRow]:
    """Fit every photo with each of the ``mappings`` of the paper preset, adding each finished run to a CSV.

    Photos are cut to their middle ``side``² pixels. Rows that ``results`` already holds are not run again, so an
    interrupted table continues where it stopped. ``settings`` provides seed, steps, device and precision.
    """
    rows = _read(results)
    for photo in photos:
        signal = centre_crop(photo, side)
        for mapping in mappings:
            row = _planned(photo, side, mapping, settings)
            if row.key in {known.key for known in rows}:
                continue
            rows.append(_run(row, signal, mapping, settings, stop_signal))
            _write(results, rows)
            say(", ".join(f"{name} {rows[-1].values[name]}" for name in ("image", "mapping", "held_out_psnr_db")))
    return rows


def table_of(rows: list[ImageRow]) -> str:
    """Tabulate mean ± standard deviation of the held-out PSNR per mapping, beside the paper's."""
    lines = [f"{'mapping':<12}{'held out, dB':>16}{'images':>8}{'paper (512²)':>18}"]
    for mapping in IMAGE_MAPPINGS:
        scores = [float(row.values["held_out_psnr_db"]) for row in rows if row.values["mapping"] == mapping]
        if scores:
            mean, spread = PAPER_PSNR_DB[mapping]
            ours = f"{statistics.mean(scores):.2f} ± {statistics.pstdev(scores):.2f}"
            lines.append(f"{mapping:<12}{ours:>16}{len(scores):>8}{f'{mean:.2f} ± {spread:.2f}':>18}")
    return "\n".join(lines)


def _planned(photo: Path, side: int, mapping: str, settings: FitSettings) -> ImageRow:
    steps = settings.steps or 2000
    return ImageRow(
        {"image": photo.name, "side": str(side), "mapping": mapping, "steps": str(steps), "seed": str(settings.seed)}
    )


def _run(
    row: ImageRow, signal: GridSignal, mapping: str, settings: FitSettings, stop_signal: Callable[[], int | None]
) -> ImageRow:
    chosen = FitSettings(
        preset="paper",
        encoding=mapping,
        hold_out="grid",
        seed=settings.seed,
        steps=settings.steps,
        device=settings.device,
        precision=settings.precision,
    )
    outcome = run_fit(signal, chosen, FitEvents(stop_signal=stop_signal))
    record = outcome.field.record
    scores = {name: f"{record['metrics'][name]:.3f}" for name in ("held_out_psnr_db", "train_psnr_db")}
    found = {
        "bandwidth": str(record["encoding"]["bandwidth"]),
        "precision": record["training"]["precision"],
        "cubic_psnr_db": f"{record['baselines']['cubic_psnr_db']:.3f}",
    }
    return ImageRow({**row.values, **scores, **found})


def _read(results: Path) -> list[ImageRow]:
    if not results.exists():
        return []
    with open(results, newline="") as file:
        return [ImageRow(dict(row)) for row in csv.DictReader(file)]


def _write(results: Path, rows: list[ImageRow]) -> None:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(row.values for row in rows)
    atomic_write(results, buffer.getvalue().encode())
