"""Encodings γ(v) = [a_j cos 2πb_j·v, a_j sin 2πb_j·v]: one module, named constructors per family.

Frequencies b_j are in cycles per unit of the coordinates; ``laws`` draws them at random, ``octaves`` has the
conventions of public code, ``units`` converts between everybody's words for bandwidth.
May import signals.
"""

from .families import (
    basic,
    gaussian,
    identity,
    laplace,
    log_uniform,
    per_axis,
    positional,
    power_law,
    random_features,
    uniform,
)
from .fourier import FourierEncoding
from .laws import FrequencyLaw, GaussianLaw, LaplaceLaw, LogUniformLaw, UniformLaw
from .octaves import barf, mip_nerf, nerf, nerfstudio, siren_positional, tiny_cuda_nn, transformer
from .spec import FAMILIES, EncodingSpec, rebuild_encoding
from .window import coarse_to_fine_weights

__all__ = [
    "FAMILIES",
    "EncodingSpec",
    "FourierEncoding",
    "FrequencyLaw",
    "GaussianLaw",
    "LaplaceLaw",
    "LogUniformLaw",
    "UniformLaw",
    "barf",
    "basic",
    "coarse_to_fine_weights",
    "gaussian",
    "identity",
    "laplace",
    "log_uniform",
    "mip_nerf",
    "nerf",
    "nerfstudio",
    "per_axis",
    "positional",
    "power_law",
    "random_features",
    "rebuild_encoding",
    "siren_positional",
    "tiny_cuda_nn",
    "transformer",
    "uniform",
]
