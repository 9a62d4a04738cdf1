"""Small phantoms and scans of them, files of scanners and toolboxes, and fits."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.grids._arrays import as_signal
from fourierfield.kinds._fit import run_fit
from fourierfield.kinds._read import read as read_file
from fourierfield.kinds.scans._found import stationary_prior
from fourierfield.kinds.scans._kspace import KSpaceSignal
from fourierfield.kinds.scans._local import LocalFit, LocalSolver
from fourierfield.kinds.scans._problem import Scan, forward_map
from fourierfield.kinds.scans._simulate import line_integrals, simulate
from fourierfield.kinds.scans._sinogram import SinogramSignal
from fourierfield.operators._geometry import Geometry
from fourierfield.operators._toeplitz import Circulant
from fourierfield.regression._spec import KernelSpec
from fourierfield.tasks._run import FitOutcome
from fourierfield.tasks._scan_options import ScanOptions
from fourierfield.tasks._settings import FitSettings, ReadOptions
from fourierfield.tasks._task import FitEvents

from .ismrmrd_files import Line, save
from .matlab_files import write_mat

BLOBS = [(-9.0, 4.0, 5.0, 1.0), (12.0, -10.0, 3.0, 1.5), (2.0, 14.0, 2.0, 2.0), (-3.0, -2.0, 9.0, 0.6)]

BlobScan = Callable[..., np.ndarray]
Read = Callable[..., KSpaceSignal]
Save = Callable[[dict[str, object]], Path]


@pytest.fixture(params=["5", "7.3"])
def save_mat(request: pytest.FixtureRequest, tmp_path: Path) -> Save:
    """``save_mat(variables)``: the path of a MATLAB file, of each version in turn."""
    return lambda variables: write_mat(tmp_path / "scan.mat", variables, request.param)


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """``read(header, lines, …)``: the signal of an ISMRMRD file, with the words of ``ScanOptions``."""

    def save_and_read(text: str, lines: Iterable[Line], **options: object) -> KSpaceSignal:
        signal = read_file(save(tmp_path / "scan.h5", text, lines), options=ReadOptions(**options))
        assert isinstance(signal, KSpaceSignal)
        return signal

    return save_and_read


@pytest.fixture
def blob_image() -> np.ndarray:
    """(64, 64): Σ a·exp(−|r − r₀|²/2σ²) at pixel centres, x to the right and y upwards from the middle."""
    across = np.arange(64) - 31.5
    x, y = across[None, :], -across[:, None]
    return sum(a * np.exp(-((x - p) ** 2 + (y - q) ** 2) / (2 * s * s)) for p, q, s, a in BLOBS)


@pytest.fixture
def blob_scan() -> BlobScan:
    """(A, B) line integrals of the blobs at angles in radians, the axis of rotation at bin ``centre``."""

    def scan(angles: np.ndarray, bins: int, centre: float) -> np.ndarray:
        offsets = np.arange(bins) - centre
        total = np.zeros((len(angles), bins))
        for p, q, s, a in BLOBS:
            middle = (p * np.cos(angles) + q * np.sin(angles))[:, None]
            total += a * s * np.sqrt(2 * np.pi) * np.exp(-((offsets - middle) ** 2) / (2 * s * s))
        return total

    return scan


Disc = Callable[..., np.ndarray]
DiscScan = Callable[..., SinogramSignal]


@pytest.fixture
def disc() -> Disc:
    """``disc(n)``: 1 within a circle above and to the right of the middle of n×n pixels, falling off over one."""

    def draw(n: int) -> np.ndarray:
        along = np.arange(n) - (n - 1) / 2
        away = np.hypot(along[:, None] + 0.12 * n, along - 0.2 * n)
        return np.asarray(1 / (1 + np.exp(3 * (away - 0.12 * n))))

    return draw


@pytest.fixture
def disc_scan(disc: Disc) -> DiscScan:
    """``disc_scan(n, angles, …)``: line integrals of the disc, with the words of ``Geometry``."""

    def scan(n: int, angles: np.ndarray, **geometry: Any) -> SinogramSignal:
        rays = Geometry(angles, n, **geometry)
        return SinogramSignal(line_integrals(disc(n), rays)[:, None].astype(np.float32), rays)

    return scan


@pytest.fixture
def coil_scan(disc: Disc) -> Callable[..., KSpaceSignal]:
    """``coil_scan(mask)``: what coils at the four corners see of discs, with their true sensitivities as ``maps``."""

    def scan(mask: np.ndarray) -> KSpaceSignal:
        n = len(mask)
        image = 0.5 + disc(n) + np.rot90(disc(n))
        y, x = np.mgrid[:n, :n] / n - 0.5
        corners = [(-0.6, -0.6), (-0.6, 0.6), (0.6, -0.6), (0.6, 0.6)]
        maps = np.stack(
            [
                np.exp(-((y - a) ** 2 + (x - b) ** 2)) * np.exp(1j * (2 * b * y - a * x + 0.5 * c))
                for c, (a, b) in enumerate(corners)
            ]
        )
        maps /= np.sqrt((np.abs(maps) ** 2).sum(0))
        kspace = np.fft.fftshift(np.fft.fftn(np.fft.ifftshift(maps * image, (1, 2)), axes=(1, 2), norm="ortho"), (1, 2))
        places = np.argwhere(mask) - n // 2
        return KSpaceSignal(
            kspace[:, mask].astype(np.complex64), places.astype(float), (n, n), maps=maps.astype(np.complex64)
        )

    return scan


KINDS = ("ct", "ct with gaps", "fan", "slices", "real mri", "complex mri", "coils", "beside the grid")


def box_phantom(n: int) -> np.ndarray:
    """Boxes of constant height."""
    image = np.zeros((n, n))
    image[n // 4 : 3 * n // 4, n // 4 : 3 * n // 4] = 0.5
    image[3 * n // 8 : n // 2, n // 3 : 2 * n // 3] = 1.0
    return image


def ct_scan(n: int, angles: int, noise: float = 0.0) -> SinogramSignal:
    scan = simulate(as_signal(box_phantom(n)), ScanOptions(f"ct:{angles}:{noise}"))
    assert isinstance(scan, SinogramSignal)
    return scan


def mri_scan(n: int, fraction: float, noise: float = 0.0) -> KSpaceSignal:
    scan = simulate(as_signal(box_phantom(n)), ScanOptions(f"mri:{fraction}:{noise}"))
    assert isinstance(scan, KSpaceSignal)
    return scan


def tiny_scan(kind: str) -> Scan:
    """Of 8×8 pixels (of 2×6×6 samples for slices)."""
    rng = np.random.default_rng(0)
    if kind == "slices":
        return SinogramSignal(rng.random((4, 2, 6)).astype(np.float32), Geometry(np.linspace(0, 3, 4), 6))
    if kind in ("ct", "ct with gaps", "fan"):
        distances = {"source": 20.0, "detector": 28.0, "spacing": 1.4} if kind == "fan" else {}
        values = rng.random((5, 1, 8)).astype(np.float32)
        values[rng.random(values.shape) < (0.3 if kind == "ct with gaps" else 0)] = np.nan
        return SinogramSignal(values, Geometry(np.linspace(0, 3, 5), 8, **distances))
    scan = mri_scan(8, 0.5)
    if kind == "real mri":
        return scan
    scan = replace(scan, real=False, truth=None)
    if kind == "beside the grid":
        return replace(scan, places=scan.places + rng.uniform(-0.3, 0.3, scan.places.shape))
    if kind == "complex mri":
        return scan
    maps = rng.normal(size=(3, 8, 8)) + 1j * rng.normal(size=(3, 8, 8))
    samples = np.concatenate([scan.samples, 2 * scan.samples, 1j * scan.samples])
    return replace(scan, samples=samples, maps=maps.astype(np.complex64))


def stationary(scan: Scan, bandwidth: float = 1.0, factor: float = 1.0) -> Circulant:
    """The NTK on a scan's grid."""
    kernel = KernelSpec(EncodingSpec("gaussian", bandwidth)).kernel(len(scan.image_shape))
    found = stationary_prior(kernel, scan.domain, scan.image_shape)
    return Circulant(factor * found.eigenvalues)


def measuring(scan: Scan, values: Tensor) -> Scan:
    """The same scan with other measurements."""
    if isinstance(scan, SinogramSignal):
        projections = scan.projections.transpose(1, 0, 2).copy()
        projections[~np.isnan(projections)] = values.numpy()
        return replace(scan, projections=projections.transpose(1, 0, 2))
    real, imaginary = values.numpy().reshape(2, *scan.samples.shape)
    return replace(scan, samples=(real + 1j * imaginary).astype(np.complex64))


def of_boxes(scan: Scan, noise: float = 0.0) -> Scan:
    """The same scan of the box_phantom, of a phase that turns where it is complex and of as many slices as it has."""
    image = torch.from_numpy(box_phantom(scan.image_shape[-1]))
    if isinstance(scan, SinogramSignal):
        parts = image.expand(scan.image_shape)
    elif scan.real:
        parts = image
    else:
        turn = torch.linspace(0, 2, image.shape[1], dtype=torch.float64)
        parts = torch.stack([image * turn.cos(), image * turn.sin()])
    seen = forward_map(scan) @ parts.reshape(-1)
    random = torch.randn(len(seen), dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    return measuring(scan, seen + noise * seen.square().mean().sqrt() * random)


def local(scan: Scan, ridge: float = 3e-3, sparsity: float = 1.0, rounds: int = 20) -> LocalFit:
    """A kernel of amplitudes that vary from place to place, fitted to the end."""
    solver = LocalSolver(scan, lambda step, change: None)
    found = solver.fit(ridge)
    for _ in range(rounds):
        found = solver.fit(ridge, 1.0, found)
    if sparsity < 1:
        for _ in range(rounds):
            found = solver.fit(ridge, sparsity, found)
    return found


def decibels(found: np.ndarray, truth: np.ndarray) -> float:
    return -10 * math.log10(float(((found - truth) ** 2).mean()))


@pytest.fixture(params=KINDS)
def scan(request: pytest.FixtureRequest) -> Scan:
    return tiny_scan(request.param)


def head_phantom(n: int = 32) -> np.ndarray:
    """8 bits: an ellipse with things in it."""
    y, x = (np.mgrid[:n, :n] - (n - 1) / 2) / (n / 2)
    image = 0.4 * ((x / 0.7) ** 2 + (y / 0.9) ** 2 < 1) + 0.4 * ((x - 0.2) ** 2 + (y + 0.3) ** 2 < 0.04)
    image += 0.2 * ((np.abs(x + 0.2) < 0.2) & (np.abs(y - 0.3) < 0.15))
    return np.round(255 * image).astype(np.uint8)


def kspace_of(image: np.ndarray, step: int = 2) -> np.ndarray:
    """Centred k-space of a complex image, every ``step``-th line outside of the middle zero."""
    found = np.fft.fftshift(np.fft.fft2(np.fft.ifftshift(image), norm="ortho"))
    n = len(image)
    kept = (np.arange(n) % step == 0) | (np.abs(np.arange(n) - n // 2) < n // 8)
    return np.asarray(found * kept[:, None])


_FITTED: dict[str, FitOutcome] = {}


def fit(source: Any, events: FitEvents | None = None, **choices: Any) -> FitOutcome:
    """Fit once for all tests that ask for the same: arrays without files and events."""
    settings = FitSettings(**choices)
    if not isinstance(source, np.ndarray) or events is not None or "out" in choices:
        return run_fit(source, settings, events)
    key = f"{source.dtype}{source.shape}{hashlib.sha256(source.tobytes()).hexdigest()}{settings}"
    if key not in _FITTED:
        _FITTED[key] = run_fit(source, settings)
    return _FITTED[key]


@pytest.fixture(scope="session")
def ct_outcome() -> FitOutcome:
    return fit(head_phantom(), simulate="ct:16", hold_out="grid")


@pytest.fixture(scope="session")
def mri_outcome() -> FitOutcome:
    return fit(head_phantom(), simulate="mri:0.4", hold_out="random:0.1")
