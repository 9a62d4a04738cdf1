"""The dense route of neural-tangents to a learning curve: python neural_tangents_forecast.py GIVEN.npz FOUND.npz"""

from __future__ import annotations

import sys
import time

import jax

jax.config.update("jax_enable_x64", True)
# neural-tangents 0.6.5 expects two names that newer JAX has moved.
jax.interpreters.ad.source_info_util = jax._src.source_info_util
jax.interpreters.ad.config = jax.config

import neural_tangents as nt  # noqa: E402
import numpy as np  # noqa: E402
from neural_tangents import stax  # noqa: E402


def main(given: str, found: str) -> None:
    with np.load(given) as problem:
        train, test, targets, times = (problem[name] for name in ("train", "test", "targets", "times"))
        depth = int(problem["depth"])
    layers = [stax.Dense(1, W_std=2**0.5, b_std=None), stax.Relu()] * (depth - 1) + [stax.Dense(1, W_std=2**0.5)]
    _, _, kernel = stax.serial(*layers)
    solve(kernel, train[:64], test[:64], targets[:64], times)  # compiles what it can beforehand
    started = time.perf_counter()
    outputs = solve(kernel, train, test, targets, times)
    np.savez(found, outputs=outputs, seconds=time.perf_counter() - started)


def solve(kernel, train, test, targets, times) -> np.ndarray:  # type: ignore[no-untyped-def]
    """f_t at the test points, (T, M, C), started at zero; its loss is a mean over all outputs, as ours."""
    square = kernel(train, train, "ntk")
    cross = kernel(test, train, "ntk")
    predictor = nt.predict.gradient_descent_mse(square, targets)
    zeros = (np.zeros_like(targets), np.zeros((len(test), targets.shape[1])))
    _, outputs = predictor(times, *zeros, cross)
    return np.asarray(outputs.block_until_ready())


if __name__ == "__main__":
    main(*sys.argv[1:])
