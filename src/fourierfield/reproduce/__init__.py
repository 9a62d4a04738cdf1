"""Reproduce the paper's tables and figures from its own settings.

An experiment is a frozen dataclass of sizes whose defaults are the paper's; finished runs are kept beside the picture.
May import everything but bench.
"""
