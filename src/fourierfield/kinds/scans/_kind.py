"""The kinds of CT and MRI scans."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import SettingsError
from .._kind import Format, Json, Kind

if TYPE_CHECKING:
    import numpy as np

    from ...grids._signal import GridSignal
    from ...tasks._settings import FitSettings, ReadOptions
    from ...tasks._task import Task
    from ._kspace import KSpaceSignal
    from ._problem import Scan
    from ._sinogram import SinogramSignal

_HDF5 = b"\x89HDF\r\n\x1a\n"
_RIVALS = {
    "fbp": "back-projection",
    "sart": "SART",
    "tv": "total variation",
    "zero_filled": "zero-filled",
    "sense": "SENSE",
}


def _hdf5(container: str) -> Callable[[bytes, Path], bool]:
    """Return a test of whether a file is HDF5 with the datasets of a container."""

    def recognises(head: bytes, path: Path) -> bool:
        if not head.startswith(_HDF5):
            return False
        from ._read import hdf5_container

        return hdf5_container(path) == container

    return recognises


def _is_cfl(head: bytes, path: Path) -> bool:
    from ._cfl import is_cfl

    return is_cfl(path)


class ScanKind(Kind):
    """What CT and MRI have in common: both are fitted through their map, by kernel unless training is asked for."""

    methods = ("kernel", "network")
    analysed = True

    def method(self, settings: FitSettings) -> str:
        """Return the method: by kernel, unless a network or a setting of its training is asked for."""
        found = super().method(settings)
        if settings.method == "auto" and settings.trains:
            found = "network"
        if found == "network" and settings.uncertainty:
            raise SettingsError("--uncertainty: a network does not know it; fit with --method kernel")
        return found

    def task(self, signal: Scan, settings: FitSettings) -> Task:
        """Return the task of a fit by kernel or network."""
        from ._kernel import ScanKernelTask
        from ._network import ScanNetworkTask

        task = ScanKernelTask if self.method(settings) == "kernel" else ScanNetworkTask
        return task.of(signal, settings)

    def to_analyse(
        self, signal: Scan, settings: FitSettings, report: Callable[[int], None]
    ) -> tuple[GridSignal, FitSettings]:
        """Return the image that a kernel finds of the scan."""
        from ._plan import image_to_analyse

        return image_to_analyse(signal, settings, report)

    def tune(self, signal: Scan, settings: FitSettings, report: Callable[[int], None]) -> Any:
        """Forecast candidates for the image that a kernel finds; return the ``TuneOutcome``."""
        from ._plan import tune_scan

        return tune_scan(signal, settings, report)

    def kernel_line(self, result: Json) -> str:
        """Return the kernel and its ridge."""
        kernel, ntk = result["kernel"], f"NTK of depth {result['network']['depth']}"
        if kernel["amplitude"] != "local":
            return f"kernel    {ntk}, the same everywhere; ridge {kernel['ridge']:.2g}"
        sparser = ", for few details" if kernel["sparsity"] < 1.0 else ""
        learnt = f"amplitude learnt from place to place{sparser}, ridge {kernel['ridge']:.2g}"
        return f"kernel    {learnt}; {ntk} between samples"

    def score_lines(self, result: Json) -> list[str]:
        """Return the errors of measurements and of the truth, beside those of classical methods."""
        metrics, training, kernel = result["metrics"], result["training"], result.get("kernel")
        effort = f"{kernel['iterations']} iterations" if kernel else f"{result['steps']:,} steps"
        rivals = _rivals(result["baselines"], "train_error", "{:.2%}")
        lines = [f"training  {_measured(metrics, 'train')} on {training['samples']:,} measurements, {effort}{rivals}"]
        if metrics["held_out_psnr_db"] is not None:
            rivals = _rivals(result["baselines"], "held_out_error", "{:.2%}")
            lines.append(
                f"held out  {_measured(metrics, 'held_out')} on {training['held_out_samples']:,} measurements{rivals}"
            )
        if metrics["truth_psnr_db"] is not None:
            lines.append(
                f"truth     {metrics['truth_psnr_db']:.2f} dB{_rivals(result['baselines'], 'psnr_db', '{:.2f}')}"
            )
        return lines


class CTKind(ScanKind):
    """CT: line integrals."""

    name, noun, plural = "ct", "a CT scan", "CT scans"
    formats = (Format("exchange", "Data Exchange", _hdf5("exchange"), (".h5", ".hdf5")),)
    also_reads = ("npy", "tiff", "mat")
    options = frozenset(("simulate", "angles", "centre", "fan", "spacing", "slice", "transmission", "uncertainty"))

    def read(self, path: Path, container: str | None, options: ReadOptions) -> SinogramSignal:
        """Read projections."""
        from ._read import read_ct

        return read_ct(path, str(container), options)

    def of_array(self, array: np.ndarray, options: ReadOptions) -> SinogramSignal:
        """Make projections of an array (angles, bins) or (angles, slices, bins)."""
        from ._projections import as_sinogram

        return as_sinogram(array, options)

    def describe(self, signal: SinogramSignal) -> Json:
        """Return the numbers of angles, slices and bins, the geometry and the extent of the image."""
        angles, slices, bins = signal.shape
        geometry = signal.geometry
        return {
            "missing": signal.missing,
            "sample_type": "float32",
            "angles": angles,
            "slices": slices,
            "bins": bins,
            "centre": geometry.axis,
            "beam": "fan" if geometry.fan else "parallel",
            "extent": list(signal.domain.extent),
            "units": list(signal.domain.units),
            "simulated": signal.truth is not None,
        }

    def signal_line(self, described: Json) -> str:
        """Return name, size and beam."""
        slices = f", {described['slices']} slices" if described["slices"] > 1 else ""
        size = f"{described['angles']} projections of {described['bins']} bins{slices}, {described['beam']} beam"
        return f"signal    {described['name']}: CT, {size}{_simulated(described)}"


class MRIKind(ScanKind):
    """MRI: Fourier samples."""

    name, noun, plural = "mri", "an MRI scan", "MRI scans"
    formats = (
        Format("cfl", "BART", _is_cfl, (".cfl",), rank=0),
        Format("fastmri", "fastMRI", _hdf5("fastmri"), (".h5",)),
        Format("ismrmrd", "ISMRMRD", _hdf5("ismrmrd"), (".h5",)),
    )
    also_reads = ("npy", "tiff", "mat")
    options = frozenset(("simulate", "mask", "maps", "trajectory", "slice", "uncertainty"))

    def read(self, path: Path, container: str | None, options: ReadOptions) -> KSpaceSignal:
        """Read Fourier samples."""
        from ._read import read_mri

        return read_mri(path, str(container), options)

    def of_array(self, array: np.ndarray, options: ReadOptions) -> KSpaceSignal:
        """Make Fourier samples of a complex array."""
        from ._samples import as_kspace

        return as_kspace(array, options)

    def describe(self, signal: KSpaceSignal) -> Json:
        """Return the numbers of coils and samples, the size of the image and what was measured of k-space."""
        measured = signal.samples.shape[1]
        return {
            "sample_type": "complex64",
            "coils": signal.coils,
            "samples": measured,
            "size": list(signal.image_shape),
            "cartesian": signal.cartesian,
            "mask_fraction": measured / math.prod(signal.image_shape) if signal.cartesian else None,
            "sensitivity_maps": signal.maps is not None,
            "extent": list(signal.domain.extent),
            "units": list(signal.domain.units),
            "simulated": signal.truth is not None,
        }

    def signal_line(self, described: Json) -> str:
        """Return name, size and what was measured."""
        coils = "1 coil" if described["coils"] == 1 else f"{described['coils']} coils"
        image = "×".join(str(n) for n in described["size"])
        fraction = described["mask_fraction"]
        share = "" if fraction is None else f" ({fraction:.1%} of k-space)"
        size = f"MRI of {image}, {coils}, {described['samples']:,} samples each{share}"
        return f"signal    {described['name']}: {size}{_simulated(described)}"


def _measured(metrics: Json, name: str) -> str:
    return f"error {metrics[f'{name}_error']:.2%} ({metrics[f'{name}_psnr_db']:.2f} dB)"


def _rivals(baselines: dict[str, float], key: str, form: str) -> str:
    found = [
        f"{_RIVALS[name]} {form.format(baselines[f'{name}_{key}'])}" for name in _RIVALS if f"{name}_{key}" in baselines
    ]
    return f"; {', '.join(found)}" if found else ""


def _simulated(described: Json) -> str:
    return ", simulated" if described["simulated"] else ""


KINDS = (CTKind(), MRIKind())
