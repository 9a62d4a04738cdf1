"""What the tests share: real files where they lie beside the checkout, and small images everywhere."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import settings

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # of the programs that tests start

settings.register_profile("fourierfield", deadline=None, derandomize=True)
settings.load_profile("fourierfield")

torch.set_num_threads(1)  # small operations: a second thread costs more than it saves, much more on a busy machine

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture
def shared_data() -> Path:
    """The folder of real files, or a skip where it is not beside the checkout."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("real files (../shared/data) are not beside this checkout")
    return folder


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


@pytest.fixture
def smooth_image() -> np.ndarray:
    """A (24, 32, 3) float image in [0, 1] with low frequencies only."""
    y, x = np.mgrid[0:24, 0:32] / 32
    waves = [np.sin(2 * np.pi * (a * x + b * y)) for a, b in ((1, 0), (0, 1), (1, 1))]
    return (0.5 + 0.4 * np.stack(waves, axis=-1)).astype(np.float32)


@pytest.fixture
def photo_file(tmp_path: Path, smooth_image: np.ndarray) -> Path:
    """An 8-bit PNG of the smooth image."""
    from PIL import Image

    path = tmp_path / "photo.png"
    Image.fromarray((smooth_image * 255).round().astype(np.uint8)).save(path)
    return path


@pytest.fixture
def small_field():  # type: ignore[no-untyped-def]
    """An untrained field of an RGB image of 12×20 pixels."""
    from fourierfield.encodings._families import gaussian
    from fourierfield.grids._domain import Domain
    from fourierfield.grids._sample_format import SampleFormat
    from fourierfield.grids._signal import SignalDescription
    from fourierfield.networks._field import NetworkField
    from fourierfield.networks._mlp import MLP, CoordinateNetwork, MLPSpec
    from fourierfield.networks._values import ValueRange

    generator = torch.Generator().manual_seed(0)
    encoding = gaussian(2, 2.0, 8, generator=generator)
    network = CoordinateNetwork(encoding, MLP(MLPSpec(16, 3, depth=3, width=16), generator))
    source = SignalDescription("image", (12, 20), 3, SampleFormat("uint8"))
    return NetworkField(network, Domain.of_samples((12, 20)), ValueRange(), source, {"steps": 1})


def sphere_pictures(poses: np.ndarray, size: int, focal: float, radius: float = 0.8) -> np.ndarray:
    """(N, size, size, 4) uint8 of a sphere about the origin with the colour of its normal, by exact intersection."""
    rows, columns = np.mgrid[0:size, 0:size] + 0.5
    local = np.stack([(columns - size / 2) / focal, -(rows - size / 2) / focal, -np.ones_like(rows)], axis=-1)
    local /= np.linalg.norm(local, axis=-1, keepdims=True)
    pictures = []
    for pose in poses:
        directions, place = local @ pose[:3, :3].T, pose[:3, 3]
        along = -directions @ place
        square = radius**2 - (place @ place - along**2)
        hit = place + (along - np.sqrt(np.maximum(square, 0)))[..., None] * directions
        colours = 0.5 + 0.5 * hit / radius
        pictures.append(np.concatenate([colours, np.ones_like(along)[..., None]], axis=-1) * (square > 0)[..., None])
    return (255 * np.stack(pictures)).round().astype(np.uint8)


def make_sphere_arrays() -> dict[str, np.ndarray]:
    """Return what an .npz of ten posed pictures of a coloured sphere holds: two of them for testing."""
    from fourierfield.kinds.views._cameras import look_at

    angles = np.linspace(0, 2 * np.pi, 10, endpoint=False)
    places = [(4 * np.cos(a), 4 * np.sin(a), 1.5 * np.cos(3 * a)) for a in angles]
    poses = np.stack([look_at(place, (0.0, 0.0, 0.0)) for place in places])
    split = np.array(["train"] * 8 + ["test"] * 2)
    return {
        "images": sphere_pictures(poses, 20, 32.0),
        "poses": poses.astype(np.float32),
        "focal": np.array(32.0),
        "split": split,
        "near": np.array(2.0),
        "far": np.array(6.0),
    }


@pytest.fixture
def sphere_arrays() -> dict[str, np.ndarray]:
    """The content of an .npz of ten posed pictures of a coloured sphere."""
    return make_sphere_arrays()


@pytest.fixture
def sphere_file(tmp_path: Path, sphere_arrays: dict[str, np.ndarray]) -> Path:
    """The .npz of the sphere."""
    path = tmp_path / "sphere.npz"
    np.savez(path, **sphere_arrays)
    return path


@pytest.fixture(scope="session")
def views_field_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a field of the sphere, trained once, so far that there is a surface."""
    import fourierfield

    folder = tmp_path_factory.mktemp("sphere")
    np.savez(folder / "sphere.npz", **make_sphere_arrays())
    out = folder / "ball.safetensors"
    fourierfield.fit(folder / "sphere.npz", steps=80, width=16, features=8, out=out)
    return out


@pytest.fixture
def views_field(views_field_file: Path):  # type: ignore[no-untyped-def]
    """The field of the sphere, read afresh."""
    import fourierfield

    return fourierfield.load(views_field_file)
