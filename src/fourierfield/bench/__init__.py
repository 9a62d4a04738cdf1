"""Measure ratios against this machine's own limits, against other settings and against peers, each in one run.

May import everything but reproduce.
"""
