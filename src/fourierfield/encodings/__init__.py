"""Map coordinates to Fourier features γ(v) = [a_j cos 2πb_j·v, a_j sin 2πb_j·v].

Frequencies b_j are in cycles per unit of the coordinates. ``_registry`` has one entry for each family that can be
chosen by name; a new family is a new entry there. ``_families`` has the paper's constructors, ``_octaves`` the
conventions of public code, ``_laws`` the distributions of random frequencies, and ``_spec`` the choice of an encoding
that is not drawn yet. Names are imported on first use: ``_registry`` needs neither PyTorch nor NumPy.
May import grids.
"""

from typing import TYPE_CHECKING

from .._lazy import lazy

if TYPE_CHECKING:
    from ._families import basic, gaussian, identity, laplace, log_uniform, positional, power_law, uniform
    from ._fourier import FourierEncoding
    from ._octaves import barf, mip_nerf, nerf, nerfstudio, siren_positional, tiny_cuda_nn, transformer
    from ._spec import EncodingSpec
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "EncodingSpec": "_spec",
            "FourierEncoding": "_fourier",
            **dict.fromkeys(("barf", "mip_nerf", "nerf", "nerfstudio", "siren_positional"), "_octaves"),
            **dict.fromkeys(("tiny_cuda_nn", "transformer"), "_octaves"),
            **dict.fromkeys(("basic", "gaussian", "identity", "laplace", "log_uniform"), "_families"),
            **dict.fromkeys(("positional", "power_law", "uniform"), "_families"),
        },
    )

__all__ = [
    "EncodingSpec",
    "FourierEncoding",
    "barf",
    "basic",
    "gaussian",
    "identity",
    "laplace",
    "log_uniform",
    "mip_nerf",
    "nerf",
    "nerfstudio",
    "positional",
    "power_law",
    "siren_positional",
    "tiny_cuda_nn",
    "transformer",
    "uniform",
]
