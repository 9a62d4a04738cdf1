"""Which cells of a box hold anything: looked up at points, and packed into few bytes."""

from __future__ import annotations

import zlib

import numpy as np
import torch
from torch import Tensor

__all__ = ["occupied_at", "pack_cells", "unpack_cells"]


def occupied_at(cells: Tensor, points: Tensor) -> Tensor:
    """Whether points (…, 3) of [0, 1]³ lie in an occupied one of ``cells`` (n, n, n) bool; outside the box none does.

    >>> cells = torch.zeros(2, 2, 2, dtype=torch.bool)
    >>> cells[1, 0, 0] = True
    >>> occupied_at(cells, torch.tensor([[0.7, 0.1, 0.1], [0.1, 0.1, 0.1], [1.7, 0.1, 0.1]]))
    tensor([ True, False, False])
    """
    count = cells.shape[0]
    index = (points * count).floor().long()
    inside = ((index >= 0) & (index < count)).all(dim=-1)
    x, y, z = index.clamp(0, count - 1).unbind(-1)
    return cells.view(-1)[(x * count + y) * count + z] & inside


def pack_cells(cells: Tensor) -> Tensor:
    """Cells (n, n, n) bool as compressed bytes, for a file.

    >>> cells = torch.eye(8, dtype=torch.bool)[None].repeat(8, 1, 1)
    >>> bool((unpack_cells(pack_cells(cells), 8) == cells).all())
    True
    """
    bits = np.packbits(cells.cpu().numpy().reshape(-1))
    return torch.frombuffer(bytearray(zlib.compress(bits.tobytes(), 9)), dtype=torch.uint8)


def unpack_cells(packed: Tensor, count: int) -> Tensor:
    """The inverse of ``pack_cells`` for ``count`` cells along each axis. Raises ``ValueError`` for other bytes."""
    try:
        content = zlib.decompress(packed.numpy().tobytes())
    except zlib.error as problem:
        raise ValueError(f"cells that cannot be unpacked: {problem}") from problem
    bits = np.unpackbits(np.frombuffer(content, dtype=np.uint8), count=count**3)
    return torch.from_numpy(bits.astype(bool).reshape(count, count, count))
