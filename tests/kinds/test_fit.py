"""What is said of a scan."""

from __future__ import annotations

import json

import numpy as np

from fourierfield.grids._arrays import as_signal
from fourierfield.kinds._fit import describe
from fourierfield.kinds.scans._projections import as_sinogram
from fourierfield.kinds.scans._samples import as_kspace
from fourierfield.kinds.scans._simulate import simulate
from fourierfield.tasks._scan_options import ScanOptions


def test_sinograms_tell_angles_slices_and_bins() -> None:
    values = np.ones((6, 2, 9))
    values[0, 0, 0] = np.nan
    said = describe(as_sinogram(values, ScanOptions(centre=4.0, fan="50,100")))
    assert (said["kind"], said["angles"], said["slices"], said["bins"]) == ("ct", 6, 2, 9)
    assert (said["missing"], said["beam"], said["centre"], said["simulated"]) == (1, "fan", 4.0, False)
    json.dumps(said, allow_nan=False)


def test_k_space_tells_coils_samples_and_mask() -> None:
    kspace = np.zeros((3, 8, 10), dtype=complex)
    kspace[:, ::2] = 1
    said = describe(as_kspace(kspace))
    assert (said["kind"], said["coils"], said["samples"], said["size"]) == ("mri", 3, 40, [8, 10])
    assert (said["mask_fraction"], said["cartesian"], said["sensitivity_maps"]) == (0.5, True, False)
    simulated = describe(simulate(as_signal(np.eye(8)), ScanOptions("mri:0.25")))
    assert (simulated["simulated"], simulated["mask_fraction"], simulated["channels"]) == (True, 0.25, 1)
    json.dumps([said, simulated], allow_nan=False)
