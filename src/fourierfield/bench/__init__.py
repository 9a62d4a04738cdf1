"""Benchmarks: ratios against this machine's own limits, against other settings and against peers, each in one run.

May import everything but reproduce.
"""

from .empirical import EmpiricalComparison, against_jacobian
from .forecast import ForecastCost, PeerComparison, against_dense_peer, forecast_cost, growth_exponent
from .quality import QualityBenchmark, time_to_paper_quality
from .step import StepBenchmark, measure_step, orthogonal_cost
from .width import WidthCheck, WidthSetting, check_width

__all__ = [
    "EmpiricalComparison",
    "ForecastCost",
    "PeerComparison",
    "QualityBenchmark",
    "StepBenchmark",
    "WidthCheck",
    "WidthSetting",
    "against_dense_peer",
    "against_jacobian",
    "check_width",
    "forecast_cost",
    "growth_exponent",
    "measure_step",
    "orthogonal_cost",
    "time_to_paper_quality",
]
