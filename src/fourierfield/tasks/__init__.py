"""Run a fit: settings, the task of a signal, its plan, record, resumption and outcome.

May import everything down to tuning.
"""
