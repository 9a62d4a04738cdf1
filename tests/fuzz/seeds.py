"""Small valid files of every kind, to be damaged."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
from PIL import Image

Seed = Callable[[Path], Path]
"""Writes its files into an empty folder and returns the path to give to the command."""


def _picture(rows: int = 16, columns: int = 20) -> np.ndarray:
    y, x = np.mgrid[:rows, :columns]
    return np.stack([12 * x, 15 * y, 255 - 9 * x], axis=-1).clip(0, 255).astype(np.uint8)


def _frames() -> list[Image.Image]:
    return [Image.fromarray(np.roll(_picture(), 3 * k, 1)) for k in range(3)]


def _pillow(name: str, **options: object) -> Seed:
    def write(folder: Path) -> Path:
        Image.fromarray(_picture()).save(folder / name, **options)
        return folder / name

    return write


def _film_by_pillow(name: str) -> Seed:
    def write(folder: Path) -> Path:
        first, *others = _frames()
        first.save(folder / name, save_all=True, append_images=others, duration=100)
        return folder / name

    return write


def _tiff(name: str, shape: tuple[int, ...], dtype: str, **options: object) -> Seed:
    def write(folder: Path) -> Path:
        import tifffile

        values = np.random.default_rng(0).integers(0, 200, shape).astype(dtype)
        tifffile.imwrite(folder / name, values, **options)
        return folder / name

    return write


def _sound(name: str) -> Seed:
    def write(folder: Path) -> Path:
        import soundfile

        soundfile.write(folder / name, 0.5 * np.sin(np.arange(800) / 9), 8000)
        return folder / name

    return write


def _nifti(name: str) -> Seed:
    def write(folder: Path) -> Path:
        import nibabel

        values = np.random.default_rng(0).random((7, 6, 5)).astype(np.float32)
        nibabel.save(nibabel.Nifti1Image(values, np.diag([2.0, 2, 3, 1])), folder / name)
        return folder / name

    return write


def _dicom(folder: Path) -> Path:
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

    series = folder / "series"
    series.mkdir()
    for k in range(3):
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID = CTImageStorage, ExplicitVRLittleEndian
        meta.MediaStorageSOPInstanceUID = f"1.2.3.{k + 1}"
        slice_ = Dataset()
        slice_.file_meta = meta
        slice_.SOPClassUID, slice_.SOPInstanceUID, slice_.SeriesInstanceUID = CTImageStorage, f"1.2.3.{k + 1}", "1.2.4"
        slice_.Modality, slice_.InstanceNumber = "CT", k + 1
        slice_.Rows, slice_.Columns, slice_.SamplesPerPixel = 6, 7, 1
        slice_.PhotometricInterpretation, slice_.PixelRepresentation = "MONOCHROME2", 0
        slice_.BitsAllocated, slice_.BitsStored, slice_.HighBit = 16, 16, 15
        slice_.PixelSpacing, slice_.SliceThickness = [0.7, 0.7], 2.5
        slice_.ImagePositionPatient, slice_.ImageOrientationPatient = [0.0, 0.0, 2.5 * k], [1, 0, 0, 0, 1, 0]
        slice_.RescaleSlope, slice_.RescaleIntercept = "1", "-1024"
        slice_.PixelData = np.random.default_rng(k).integers(0, 2000, (6, 7)).astype("<u2").tobytes()
        slice_.save_as(series / f"{k}.dcm", enforce_file_format=True)
    return series


def _film(name: str, codec: str) -> Seed:
    def write(folder: Path) -> Path:
        import av

        with av.open(str(folder / name), "w") as container:
            stream = container.add_stream(codec, rate=10)
            stream.width, stream.height, stream.pix_fmt = 32, 16, "yuv420p"
            for k in range(5):
                pixels = np.roll(_picture(16, 32), 2 * k, 1)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
            container.mux(stream.encode())
        return folder / name

    return write


def _mesh(name: str, **options: object) -> Seed:
    def write(folder: Path) -> Path:
        import trimesh

        trimesh.creation.icosphere(1).export(folder / name, **options)
        return folder / name

    return write


def _text(name: str, text: str) -> Seed:
    def write(folder: Path) -> Path:
        (folder / name).write_text(text)
        return folder / name

    return write


def _rows(separator: str = ",") -> str:
    lines = [f"{i % 7}.5{separator}{i // 7}{separator}{(i % 7) * (i // 7) / 3:.3f}" for i in range(49)]
    return "\n".join([f"lon{separator}lat{separator}height", *lines])


def _parquet(folder: Path) -> Path:
    import pandas

    pandas.read_csv(io.StringIO(_rows())).to_parquet(folder / "t.parquet")
    return folder / "t.parquet"


def _netcdf(folder: Path) -> Path:
    from scipy.io import netcdf_file

    with netcdf_file(folder / "t.nc", "w") as file:
        for name, size in (("lat", 5), ("lon", 6)):
            file.createDimension(name, size)
            file.createVariable(name, "f4", (name,))[:] = np.arange(size)
        file.createVariable("height", "f4", ("lat", "lon"))[:] = np.random.default_rng(0).random((5, 6))
    return folder / "t.nc"


def _array(name: str, values: np.ndarray) -> Seed:
    def write(folder: Path) -> Path:
        np.save(folder / name, values)
        return folder / name

    return write


def _views(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    poses = np.tile(np.eye(4, dtype=np.float32), (3, 1, 1))
    poses[:, 2, 3] = 4
    poses[:, 0, 3] = [-0.5, 0, 0.5]
    return np.stack([_picture(8, 8)] * 3), poses


def _views_npz(folder: Path) -> Path:
    images, poses = _views(folder)
    np.savez(folder / "v.npz", images=images, poses=poses, focal=np.array(8.0))
    return folder / "v.npz"


def _transforms(folder: Path) -> Path:
    images, poses = _views(folder)
    frames = []
    for k, (image, pose) in enumerate(zip(images, poses, strict=True)):
        Image.fromarray(image).save(folder / f"{k}.png")
        frames.append({"file_path": f"{k}.png", "transform_matrix": pose.tolist()})
    (folder / "transforms.json").write_text(json.dumps({"camera_angle_x": 0.9, "frames": frames}, indent=1))
    return folder


def _exchange(folder: Path) -> Path:
    with h5py.File(folder / "ct.h5", "w") as file:
        file["exchange/data"] = np.random.default_rng(0).random((6, 2, 8)).astype(np.float32)
        file["exchange/theta"] = np.linspace(0, 150, 6)
    return folder / "ct.h5"


def _fastmri(folder: Path) -> Path:
    parts = np.random.default_rng(0).normal(size=(2, 1, 8, 8))
    with h5py.File(folder / "mri.h5", "w") as file:
        file["kspace"] = (parts[0] + 1j * parts[1]).astype(np.complex64)
    return folder / "mri.h5"


def _matlab(folder: Path) -> Path:
    from scipy.io import savemat

    parts = np.random.default_rng(0).normal(size=(2, 8, 8))
    savemat(folder / "k.mat", {"kspace": parts[0] + 1j * parts[1]})
    return folder / "k.mat"


def _cfl(folder: Path) -> Path:
    parts = np.random.default_rng(0).normal(size=(2, 8, 8))
    (folder / "k.cfl").write_bytes((parts[0] + 1j * parts[1]).astype("<c8").tobytes())
    (folder / "k.hdr").write_text("# Dimensions\n8 8 1 1 1 1 1 1 1 1 1 1 1 1 1 1\n")
    return folder / "k.cfl"


def _field(method: str) -> Seed:
    def write(folder: Path) -> Path:
        import fourierfield

        choices = {"steps": 2, "width": 8, "features": 4} if method == "network" else {}
        values = _picture()[..., 0].astype(np.float32)
        fourierfield.fit(values, method=method, bandwidth=2.0, out=folder / "f.safetensors", **choices)
        return folder / "f.safetensors"

    return write


_CONCAVE = (
    "v 0 0 0\nv 4 0 0\nv 4 4 0\nv 2 1 0\nv 0 4 0\nv 2 2 3\nf 1 2 3 4 5\nf 1 6 2\nf 2 6 3\nf 3 6 4\nf 4 6 5\nf 5 6 1\n"
)
_NOISE = np.random.default_rng(0).random((6, 9)).astype(np.float32)

SEEDS: dict[str, Seed] = {
    "png": _pillow("p.png"),
    "jpeg": _pillow("p.jpg", quality=90),
    "bmp": _pillow("p.bmp"),
    "webp": _pillow("p.webp", lossless=True),
    "gif": _film_by_pillow("p.gif"),
    "apng": _film_by_pillow("p.png"),
    "tiff": _tiff("t.tif", (12, 14, 3), "uint8", photometric="rgb"),
    "tiff stack": _tiff("t.tif", (4, 12, 14), "uint16", photometric="minisblack"),
    "imagej": _tiff("t.tif", (4, 12, 14), "uint16", imagej=True, metadata={"axes": "ZYX", "unit": "um"}),
    "wav": _sound("s.wav"),
    "flac": _sound("s.flac"),
    "ogg": _sound("s.ogg"),
    "nifti": _nifti("n.nii"),
    "nifti packed": _nifti("n.nii.gz"),
    "dicom": _dicom,
    "mp4": _film("f.mp4", "mpeg4"),
    "matroska": _film("f.mkv", "mpeg4"),
    "obj": _mesh("m.obj"),
    "obj polygons": _text("m.obj", _CONCAVE),
    "ply": _mesh("m.ply", encoding="ascii"),
    "ply binary": _mesh("m.ply"),
    "off": _mesh("m.off"),
    "stl": _mesh("m.stl", file_type="stl_ascii"),
    "stl binary": _mesh("m.stl"),
    "glb": _mesh("m.glb"),
    "csv": _text("t.csv", _rows()),
    "blanks": _text("t.txt", "# " + _rows(" ")),
    "parquet": _parquet,
    "netcdf": _netcdf,
    "npy": _array("a.npy", _NOISE),
    "npy complex": _array("k.npy", (_NOISE[:, :6] + 1j * _NOISE[:, :6]).astype(np.complex64)),
    "views npz": _views_npz,
    "transforms": _transforms,
    "exchange": _exchange,
    "fastmri": _fastmri,
    "matlab": _matlab,
    "cfl": _cfl,
    "network field": _field("network"),
    "kernel field": _field("kernel"),
}
