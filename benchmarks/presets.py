"""The default fit against the paper's preset, on photographs, pages and sound, in one run.

    python -m benchmarks.presets ../shared/data/photos/*.png ../shared/data/text/*.png ../shared/data/audio/*.wav

Middle 256² pixels of photographs, whole pages, the middle second of sound; every second sample along each axis trained
on. The paper's Gaussian bandwidth is 10 for photographs and 14 for text, for sound a quarter of the Nyquist frequency.
The default's seconds have its tuning in them.
"""

from __future__ import annotations

import argparse
import statistics
from dataclasses import replace
from pathlib import Path

import numpy as np

from fourierfield.bench._quality import centre_crop
from fourierfield.grids._signal import GridSignal
from fourierfield.kinds._fit import run_fit
from fourierfield.kinds._read import read
from fourierfield.kinds.audio._sound import as_audio
from fourierfield.tasks._settings import FitSettings

from .table import Row, Table

RESULTS = Path(__file__).parent / "results"
SIDE = 256
BANDWIDTHS = {"photo": 10.0, "text": 14.0}


def kind_of(path: Path) -> str:
    """Photographs, pages and sound, by the folder they lie in."""
    return {"photos": "photo", "text": "text"}.get(path.parent.name, "audio")


def load(path: Path) -> GridSignal:
    """The part of a signal that is fitted."""
    kind = kind_of(path)
    if kind == "photo":
        return centre_crop(path, SIDE)
    signal = read(path)
    if kind == "text":
        return signal
    audio = signal.sample_format.audio
    assert audio is not None
    first = (signal.shape[0] - audio.rate) // 2
    return replace(as_audio(np.asarray(signal.values[first : first + audio.rate]), audio.rate), name=path.name)


def paper_bandwidth(path: Path, signal: GridSignal) -> float:
    """In cycles per unit: of sound a quarter of the Nyquist frequency."""
    return BANDWIDTHS.get(kind_of(path), signal.shape[0] / 8)


def run(path: Path, preset: str) -> Row:
    """One fit, scored."""
    signal = load(path)
    settings = FitSettings(hold_out="grid", preset=preset)
    if preset == "paper":
        settings = replace(settings, encoding="gaussian", bandwidth=paper_bandwidth(path, signal))
    outcome = run_fit(signal, settings)
    result = outcome.to_json()
    return {
        "signal": path.name,
        "preset": preset,
        "held_out_psnr_db": f"{result['metrics']['held_out_psnr_db']:.3f}",
        "forecast_db": f"{result['forecast']['held_out_psnr_db']:.3f}",
        "low_db": f"{result['forecast']['held_out_low_db']:.2f}",
        "high_db": f"{result['forecast']['held_out_high_db']:.2f}",
        "train_psnr_db": f"{result['metrics']['train_psnr_db']:.3f}",
        "cubic_psnr_db": f"{result['baselines']['cubic_psnr_db']:.3f}",
        "encoding": result["encoding"]["family"],
        "bandwidth": str(result["encoding"]["bandwidth"]),
        "features": str(result["encoding"]["features"]),
        "steps": str(result["steps"]),
        "tune_seconds": f"{outcome.seconds['tune']:.1f}",
        "seconds": f"{outcome.seconds['total']:.1f}",
    }


def summary(rows: list[Row]) -> str:
    """Gains and times, one against the other."""
    by_signal: dict[str, dict[str, Row]] = {}
    for row in rows:
        by_signal.setdefault(row["signal"], {})[row["preset"]] = row
    pairs = [pair for pair in by_signal.values() if len(pair) == 2]
    gains = [float(p["default"]["held_out_psnr_db"]) - float(p["paper"]["held_out_psnr_db"]) for p in pairs]
    times = [float(p["default"]["seconds"]) / float(p["paper"]["seconds"]) for p in pairs]
    total = sum(float(p["default"]["seconds"]) for p in pairs) / sum(float(p["paper"]["seconds"]) for p in pairs)
    return (
        f"default over paper, {len(pairs)} signals: mean {statistics.mean(gains):+.2f} dB, "
        f"median {statistics.median(gains):+.2f} dB, worst {min(gains):+.2f} dB, "
        f"time {total:.2f} of the paper's in all, {max(times):.2f} at most"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("signals", nargs="+", type=Path)
    options = parser.parse_args()
    table = Table(RESULTS / "presets.csv", ("signal", "preset"))
    for path in options.signals:
        for preset in ("default", "paper"):
            if not table.has({"signal": path.name, "preset": preset}):
                table.add(run(path, preset))
    print(summary(table.rows))


if __name__ == "__main__":
    main()
