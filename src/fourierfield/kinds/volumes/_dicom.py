"""DICOM, read by pydicom: a series of slices in a folder, or a file of one or more frames."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import SignalError
from ...grids._arrays import checked_affine, volume_signal, voxel_sizes
from ...grids._files import check_size, decoding
from ...grids._sample_format import VolumeFormat
from ...grids._signal import GridSignal

_UNEVEN = 0.02  # the share of the mean gap by which a gap between slices may differ from it
_TURNED = 1e-3  # by which direction cosines of one stack may differ: they are written with few digits
_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])  # DICOM's axes point left and back; affines point right and forward
_TIMES = ("TemporalPositionIdentifier", "EchoNumbers", "AcquisitionNumber", "TriggerTime", "AcquisitionTime")


@dataclass(frozen=True)
class Frame:
    """One picture of a series: the ``number``-th of its file, with the groups of attributes that hold for it alone."""

    dataset: Any
    number: int
    groups: tuple[Any, ...]

    def get(self, name: str, default: Any = None) -> Any:
        """Return an attribute: the frame's own, the one that all frames of the file share, or the file's."""
        for group in (*self.groups, self.dataset):
            if name in group:
                return group[name].value
        return default

    @property
    def placed(self) -> bool:
        """Whether its place and orientation in the patient are known."""
        return self.get("ImagePositionPatient") is not None and self.get("ImageOrientationPatient") is not None

    @property
    def position(self) -> np.ndarray:
        """The centre of its first sample in millimetres, (3,)."""
        return np.array(self.get("ImagePositionPatient"), dtype=float)

    @property
    def directions(self) -> np.ndarray:
        """The unit vectors along its rows and its columns, (2, 3)."""
        return np.array(self.get("ImageOrientationPatient"), dtype=float).reshape(2, 3)

    @property
    def scaling(self) -> tuple[float, float]:
        """The slope and intercept from stored numbers to the modality's units (Hounsfield, Bq/ml, …)."""
        return float(self.get("RescaleSlope", 1.0)), float(self.get("RescaleIntercept", 0.0))

    @property
    def has_table(self) -> bool:
        """Whether a table takes the place of slope and intercept (PS3.3, C.11.1)."""
        return bool(self.get("ModalityLUTSequence"))


def read_dicom(path: Path) -> GridSignal:
    """Read the volume (i, j, k) of columns, rows and slices, in the units of its modality (Hounsfield, Bq/ml, …).

    In a folder the series with the most slices is read, ordered by position along its normal; pictures of another
    orientation or size, such as scouts, are left out with a note. A single slice is an image (rows, columns). Raises
    ``SignalError`` for several volumes in one series, slices at uneven places, and damaged files.
    """
    with decoding(path, "DICOM"):
        frames, notes = _series(path)
        samples, (slope, intercept) = _values(frames)
        affine = checked_affine(_affine(frames), str(path)) if frames[0].placed else None
    notes += _notes_on_values(frames)
    file_bytes = sum(os.path.getsize(name) for name in {frame.dataset.filename for frame in frames})
    if len(frames) == 1:
        steps = tuple(float(step) for step in frames[0].get("PixelSpacing", (1.0, 1.0)))
        volume = VolumeFormat("dicom", None, None, slope, intercept)
        signal = volume_signal(samples[0], volume, steps, ("mm",) * 2, str(path), "image", file_bytes)
        return replace(signal, notes=notes)
    rows = None if affine is None else tuple(tuple(row) for row in affine.tolist())
    steps = voxel_sizes(affine) if affine is not None else _sizes(frames[0])
    volume = VolumeFormat("dicom", rows, (1, 1, 10), slope, intercept)
    signal = volume_signal(samples.transpose(2, 1, 0), volume, steps, ("mm",) * 3, str(path), file_bytes=file_bytes)
    return replace(signal, notes=notes)


def _series(path: Path) -> tuple[list[Frame], tuple[str, ...]]:
    """Return the frames of the largest series in order, and notes; their pixels are not decoded yet."""
    datasets = _datasets(path)
    largest, count = Counter(str(d.get("SeriesInstanceUID", "")) for d in datasets).most_common(1)[0]
    frames = [frame for d in datasets if str(d.get("SeriesInstanceUID", "")) == largest for frame in _frames_of(d)]
    notes = () if count == len(datasets) else (f"{len(datasets) - count} files of other series are left out",)
    frames, left_out = _of_one_stack(frames, path)
    first = frames[0].dataset
    check_size(path, (int(first.Rows), int(first.Columns), len(frames)), 1)
    if int(first.get("SamplesPerPixel", 1)) != 1:
        raise SignalError(f"{path} holds colours; save its pictures as PNG")
    return _ordered(frames, path), notes + left_out


def _datasets(path: Path) -> list[Any]:
    import pydicom

    files = [path] if path.is_file() else sorted(p for p in path.iterdir() if p.is_file())
    found = []
    for file in files:
        try:
            dataset = pydicom.dcmread(file)
        except pydicom.errors.InvalidDicomError:
            dataset = _without_preamble(file)
        if "Rows" in dataset:
            found.append(dataset)
    if not found:
        raise SignalError(f"{path} holds no DICOM image; name a file or a folder of a series")
    return found


def _without_preamble(file: Path) -> Any:
    """Read a file that does not begin as DICOM has to; an empty dataset for another file that the folder holds."""
    import pydicom

    try:
        dataset = pydicom.dcmread(file, force=True)
    except Exception:  # of bytes that are something else it raises whatever they lead to
        return pydicom.Dataset()
    return dataset if "SOPClassUID" in dataset and "PixelData" in dataset else pydicom.Dataset()


def _frames_of(dataset: Any) -> list[Frame]:
    """Return the frames of a file, each with its functional groups flattened, its own before those that all share."""
    own, shared = (dataset.get(f"{name}FunctionalGroupsSequence") or () for name in ("PerFrame", "Shared"))
    common = _flat(shared[0]) if shared else ()
    count = int(dataset.get("NumberOfFrames", 1) or 1)
    return [Frame(dataset, k, (*(_flat(own[k]) if k < len(own) else ()), *common)) for k in range(count)]


def _flat(groups: Any) -> tuple[Any, ...]:
    return tuple(element.value[0] for element in groups if element.VR == "SQ" and len(element.value))


def _of_one_stack(frames: list[Frame], path: Path) -> tuple[list[Frame], tuple[str, ...]]:
    """Keep the frames of one size and orientation if they are most of them, and say how many others there are."""
    stacks = Counter(map(_stack_of, frames))
    stack, count = stacks.most_common(1)[0]
    if count <= len(frames) // 2 and len(frames) > 1:
        words = ", ".join(sorted({f"{rows}×{columns}" for rows, columns, _ in stacks}))
        raise SignalError(
            f"{path} holds slices of different orientations or of unequal size ({words}); keep those of one stack"
        )
    left_out = len(frames) - count
    note = f"{left_out} pictures of another size or orientation (scouts) are left out"
    return [frame for frame in frames if _stack_of(frame) == stack], (note,) if left_out else ()


def _stack_of(frame: Frame) -> tuple[int, int, tuple[float, ...]]:
    turned = tuple(np.round(frame.directions.ravel() / _TURNED / 4).tolist()) if frame.placed else ()
    return int(frame.dataset.Rows), int(frame.dataset.Columns), turned


def _ordered(frames: list[Frame], path: Path) -> list[Frame]:
    if len(frames) == 1:
        return frames
    if not all(frame.placed for frame in frames):
        return sorted(frames, key=lambda frame: (int(frame.get("InstanceNumber", 0) or 0), frame.number))
    along = np.array([frame.position @ np.cross(*frames[0].directions) for frame in frames])
    _refuse_several(frames, along, path)
    order = np.argsort(along, kind="stable")
    gaps = np.diff(along[order])
    if gaps.min() <= 0 or np.abs(gaps - gaps.mean()).max() > _UNEVEN * gaps.mean() + 1e-3:
        raise SignalError(
            f"{path} has slices at uneven places (gaps of {gaps.min():.4g} to {gaps.max():.4g} mm): some are missing "
            "or duplicated; keep one evenly spaced stack"
        )
    return [frames[i] for i in order]


def _refuse_several(frames: list[Frame], along: np.ndarray, path: Path) -> None:
    """Refuse a series that has several slices at each place: times, echoes, or diffusion weights."""
    places, counts = np.unique(np.round(along, 3), return_counts=True)
    if counts.min() < 2 or counts.min() != counts.max():
        return
    differ = [name for name in _TIMES if len({str(frame.get(name)) for frame in frames}) == counts[0]]
    by = f", told apart by {differ[0]}" if differ else ""
    raise SignalError(
        f"{path} holds {counts[0]} volumes of {len(places)} slices in one series{by}; keep the files of one of them"
    )


def _values(frames: list[Frame]) -> tuple[np.ndarray, tuple[float, float]]:
    """Decode samples (slices, rows, columns), with the slope and intercept that they still need.

    Stored numbers if all slices are scaled alike, with NaN for padding; in the modality's units otherwise.
    """
    stored = np.stack(list(_decoded(frames)))
    missing = np.stack([_padding(samples, frame) for samples, frame in zip(stored, frames, strict=True)])
    scalings = {frame.scaling for frame in frames}
    inverted = _is_inverted(frames[0])
    if len(scalings) == 1 and not inverted and not any(frame.has_table for frame in frames):
        return (np.where(missing, np.float32(np.nan), stored) if missing.any() else stored), scalings.pop()
    from pydicom.pixels.processing import apply_modality_lut

    values = np.empty(stored.shape, np.float32)
    for value, samples, frame in zip(values, stored, frames, strict=True):
        slope, intercept = frame.scaling
        value[:] = apply_modality_lut(samples, frame.dataset) if frame.has_table else samples * slope + intercept
        if inverted:
            bits = int(frame.dataset.BitsStored)
            value[:] = (-1 if frame.dataset.PixelRepresentation else 2**bits - 1) - value
    values[missing] = np.nan
    return values, (1.0, 0.0)


def _decoded(frames: list[Frame]) -> Any:
    """Yield the stored numbers of each frame, (rows, columns)."""
    for frame in frames:
        pixels = np.asarray(frame.dataset.pixel_array)
        yield pixels[frame.number] if pixels.ndim == 3 else pixels


def _padding(samples: np.ndarray, frame: Frame) -> np.ndarray:
    """Return where a frame holds the number, or the range of numbers, that stands for nothing (PS3.3, C.7.5.1.1.2)."""
    first = frame.get("PixelPaddingValue")
    if first is None:
        return np.zeros(samples.shape, bool)
    last = frame.get("PixelPaddingRangeLimit", first)
    found: np.ndarray = (samples >= min(first, last)) & (samples <= max(first, last))
    return found


def _is_inverted(frame: Frame) -> bool:
    """Return whether low numbers are bright and stand for nothing else, as in radiographs."""
    scaled = frame.get("RescaleSlope") is not None or frame.has_table
    return frame.get("PhotometricInterpretation") == "MONOCHROME1" and not scaled


def _notes_on_values(frames: list[Frame]) -> tuple[str, ...]:
    if frames[0].get("PhotometricInterpretation") != "MONOCHROME1":
        return ()
    if _is_inverted(frames[0]):
        return ("its low numbers are bright (MONOCHROME1): they are turned round, so that bright is high",)
    return ("its low values are meant to be shown bright (MONOCHROME1); the values are those of the modality",)


def _affine(frames: list[Frame]) -> np.ndarray:
    """Return the affine from (column, row, slice) to millimetres right, anterior, superior (PS3.3, C.7.6.2.1.1)."""
    first, last = frames[0], frames[-1]
    across, down = first.directions
    rows_apart, columns_apart = (float(step) for step in first.get("PixelSpacing", (1.0, 1.0)))
    origin = first.position
    step = np.cross(across, down) * _sizes(first)[2]
    if len(frames) > 1:
        step = (last.position - origin) / (len(frames) - 1)
    affine = np.eye(4)
    affine[:3] = np.stack([across * columns_apart, down * rows_apart, step, origin], axis=1)
    return _TO_RAS @ affine


def _sizes(frame: Frame) -> tuple[float, float, float]:
    rows_apart, columns_apart = (float(step) for step in frame.get("PixelSpacing", (1.0, 1.0)))
    thickness = frame.get("SpacingBetweenSlices") or frame.get("SliceThickness") or 1.0
    return columns_apart, rows_apart, float(thickness)
