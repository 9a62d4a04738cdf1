"""In words, what kind of file something is: for messages to who gave it where something else was wanted."""

from __future__ import annotations

from pathlib import Path

from ..errors import SignalError
from .recognise import KIND_OF, recognise

__all__ = ["described_file"]

_KINDS = {
    "image": "a picture",
    "audio": "a recording",
    "volume": "a volume",
    "video": "a film",
    "mesh": "a mesh",
    "views": "a set of posed pictures",
    "ct": "a CT scan",
    "mri": "an MRI scan",
}
_FORMATS = {
    "webp": "WebP",
    "ogg": "Ogg",
    "nifti": "NIfTI",
    "matroska": "Matroska",
    "frames": "a folder of frames",
    "npz": ".npz",
    "transforms": "transforms.json",
    "exchange": "Data Exchange",
    "fastmri": "fastMRI",
    "cfl": "BART",
}
_OF_NO_KIND = {"mat": "a MATLAB file", "npy": "a NumPy array"}


def described_file(path: Path) -> str | None:
    """As "a picture (PNG)" or "an MRI scan (ISMRMRD)", by its content; None where that is not known."""
    try:
        container = recognise(path)
    except (SignalError, OSError):
        return None
    if container is None or container in _OF_NO_KIND:
        return _OF_NO_KIND.get(container or "")
    return f"{_KINDS[KIND_OF[container]]} ({_FORMATS.get(container, container.upper())})"
