"""The learning curve before training: gradient flow under a kernel, its spectrum, and optimiser steps as time.

May import everything down to training.
"""

from .band_flow import BandFlow, band_shares, forecast_bands
from .bands import Bands, band_energies, band_means, cosine_eigenvalues, cosine_frequencies
from .clock import GradientCurve, adam_times, plan_times
from .curve import LearningCurve, forecast_curve
from .dynamics import Dynamics, GradientDescent, GradientFlow
from .ensemble import Ensemble, KernelBlocks, trained_ensemble
from .filters import ReconstructionFilter, reconstruction_filter
from .finite import REFERENCE, FiniteForecast, Traits, delay, finite_width, may_collapse, noise_share
from .flow import Flow, Prediction, predict, train_flow, train_flows
from .isotropy import anisotropy
from .limit import WideLimit
from .linearized import LinearizedTraining, linearize
from .smooth import SMOOTH, at_equal_training, nngp_curve, smoothness
from .spectrum import (
    Spectrum,
    dense_spectrum,
    frequency_lengths,
    lanczos_spectrum,
    periodic_eigenvalues,
    plane_wave_eigenvalues,
    wave_frequencies,
)
from .steps import FlowForecast, StepForecast, forecast_flow, forecast_steps
from .structure import directed_detail

__all__ = [
    "REFERENCE",
    "SMOOTH",
    "BandFlow",
    "Bands",
    "Dynamics",
    "Ensemble",
    "FiniteForecast",
    "Flow",
    "FlowForecast",
    "GradientCurve",
    "GradientDescent",
    "GradientFlow",
    "KernelBlocks",
    "LearningCurve",
    "LinearizedTraining",
    "Prediction",
    "ReconstructionFilter",
    "Spectrum",
    "StepForecast",
    "Traits",
    "WideLimit",
    "adam_times",
    "anisotropy",
    "at_equal_training",
    "band_energies",
    "band_means",
    "band_shares",
    "cosine_eigenvalues",
    "cosine_frequencies",
    "delay",
    "dense_spectrum",
    "directed_detail",
    "finite_width",
    "forecast_bands",
    "forecast_curve",
    "forecast_flow",
    "forecast_steps",
    "frequency_lengths",
    "lanczos_spectrum",
    "linearize",
    "may_collapse",
    "nngp_curve",
    "noise_share",
    "periodic_eigenvalues",
    "plan_times",
    "plane_wave_eigenvalues",
    "predict",
    "reconstruction_filter",
    "smoothness",
    "train_flow",
    "train_flows",
    "trained_ensemble",
    "wave_frequencies",
]
