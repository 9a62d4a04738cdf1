"""DICOM, read by pydicom: a series of slices in a folder, or a file of one or more frames."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import SignalError
from ...grids._arrays import checked_affine, volume_signal, voxel_sizes
from ...grids._files import check_size, decoding
from ...grids._sample_format import VolumeFormat
from ...grids._signal import GridSignal

_UNEVEN = 0.02  # the share of the mean gap by which a gap between slices may differ from it
_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])  # DICOM's axes point left and back; affines point right and forward


def read_dicom(path: Path) -> GridSignal:
    """Read the volume (columns, rows, slices) of the largest series in rescaled units; a single slice is an image."""
    with decoding(path, "DICOM"):
        slices = _series(path)
        samples = _stacked(slices)
        affine = checked_affine(_affine(slices), str(path)) if _placed(slices[0]) else None
    file_bytes = sum(os.path.getsize(dataset.filename) for dataset in slices)
    slope, intercept = _scaling(slices[0])
    if samples.ndim == 2:
        return _single(samples, slices[0], VolumeFormat("dicom", None, None, slope, intercept), path, file_bytes)
    rows = None if affine is None else tuple(tuple(row) for row in affine.tolist())
    steps = voxel_sizes(affine) if affine is not None else _sizes(slices[0])
    volume = VolumeFormat("dicom", rows, (1, 1, 10), slope, intercept)
    return volume_signal(samples, volume, steps, ("mm",) * 3, str(path), file_bytes=file_bytes)


def _single(samples: np.ndarray, dataset: Any, volume: VolumeFormat, path: Path, file_bytes: int) -> GridSignal:
    steps = tuple(float(step) for step in getattr(dataset, "PixelSpacing", (1.0, 1.0)))
    return volume_signal(samples, volume, steps, ("mm",) * 2, str(path), "image", file_bytes)


def _series(path: Path) -> list[Any]:
    """Read the headers of the slices of the largest series; their pixels are not decoded yet."""
    import pydicom

    files = [path] if path.is_file() else sorted(p for p in path.iterdir() if p.is_file())
    found = []
    for file in files:
        try:
            dataset = pydicom.dcmread(file)
        except pydicom.errors.InvalidDicomError:
            continue  # the folder may hold other files
        if "Rows" in dataset:
            found.append(dataset)
    if not found:
        raise SignalError(f"{path} holds no DICOM image; name a file or a folder of a series")
    largest, count = Counter(str(d.get("SeriesInstanceUID", "")) for d in found).most_common(1)[0]
    slices = [d for d in found if str(d.get("SeriesInstanceUID", "")) == largest]
    frames = int(slices[0].get("NumberOfFrames", 1))
    check_size(path, (int(slices[0].Rows), int(slices[0].Columns), count * frames), 1)
    return _ordered(slices, path) if count > 1 else slices


def _ordered(slices: list[Any], path: Path) -> list[Any]:
    sizes = {(int(d.Rows), int(d.Columns)) for d in slices}
    if len(sizes) > 1:
        words = ", ".join(f"{rows}×{columns}" for rows, columns in sorted(sizes))
        raise SignalError(f"{path} holds slices of unequal size ({words}); keep those of one series")
    if not all(_placed(d) for d in slices):
        return sorted(slices, key=lambda d: int(d.get("InstanceNumber", 0)))
    turned = np.stack([np.array(d.ImageOrientationPatient, dtype=float) for d in slices])
    if np.abs(turned - turned[0]).max() > 1e-3:
        raise SignalError(f"{path} holds slices of different orientations; keep those of one stack")
    along = _along_normal(slices)
    order = np.argsort(along, kind="stable")
    gaps = np.diff(along[order])
    if gaps.min() <= 0 or np.abs(gaps - gaps.mean()).max() > _UNEVEN * gaps.mean() + 1e-3:
        raise SignalError(
            f"{path} has slices at uneven places (gaps of {gaps.min():.4g} to {gaps.max():.4g} mm): some are missing "
            "or duplicated; keep one evenly spaced stack"
        )
    return [slices[i] for i in order]


def _placed(dataset: Any) -> bool:
    return "ImagePositionPatient" in dataset and "ImageOrientationPatient" in dataset


def _along_normal(slices: list[Any]) -> np.ndarray:
    across, down = np.array(slices[0].ImageOrientationPatient, dtype=float).reshape(2, 3)
    return np.array([np.array(d.ImagePositionPatient, dtype=float) @ np.cross(across, down) for d in slices])


def _affine(slices: list[Any]) -> np.ndarray:
    """Return the affine from (column, row, slice) to millimetres right, anterior, superior (PS3.3, C.7.6.2.1.1)."""
    first, last = slices[0], slices[-1]
    across, down = np.array(first.ImageOrientationPatient, dtype=float).reshape(2, 3)
    rows_apart, columns_apart = (float(step) for step in first.PixelSpacing)
    origin = np.array(first.ImagePositionPatient, dtype=float)
    step = np.cross(across, down) * _sizes(first)[2]
    if len(slices) > 1:
        step = (np.array(last.ImagePositionPatient, dtype=float) - origin) / (len(slices) - 1)
    affine = np.eye(4)
    affine[:3] = np.stack([across * columns_apart, down * rows_apart, step, origin], axis=1)
    return _TO_RAS @ affine


def _sizes(dataset: Any) -> tuple[float, float, float]:
    rows_apart, columns_apart = (float(step) for step in dataset.get("PixelSpacing", (1.0, 1.0)))
    thickness = dataset.get("SpacingBetweenSlices") or dataset.get("SliceThickness") or 1.0
    return columns_apart, rows_apart, float(thickness)


def _stacked(slices: list[Any]) -> np.ndarray:
    """Decode samples (columns, rows, slices or frames), or (rows, columns) of a single slice."""
    if int(slices[0].get("SamplesPerPixel", 1)) != 1:
        raise SignalError(f"{slices[0].filename} holds colours; save its pictures as PNG")
    if len(slices) > 1:
        return np.stack([np.asarray(dataset.pixel_array).T for dataset in slices], axis=-1)
    samples = np.asarray(slices[0].pixel_array)
    return samples if samples.ndim == 2 else samples.transpose(2, 1, 0)


def _scaling(dataset: Any) -> tuple[float, float]:
    return float(dataset.get("RescaleSlope", 1.0)), float(dataset.get("RescaleIntercept", 0.0))
