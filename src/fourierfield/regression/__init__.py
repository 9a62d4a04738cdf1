"""Regression with the kernel of an infinitely wide network: exact training, without steps.

A problem and a kernel become a ``KernelField``; the kernel and its ridge are chosen by likelihood.
May import everything down to training.
"""

from .choice import Candidates, KernelChoice, choose_kernel
from .deviation import DeviationField
from .estimate import check_kernel_memory, kernel_bytes
from .evidence import Scatter
from .field import KernelField, KernelWeights
from .field_file import load_field, save_kernel_field
from .left_out import LeftOut, Neighbourhoods
from .solve import Accuracy, places_of, solve_weights
from .spec import KernelSpec
from .train import KernelRun, choose_for, train_kernel

__all__ = [
    "Accuracy",
    "Candidates",
    "DeviationField",
    "KernelChoice",
    "KernelField",
    "KernelRun",
    "KernelSpec",
    "KernelWeights",
    "LeftOut",
    "Neighbourhoods",
    "Scatter",
    "check_kernel_memory",
    "choose_for",
    "choose_kernel",
    "kernel_bytes",
    "load_field",
    "places_of",
    "save_kernel_field",
    "solve_weights",
    "train_kernel",
]
