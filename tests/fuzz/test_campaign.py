"""A bounded run over files of every kind; ``make fuzz`` is the long one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .campaign import Ended, _fault
from .seeds import SEEDS

ROOT = Path(__file__).resolve().parents[2]


def test_damaged_files_of_every_kind_end_in_a_field_or_in_one_line(tmp_path: Path) -> None:
    words = ("-m", "tests.fuzz", "--work", str(tmp_path), "--cases", str(len(SEEDS)), "--seconds", "300")
    done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


REFUSED = Ended(2, "reading\nerror: x.png is cut off; give the whole file\n", 0.1, 5.0)


@pytest.mark.parametrize(
    ("ended", "after", "fault"),
    [
        (REFUSED, {"x.png": b"1"}, None),
        (REFUSED, {"x.png": b"2"}, "an input was changed"),
        (REFUSED, {}, "an input was changed"),
        (REFUSED, {"x.png": b"1", "f": b""}, "something was written on refusal"),
        (Ended(0, "", 0.1, 5.0), {"x.png": b"1", "f": b""}, None),
        (Ended(1, "error: unexpected KeyError", 0.1, 5.0), {"x.png": b"1"}, "exit status 1"),
        (Ended(-9, "", 0.1, 5.0), {"x.png": b"1"}, "a hang"),
        (Ended(2, "nothing", 0.1, 5.0), {"x.png": b"1"}, "not one line of refusal"),
        (Ended(0, "UserWarning: odd", 0.1, 5.0), {"x.png": b"1"}, "a traceback or a library's warning"),
        (Ended(0, "", 0.1, 9000.0), {"x.png": b"1"}, "9000 MB of memory"),
    ],
)
def test_what_may_not_happen_is_a_fault(ended: Ended, after: dict[str, bytes], fault: str | None) -> None:
    assert _fault(ended, {"x.png": b"1"}, after) == fault
