"""DICOM series become volumes in the coordinates of their header."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from fourierfield.errors import SignalError
from fourierfield.kinds._read import read

SERIES = generate_uid()


def dicom(path: Path, samples: np.ndarray, height: float, **tags: object) -> None:
    """A slice of 0.5 × 0.75 mm pixels (rows, columns apart), at a height along the body."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = CTImageStorage, generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = pydicom.Dataset()
    data.file_meta = meta
    data.SOPClassUID, data.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    data.SeriesInstanceUID, data.Modality = SERIES, "CT"
    data.Rows, data.Columns = samples.shape
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated = data.BitsStored = 16
    data.HighBit, data.PixelRepresentation = 15, 1
    data.PixelSpacing, data.SliceThickness = [0.5, 0.75], 3.0
    data.ImagePositionPatient, data.ImageOrientationPatient = [10.0, 20.0, height], [1, 0, 0, 0, 1, 0]
    data.RescaleSlope, data.RescaleIntercept = 2, -1000
    data.PixelData = samples.astype("<i2").tobytes()
    for name, value in tags.items():
        setattr(data, name, value)
    data.save_as(path, enforce_file_format=True)


@pytest.fixture
def series(tmp_path: Path) -> tuple[Path, np.ndarray]:
    """Five slices (rows, columns), whose files are not in the order of their places."""
    folder = tmp_path / "series"
    folder.mkdir()
    samples = np.random.default_rng(0).integers(0, 900, (5, 6, 7))
    for name, index in zip("bdace", range(5), strict=True):
        dicom(folder / f"{name}.dcm", samples[index], -30 + 2.5 * index)
    (folder / "README").write_text("not a slice")
    return folder, samples


def test_a_series_is_ordered_scaled_and_placed(series: tuple[Path, np.ndarray]) -> None:
    folder, samples = series
    signal = read(folder)
    assert signal.kind == "volume"
    assert signal.shape == (7, 6, 5)
    np.testing.assert_array_equal(signal.values[..., 0], samples.transpose(2, 1, 0) * 2.0 - 1000)
    np.testing.assert_allclose(np.array(signal.domain.extent) / signal.shape, (0.75, 0.5, 2.5))
    assert signal.sample_format.volume is not None
    affine = np.array(signal.sample_format.volume.affine)
    np.testing.assert_allclose(affine @ [0, 0, 0, 1], [-10, -20, -30, 1])  # left and back are negative there
    np.testing.assert_allclose(affine @ [1, 2, 4, 1], [-10.75, -21, -20, 1])


def test_a_single_slice_is_an_image(tmp_path: Path, shared_data: Path) -> None:
    signal = read(shared_data / "ct" / "CT_small.dcm")
    dataset = pydicom.dcmread(shared_data / "ct" / "CT_small.dcm")
    assert signal.kind == "image"
    assert signal.domain.units == ("mm", "mm")
    np.testing.assert_array_equal(signal.values[..., 0], dataset.pixel_array - 1024.0)


def test_stacks_that_are_none_are_refused(series: tuple[Path, np.ndarray], tmp_path: Path) -> None:
    folder, samples = series
    (folder / "d.dcm").unlink()
    with pytest.raises(SignalError, match="uneven places"):
        read(folder)
    dicom(folder / "d.dcm", samples[0, :5], -27.5)
    with pytest.raises(SignalError, match="unequal size"):
        read(folder)
    dicom(folder / "d.dcm", samples[0], -27.5, ImageOrientationPatient=[0, 1, 0, 1, 0, 0])
    with pytest.raises(SignalError, match="orientations"):
        read(folder)
    (tmp_path / "cut.dcm").write_bytes((folder / "a.dcm").read_bytes()[:700])
    with pytest.raises(SignalError, match="damaged or cut off"):
        read(tmp_path / "cut.dcm")
