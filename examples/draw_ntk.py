"""Draw the NTK of a network against distance, for several bandwidths: theory, and a wide network of its own.

python examples/draw_ntk.py [ntk.png]
"""

import sys

import torch

from fourierfield import MLP, CoordinateNetwork, MLPSpec
from fourierfield.encodings import gaussian, identity
from fourierfield.kernels import composed_ntk, empirical_ntk


def main(path: str = "ntk.png", width: int = 1024) -> float:
    """Draw the figure, and return the largest difference between theory and the wide network, relative to K(0)."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    distance = torch.linspace(-0.5, 0.5, 201)
    figure, axes = plt.subplots(figsize=(6, 4))
    worst = 0.0
    for bandwidth, colour in ((1.0, "C0"), (4.0, "C1"), (16.0, "C2")):
        generator = torch.Generator().manual_seed(0)
        encoding = gaussian(1, bandwidth, 256, generator=generator)
        spec = MLPSpec(encoding.out_features, 1, depth=3, width=width, output="none")
        network = CoordinateNetwork(encoding, MLP(spec, generator))

        # In theory, at infinite width, the kernel is stationary: a function of the difference alone.
        ntk = composed_ntk(network)
        theory = ntk(distance[:, None]) / ntk.at_zero
        axes.plot(distance, theory, colour, label=f"bandwidth {bandwidth:g} cycles per unit")

        # The NTK of the same network at its finite width, around the point 0.
        some = distance[::10]
        own = empirical_ntk(network, some[:, None], torch.zeros(1, 1))[:, 0, 0, 0]
        own = own / own[len(some) // 2]
        axes.plot(some, own, f"{colour}.", markersize=5)
        worst = max(worst, float((own - theory[::10]).abs().max()))

    plain = identity(1)
    network = CoordinateNetwork(
        plain, MLP(MLPSpec(1, 1, depth=3, width=width, output="none"), torch.Generator().manual_seed(0))
    )
    own = empirical_ntk(network, 0.5 + distance[:, None], torch.full((1, 1), 0.5))[:, 0, 0, 0]
    axes.plot(distance, own / own.abs().max(), "0.6", label="no encoding, about 0.5")
    axes.set(
        xlabel="difference of coordinates",
        ylabel="NTK, relative to its largest",
        title="Lines: theory. Dots: width 1,024",
    )
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    figure.savefig(path, dpi=120, bbox_inches="tight")
    plt.close(figure)
    return worst


if __name__ == "__main__":
    print(f"theory and the wide network differ by at most {main(*sys.argv[1:2]):.3f} of K(0)")
