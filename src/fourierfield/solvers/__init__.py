"""Solve with linear operators: Lanczos for functions of one, conjugate gradients, Cholesky, sparse regularisation.

A solver knows only the operator, never what it means. Solvers of linear systems, and Lanczos, return a ``Solution``
with a status and advice.
May import operators.
"""
