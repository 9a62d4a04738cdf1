"""What the tests share: real files where they lie beside the checkout, and small images everywhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import settings

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
    from fourierfield.encodings import gaussian
    from fourierfield.networks import MLP, CoordinateNetwork, MLPSpec, NetworkField, ValueRange
    from fourierfield.signals import Domain, SampleFormat, SignalDescription

    generator = torch.Generator().manual_seed(0)
    encoding = gaussian(2, 2.0, 8, generator=generator)
    network = CoordinateNetwork(encoding, MLP(MLPSpec(16, 3, depth=3, width=16), generator))
    source = SignalDescription("image", (12, 20), 3, SampleFormat("uint8"))
    return NetworkField(network, Domain.of_samples((12, 20)), ValueRange(), source, {"steps": 1})
