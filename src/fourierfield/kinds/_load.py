"""Read field files of any kind back."""

from __future__ import annotations

import shlex
from pathlib import Path

from ..errors import FieldFileError
from ..networks._field import Field, NetworkField
from ..networks._field_file import NotTensorsError, read_tensors
from ..regression._field import KernelField
from ..training._checkpoint import CHECKPOINT, unfinished_field
from ._registry import KINDS, described_file

_CLASSES: dict[str, type[NetworkField] | type[KernelField]] = {
    "network-field": NetworkField,
    "kernel-field": KernelField,
}


def load(path: Path | str) -> Field:
    """Read a field that ``fit`` or ``field.save`` wrote, or the unfinished one of an interrupted fit.

    Args:
        path: the ``.safetensors`` file, or the ``.checkpoint`` beside it.

    Returns:
        The field, a ``NetworkField`` or a ``KernelField``, ready to be evaluated.

    Raises:
        FieldFileError: for a file that is missing, cut off, not a field, or written by a newer version.

    >>> import tempfile, numpy, fourierfield
    >>> field = fourierfield.fit(numpy.eye(8, dtype=numpy.float32), method="kernel")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     field.save(f"{folder}/eye.safetensors")
    ...     fourierfield.load(f"{folder}/eye.safetensors").source.shape
    (8, 8)
    """
    path = Path(path)
    try:
        tensors, header = read_tensors(path)
        if header.get("kind") == CHECKPOINT:
            tensors, header = unfinished_field(path)
    except NotTensorsError as problem:
        found = described_file(path)
        if found is None:
            raise FieldFileError(str(problem)) from problem
        kind = " --as mri, or --as ct" if path.suffix == ".mat" else ""
        raise FieldFileError(
            f"{path} is {found}, not a field; fit it first: fourierfield fit {shlex.quote(str(path))}{kind}"
        ) from problem
    if str(header.get("kind")) not in _CLASSES:
        raise FieldFileError(
            f"{path} is a {header.get('kind', 'file without a kind')}, not a field; name a field that fit wrote"
        )
    try:
        field = _CLASSES[header["kind"]].from_file(tensors, header)
        return KINDS[field.source.kind].restore(field, tensors, header)
    except FieldFileError:
        raise
    except Exception as problem:
        reason = " ".join(str(problem).split()) or type(problem).__name__
        raise FieldFileError(f"{path} is not a whole field ({reason}); fit the signal again") from problem
