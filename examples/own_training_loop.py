"""Use a tuned encoding in your own training loop: plain PyTorch, and only the encoding from fourierfield.

python examples/own_training_loop.py [photo.png]
"""

import sys

import numpy as np
import torch
from torch import nn

import fourierfield


def photograph() -> np.ndarray:
    """Return the picture named on the command line, or a part of scikit-image's photographer, (H, W, C) in [0, 1]."""
    if len(sys.argv) > 1:
        return fourierfield.read(sys.argv[1]).values
    from skimage.data import camera

    return camera()[100:228, 180:308, None].astype(np.float32) / 255


def main(steps: int = 300) -> float:
    """Choose an encoding, train a network behind it, and return its PSNR on all pixels, in dB."""
    image = photograph()

    # The encoding is chosen by forecasts, in seconds; nothing is trained.
    choice = fourierfield.tune(image, steps=steps).choice
    spec = choice.encoding
    print(f"encoding: {spec.family}, bandwidth {spec.bandwidth}; {choice.reason}")

    # The encoding is an nn.Module from coordinates (…, d) to features (…, 2m).
    generator = torch.Generator().manual_seed(0)
    encoding = spec.build(2, generator)
    torch.manual_seed(0)
    network = nn.Sequential(
        encoding,
        nn.Linear(encoding.out_features, 128),
        nn.ReLU(),
        nn.Linear(128, 128),
        nn.ReLU(),
        nn.Linear(128, image.shape[2]),
    )

    # Sample i of n lies at (i + ½)/n; the longer side spans [0, 1).
    height, width = image.shape[:2]
    y, x = np.mgrid[:height, :width] + 0.5
    points = torch.from_numpy(np.stack([y, x], -1) / max(height, width)).float().reshape(-1, 2)
    values = torch.from_numpy(np.ascontiguousarray(image)).reshape(len(points), -1)

    optimiser = torch.optim.Adam(network.parameters(), 3e-3)
    for step in range(steps):
        rows = torch.randint(len(points), (2048,), generator=generator)
        loss = (network(points[rows]) - values[rows]).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if step % 100 == 99:
            print(f"step {step + 1}: {-10 * loss.log10().item():.1f} dB")
    with torch.no_grad():
        return -10 * (network(points) - values).square().mean().log10().item()


if __name__ == "__main__":
    print(f"fourierfield {fourierfield.__version__}: {main():.1f} dB on all pixels")
