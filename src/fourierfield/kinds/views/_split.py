"""Which frames of a camera file are trained on, and which are held out: nerfstudio's lists of names."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...errors import SignalError
from ._pictures import find, shown

_PARTS = ("train", "val", "test")
_LEFT_OUT = {"val": "for validation", "none": "in none of its lists of names"}


class Split:
    """The lists ``train_filenames``, ``val_filenames`` and ``test_filenames`` of a camera file.

    The frames of the test list are held out, or those of the validation list if there is no other; frames for
    validation are left out otherwise. Frames in no list are trained on only if there is no list of those to train on.
    Names agree if they mean the same picture, however they are spelt.
    """

    def __init__(self, file: Path, content: Mapping[str, Any]) -> None:
        self._file = file
        self._lists = {part: self._names(part, content.get(f"{part}_filenames")) for part in _PARTS}
        self._counts: Counter[str] = Counter()
        self._met: set[str] = set()

    def role(self, name: str, picture: Path | None) -> str:
        """Return "train", "test" (held out), "val" or "none" (left out) for a frame with a picture of that name."""
        key = self._key(name, picture)
        self._met.add(key)
        train, val, test = (self._lists[part] for part in _PARTS)
        if key in (test or val):
            self._counts["both"] += key in train
            return "test"
        role = "val" if key in val else "train" if key in train or not train else "none"
        self._counts[role] += 1
        return role

    def notes(self) -> list[str]:
        """Return notes on the frames that are left out, and on names that no frame has."""
        found = [
            f"{_frames(self._counts[role])} {words} left out" for role, words in _LEFT_OUT.items() if self._counts[role]
        ]
        if self._counts["both"]:
            found.append(f"{_frames(self._counts['both'])} both to train on and held out: held out")
        for part, names in self._lists.items():
            if lost := sorted(names - self._met):
                found.append(f"{len(lost):,} of {part}_filenames not among the frames ({shown(lost[0])} first)")
        return [f"{self._file.name}: {note}" for note in found]

    def _names(self, part: str, names: Any) -> set[str]:
        if not isinstance(names or [], list) or not all(isinstance(name, str) for name in names or []):
            raise SignalError(f"{self._file}: {part}_filenames must be a list of names of pictures; correct it")
        return {self._key(name, find(self._file, name)) for name in names or []}

    def _key(self, name: str, picture: Path | None) -> str:
        return posixpath.normpath(name.replace("\\", "/")) if picture is None else str(picture)


def _frames(count: int) -> str:
    return "1 frame" if count == 1 else f"{count:,} frames"
