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
    with pytest.raises(SignalError, match="uneven places"):  # one of another size is left out
        read(folder)
    (tmp_path / "cut.dcm").write_bytes((folder / "a.dcm").read_bytes()[:700])
    with pytest.raises(SignalError, match="damaged or cut off"):
        read(tmp_path / "cut.dcm")


@pytest.fixture
def slices(tmp_path: Path) -> tuple[Path, np.ndarray]:
    """An empty folder, and numbers of four slices (rows, columns)."""
    folder = tmp_path / "slices"
    folder.mkdir()
    return folder, np.random.default_rng(1).integers(0, 900, (4, 6, 7))


@pytest.mark.parametrize("turned", [True, False])
def test_halves_of_different_stacks_are_refused(slices: tuple[Path, np.ndarray], turned: bool) -> None:
    folder, samples = slices
    for k, stored in enumerate(samples):
        other = {"ImageOrientationPatient": [0, 1, 0, 1, 0, 0]} if turned and k % 2 else {}
        dicom(folder / f"{k}.dcm", stored if turned or k % 2 else stored[:5], 2.5 * k, **other)
    with pytest.raises(SignalError, match="orientations or of unequal size"):
        read(folder)


def by_pydicom(folder: Path) -> np.ndarray:
    """Values (columns, rows, slices) by pydicom's own function, in the order of the names."""
    from pydicom.pixels.processing import apply_modality_lut

    found = [pydicom.dcmread(path) for path in sorted(folder.iterdir())]
    return np.stack([apply_modality_lut(d.pixel_array, d).T for d in found], axis=-1)


def test_each_slice_has_its_own_slope(slices: tuple[Path, np.ndarray]) -> None:
    """As in positron emission."""
    folder, samples = slices
    for k, (slope, stored) in enumerate(zip((0.01, 0.5, 3.0, 70.0), samples, strict=True)):
        dicom(folder / f"{k}.dcm", stored, 2.5 * k, RescaleSlope=slope, RescaleIntercept=k)
    np.testing.assert_allclose(read(folder).values[..., 0], by_pydicom(folder), rtol=1e-6)


def test_tables_take_the_place_of_slopes(slices: tuple[Path, np.ndarray]) -> None:
    folder, samples = slices
    for k, stored in enumerate(samples % 16):
        table = pydicom.Dataset()
        table.LUTDescriptor, table.ModalityLUTType = [16, 0, 16], "US"
        table.add_new("LUTData", "US", [k + n**2 for n in range(16)])
        dicom(folder / f"{k}.dcm", stored, 2.5 * k, ModalityLUTSequence=[table], PixelRepresentation=0)
        dataset = pydicom.dcmread(folder / f"{k}.dcm")
        del dataset.RescaleSlope, dataset.RescaleIntercept
        dataset.save_as(folder / f"{k}.dcm")
    found = read(folder).values[..., 0]
    np.testing.assert_array_equal(found, by_pydicom(folder))
    assert found.max() > 100


def test_padding_is_missing(slices: tuple[Path, np.ndarray]) -> None:
    folder, samples = slices
    samples[:, :2] = -2000
    for k, stored in enumerate(samples):
        dicom(folder / f"{k}.dcm", stored, 2.5 * k, PixelPaddingValue=-2000)
    found = read(folder).values[..., 0]
    assert np.isnan(found[:, :2]).all()
    np.testing.assert_array_equal(found[:, 2:], by_pydicom(folder)[:, 2:])


@pytest.mark.parametrize("scaled", [True, False])
def test_bright_is_high_unless_values_mean_something(tmp_path: Path, scaled: bool) -> None:
    samples = np.arange(42).reshape(6, 7)
    dicom(tmp_path / "a.dcm", samples, 0.0, PhotometricInterpretation="MONOCHROME1", PixelRepresentation=0)
    dataset = pydicom.dcmread(tmp_path / "a.dcm")
    if not scaled:
        del dataset.RescaleSlope, dataset.RescaleIntercept
    dataset.save_as(tmp_path / "a.dcm")
    signal = read(tmp_path / "a.dcm")
    expected = 2.0 * samples - 1000 if scaled else 65535.0 - samples
    np.testing.assert_array_equal(signal.values[..., 0], expected)
    assert any("MONOCHROME1" in note for note in signal.notes)


def test_scouts_are_left_out_and_counted(series: tuple[Path, np.ndarray]) -> None:
    folder, _ = series
    dicom(folder / "scout.dcm", np.ones((4, 9)), 0.0, ImageOrientationPatient=[1, 0, 0, 0, 0, -1])
    signal = read(folder)
    assert signal.shape == (7, 6, 5)
    assert "1 pictures of another size or orientation (scouts) are left out" in signal.notes


def test_several_volumes_in_one_series_are_refused_with_what_tells_them_apart(slices: tuple[Path, np.ndarray]) -> None:
    folder, samples = slices
    for k, stored in enumerate(samples):
        for echo in (1, 2):
            dicom(folder / f"{k}{echo}.dcm", stored, 2.5 * k, EchoNumbers=echo)
    with pytest.raises(SignalError, match="holds 2 volumes of 4 slices in one series, told apart by EchoNumbers"):
        read(folder)


def test_files_without_a_preamble(series: tuple[Path, np.ndarray]) -> None:
    folder, _ = series
    expected = read(folder).values
    for path in folder.glob("*.dcm"):
        path.write_bytes(path.read_bytes()[132:])
    np.testing.assert_array_equal(read(folder).values, expected)
    assert read(folder / "a.dcm").kind == "image"


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("slopes", [(1.0,) * 3, (0.5, 1.0, 4.0)])
def test_enhanced_files_state_everything_in_groups(tmp_path: Path, backwards: bool, slopes: tuple[float, ...]) -> None:
    """Spacing and orientation for all frames, places and slopes for each."""
    samples = np.random.default_rng(2).integers(0, 2000, (3, 6, 7))
    dicom(tmp_path / "a.dcm", samples[0], 0.0)
    data = pydicom.dcmread(tmp_path / "a.dcm")
    for name in ("PixelSpacing", "SliceThickness", "ImagePositionPatient", "ImageOrientationPatient", "RescaleSlope",
                 "RescaleIntercept"):  # fmt: skip
        delattr(data, name)

    def group(name: str, **values: object) -> pydicom.Dataset:
        inner, outer = pydicom.Dataset(), pydicom.Dataset()
        for key, value in values.items():
            setattr(inner, key, value)
        setattr(outer, name, [inner])
        return outer

    measures = {"PixelSpacing": [0.7, 0.8], "SliceThickness": 2.0, "SpacingBetweenSlices": 2.5}
    shared = group("PixelMeasuresSequence", **measures)
    shared.update(group("PlaneOrientationSequence", ImageOrientationPatient=[1, 0, 0, 0, 1, 0]))
    heights = [5.0, 2.5, 0.0] if backwards else [0.0, 2.5, 5.0]
    frames = [group("PlanePositionSequence", ImagePositionPatient=[1.0, 2.0, height]) for height in heights]
    for frame, slope in zip(frames, slopes, strict=True):
        scale = {"RescaleSlope": slope, "RescaleIntercept": -1024, "RescaleType": "HU"}
        frame.update(group("PixelValueTransformationSequence", **scale))
    data.SharedFunctionalGroupsSequence, data.PerFrameFunctionalGroupsSequence = [shared], frames
    data.NumberOfFrames, data.PixelData = 3, samples.astype("<i2").tobytes()
    data.save_as(tmp_path / "a.dcm")
    signal = read(tmp_path / "a.dcm")
    expected = (samples * np.array(slopes)[:, None, None] - 1024)[:: -1 if backwards else 1]
    np.testing.assert_allclose(signal.values[..., 0], expected.transpose(2, 1, 0))
    np.testing.assert_allclose(np.array(signal.domain.extent) / signal.shape, (0.8, 0.7, 2.5))
    affine = np.array(signal.sample_format.volume.affine)  # type: ignore[union-attr]
    np.testing.assert_allclose(affine @ [0, 0, 2, 1], [-1, -2, 5, 1])
