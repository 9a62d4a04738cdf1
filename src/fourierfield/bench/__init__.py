"""Benchmarks: ratios against this machine's own limits and against other settings, measured in one run.

May import everything but reproduce.
"""

from .quality import QualityBenchmark, time_to_paper_quality
from .step import StepBenchmark, measure_step

__all__ = ["QualityBenchmark", "StepBenchmark", "measure_step", "time_to_paper_quality"]
