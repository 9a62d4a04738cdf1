"""ISMRMRD files as small as they can be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

_COUNTERS = ("kspace_encode_step_1", "kspace_encode_step_2", "average", "slice", "contrast", "phase", "repetition")
_IDX = np.dtype([*((name, "<u2") for name in (*_COUNTERS, "set", "segment")), ("user", "<u2", (8,))])
_HEAD = np.dtype(
    [
        ("version", "<u2"),
        ("flags", "<u8"),
        ("number_of_samples", "<u2"),
        ("active_channels", "<u2"),
        ("discard_pre", "<u2"),
        ("discard_post", "<u2"),
        ("center_sample", "<u2"),
        ("encoding_space_ref", "<u2"),
        ("trajectory_dimensions", "<u2"),
        ("idx", _IDX),
    ]
)
_ACQUISITION = np.dtype([("head", _HEAD), ("traj", h5py.vlen_dtype(np.float32)), ("data", h5py.vlen_dtype(np.float32))])


@dataclass
class Line:
    """One readout: samples (coils, n), its counters, and what else its head says."""

    samples: np.ndarray
    counters: dict[str, int]
    flags: int = 0
    centre: int | None = None
    places: np.ndarray | None = None
    discard: tuple[int, int] = (0, 0)
    space: int = 0


def random(*shape: int, seed: int = 0) -> np.ndarray:
    parts = np.random.default_rng(seed).normal(size=(2, *shape))
    return (parts[0] + 1j * parts[1]).astype(np.complex64)


def flag(*numbers: int) -> int:
    """Flags of a head, by their numbers in the format, which count from 1."""
    return sum(1 << (number - 1) for number in numbers)


def rows_of(kspace: np.ndarray, rows: Iterable[int], *, flags: int = 0, **counters: int) -> list[Line]:
    """Lines y of k-space (coils, y, x)."""
    return [Line(kspace[:, y], {"kspace_encode_step_1": y, **counters}, flags) for y in rows]


def header(
    matrix: tuple[int, int, int],
    extent: tuple[float, float, float],
    *,
    recon: tuple[int, int, int] | None = None,
    trajectory: str = "cartesian",
    centre: int | None = None,
    calibration: str | None = None,
    described: str = "",
) -> str:
    """The XML of an encoding; sizes are (x, y, z)."""

    def space(name: str, size: tuple[int, ...], field: tuple[float, ...]) -> str:
        numbers, lengths = (
            "".join(f"<{axis}>{value}</{axis}>" for axis, value in zip("xyz", values, strict=True))
            for values in (size, field)
        )
        return f"<{name}><matrixSize>{numbers}</matrixSize><fieldOfView_mm>{lengths}</fieldOfView_mm></{name}>"

    step = f"<kspace_encoding_step_1><center>{centre}</center></kspace_encoding_step_1>" if centre is not None else ""
    parallel = f"<parallelImaging><calibrationMode>{calibration}</calibrationMode></parallelImaging>"
    recon = recon or matrix
    field = (extent[0] * recon[0] / matrix[0], *extent[1:])
    return (
        '<?xml version="1.0"?><ismrmrdHeader xmlns="http://www.ismrm.org/ISMRMRD"><encoding>'
        f"<trajectory>{trajectory}</trajectory>{described}{space('encodedSpace', matrix, extent)}"
        f"{space('reconSpace', recon, field)}<encodingLimits>{step}</encodingLimits>"
        f"{parallel if calibration else ''}</encoding></ismrmrdHeader>"
    )


PLAIN = header((16, 12, 1), (32.0, 36.0, 5.0))


def save(path: Path, text: str, lines: Iterable[Line]) -> Path:
    lines = list(lines)
    held = np.zeros(len(lines), dtype=_ACQUISITION)
    for row, line in zip(held, lines, strict=True):
        coils, count = line.samples.shape
        head = row["head"]
        head["flags"], head["number_of_samples"], head["active_channels"] = line.flags, count, coils
        head["center_sample"] = count // 2 if line.centre is None else line.centre
        head["discard_pre"], head["discard_post"] = line.discard
        head["encoding_space_ref"] = line.space
        for name, value in line.counters.items():
            head["idx"][name] = value
        row["data"] = np.ascontiguousarray(line.samples, dtype=np.complex64).view(np.float32).ravel()
        row["traj"] = np.zeros(0, np.float32) if line.places is None else line.places.astype(np.float32).ravel()
        head["trajectory_dimensions"] = 0 if line.places is None else line.places.shape[1]
    with h5py.File(path, "w") as file:
        file.create_dataset("dataset/xml", data=[text], dtype=h5py.string_dtype())
        file.create_dataset("dataset/data", data=held)
    return path
