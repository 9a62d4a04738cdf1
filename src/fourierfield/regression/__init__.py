"""Solve for an infinitely wide network: kernel regression, exact training without steps.

A problem and a kernel become a ``KernelField``; the kernel and its ridge are chosen by likelihood.
May import everything down to training.
"""

from ._field import KernelField

__all__ = ["KernelField"]
