"""Damage to files: bytes, numbers in texts, values in JSON, datasets in HDF5."""

from __future__ import annotations

import json
import random
import re
import struct
from pathlib import Path
from typing import Any

_HEAD = 600  # bytes in which most formats keep their header
_NUMBERS = (0, 1, -1, 127, 255, 256, 32767, 65535, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1)
_TOKENS = ("0", "-1", "nan", "inf", "1e308", "1e400", "99999999999999999999", "", "x", "1,5", "\x00", "µ", "٣", "../x")
_VALUES: tuple[Any, ...] = (None, -1, 0, 1e308, 10**30, "", "x", [], {}, [[1]], True, "../../etc/hostname", "/dev/zero")


def mutate_folder(folder: Path, draw: random.Random) -> str:
    """Damage one file of a folder and return what was done to it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
    path = draw.choice(files)
    ways = [_bytes]
    if path.suffix == ".json":
        ways = [_bytes, _json, _json, _json]
    elif path.suffix == ".h5":
        ways = [_bytes, _hdf5, _hdf5, _hdf5]
    elif path.read_bytes().isascii():
        ways = [_bytes, _text, _text]
    way = draw.choice(ways)
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        if path.stat().st_size:
            way(path, draw)
    return f"{way.__name__.strip('_')} of {path.name}"


def _bytes(path: Path, draw: random.Random) -> None:
    content = bytearray(path.read_bytes())
    size = len(content)
    at = draw.randrange(min(size, _HEAD) if draw.random() < 0.7 else size)
    what = draw.randrange(6)
    if what == 0:
        content[at] ^= 1 << draw.randrange(8)
    elif what == 1:
        layout = draw.choice(("<i", ">i", "<h", ">h", "<q", "B"))
        bits = 8 * struct.calcsize(layout)
        number = draw.choice(_NUMBERS) % (1 << bits)
        content[at : at + bits // 8] = number.to_bytes(bits // 8, "big" if layout[0] == ">" else "little")
    elif what == 2:
        del content[draw.randrange(size) :]
    elif what == 3:
        del content[at : at + draw.randrange(1, 40)]
    elif what == 4:
        content[at:at] = content[at : at + draw.randrange(1, 40)] * draw.choice((1, 3, 50))
    else:
        content[at : at + 4] = draw.randbytes(4)
    path.write_bytes(bytes(content))


def _text(path: Path, draw: random.Random) -> None:
    text = path.read_bytes().decode("utf-8", "replace")
    found = list(re.finditer(r"-?\d+(?:\.\d+)?|[A-Za-z_]+", text))
    if not found:
        return _bytes(path, draw)
    place = draw.choice(found)
    text = text[: place.start()] + draw.choice(_TOKENS) + text[place.end() :]
    path.write_bytes(text.encode(draw.choice(("utf-8", "utf-8", "utf-16")), "replace"))
    return None


def _json(path: Path, draw: random.Random) -> None:
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return _bytes(path, draw)
    holder = document
    while isinstance(holder, dict | list) and holder:
        key = draw.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        if draw.random() < 0.4 or not isinstance(holder[key], dict | list):
            if draw.random() < 0.2:
                del holder[key]
            else:
                holder[key] = draw.choice(_VALUES)
            break
        holder = holder[key]
    path.write_text(json.dumps(document))
    return None


def _hdf5(path: Path, draw: random.Random) -> None:
    import h5py
    import numpy as np

    try:
        file = h5py.File(path, "r+")
    except OSError:
        return _bytes(path, draw)
    with file:
        names: list[str] = []
        file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
        small = sorted(name for name in names if file[name].size < 10**6 and not file[name].external)
        if not small:
            return None
        name = draw.choice(small)
        values = file[name][()]
        del file[name]
        what = draw.randrange(8)
        if what == 0:
            file[name] = h5py.ExternalLink("/etc/hostname", "/x")
        elif what == 1:
            file.create_dataset(name, np.shape(values), "u1", external=[("/etc/hostname", 0, h5py.h5f.UNLIMITED)])
        elif what == 2:
            file.create_dataset(name, (10**6, 10**4), "f4", chunks=(1000, 1000))
        elif what == 3:
            file[name] = np.asarray(values).reshape(-1)
        elif what == 4:
            file[name] = np.full(np.shape(values), np.nan)
        elif what == 5:
            file[name] = "x\x1b[31my"
        elif what == 6:
            file[name] = h5py.SoftLink("/nowhere")
    return None
