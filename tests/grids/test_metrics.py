from __future__ import annotations

import math

import numpy as np
from skimage.metrics import peak_signal_noise_ratio

from fourierfield.grids._metrics import psnr, structural_similarity


def test_psnr_agrees_with_scikit_image() -> None:
    rng = np.random.default_rng(0)
    truth, estimate = rng.random((2, 9, 9))
    assert math.isclose(psnr(estimate, truth), peak_signal_noise_ratio(truth, estimate, data_range=1), rel_tol=1e-9)
    assert math.isclose(psnr(estimate, truth, peak=2.0), psnr(estimate, truth) + 20 * math.log10(2), rel_tol=1e-9)


def test_psnr_of_equal_arrays_is_infinite_and_missing_values_do_not_count() -> None:
    truth = np.array([0.5, np.nan])
    assert psnr(np.array([0.5, 7.0]), truth) == math.inf


def test_similarity_is_one_for_the_truth_and_undefined_where_it_must_be() -> None:
    image = np.random.default_rng(0).random((16, 16, 3)).astype(np.float32)
    assert structural_similarity(image, image) == 1.0
    assert structural_similarity(1 - image, image) < 0.5
    assert structural_similarity(image[:5], image[:5]) is None
    holed = image.copy()
    holed[0, 0, 0] = np.nan
    assert structural_similarity(image, holed) is None
