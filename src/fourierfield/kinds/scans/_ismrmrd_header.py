"""Read the XML header of ISMRMRD, as far as it concerns an image's grid."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from typing import Any

from ...errors import SignalError
from ._epi import EpiReadout


@dataclass(frozen=True)
class EncodedSpace:
    """A grid (z, y, x) and its field of view in millimetres."""

    shape: tuple[int, int, int]
    extent: tuple[float, float, float]

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Millimetres between voxels along (z, y, x)."""
        z, y, x = (length / n for length, n in zip(self.extent, self.shape, strict=True))
        return z, y, x


@dataclass(frozen=True)
class IsmrmrdHeader:
    """The header of a file's first encoding.

    ``encoded`` is the grid that was encoded and ``recon`` the one that the vendor reconstructs. ``trajectory`` is the
    kind of trajectory, ``centres`` are the numbers (z, y) of the encoding steps at DC, ``calibration`` is how coils are
    calibrated ("embedded", "separate", …), and ``readout`` is the gradient of echo-planar readouts. What the header
    does not specify is None.
    """

    encoded: EncodedSpace
    recon: EncodedSpace
    trajectory: str
    centres: tuple[int | None, int | None]
    calibration: str | None = None
    readout: EpiReadout | None = None


def read_header(held: Any, name: str) -> IsmrmrdHeader:
    """Read the header of the file ``name`` from its text or from an array that holds the text.

    The first ``encoding`` is taken; names are compared without their namespace.
    """
    text = held if isinstance(held, bytes | str) else held.reshape(-1)[0]
    try:
        root = ElementTree.fromstring(text)
        encoding = _child(root, "encoding")
        encoded = _space(_child(encoding, "encodedSpace"))
        recon = _space(_child(encoding, "reconSpace"))
        kind = (_child(encoding, "trajectory").text or "").strip().lower()
        limits = _child(encoding, "encodingLimits")
        readout = _readout(encoding) if kind == "epi" else None
    except (ElementTree.ParseError, LookupError, ValueError, TypeError) as problem:
        reason = " ".join(str(problem).split())
        raise SignalError(
            f"{name}: its ISMRMRD header does not specify the encoded space ({reason}); give one with matrixSize "
            "and fieldOfView_mm of an encoding"
        ) from problem
    centres = _centre(limits, 2), _centre(limits, 1)
    calibration = encoding.findtext("{*}parallelImaging/{*}calibrationMode", "").strip().lower() or None
    return IsmrmrdHeader(encoded, recon, kind, centres, calibration, readout)


def _child(element: Any, name: str) -> Any:
    child = element.find(f"{{*}}{name}")
    if child is None:
        raise LookupError(f"no {name}")
    return child


def _space(element: Any) -> EncodedSpace:
    matrix, field = _child(element, "matrixSize"), _child(element, "fieldOfView_mm")
    shape = tuple(int(_child(matrix, axis).text) for axis in "zyx")
    extent = tuple(float(_child(field, axis).text) for axis in "zyx")
    if min(shape) < 1 or min(extent) <= 0:
        raise ValueError(f"a matrix of {shape} and a field of view of {extent} mm")
    return EncodedSpace((shape[0], shape[1], shape[2]), (extent[0], extent[1], extent[2]))


def _centre(limits: Any, step: int) -> int | None:
    text = limits.findtext(f"{{*}}kspace_encoding_step_{step}/{{*}}center")
    return None if text is None else int(text)


def _readout(encoding: Any) -> EpiReadout | None:
    description = encoding.find("{*}trajectoryDescription")
    if description is None:
        return None
    parameters = [child for child in description if child.tag.rpartition("}")[2].startswith("userParameter")]
    held = {_child(parameter, "name").text: _child(parameter, "value").text for parameter in parameters}
    rise, flat, fall, dwell = (
        float(held.get(name) or 0) for name in ("rampUpTime", "flatTopTime", "rampDownTime", "dwellTime")
    )
    return EpiReadout(rise, flat, fall, dwell)
