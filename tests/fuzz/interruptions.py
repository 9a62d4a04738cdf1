"""Fits stopped at random moments, then resumed: ``python -m tests.fuzz.interruptions --work FOLDER --moments 50``.

Ctrl-C, SIGTERM and SIGKILL at moments spread over reading, choosing, training, scoring and saving. Each must end with
its own exit status, within two seconds, and the resumed fit with the bytes of one that nobody stopped.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import torch

from .campaign import become
from .seeds import SEEDS

WITHIN = 2.0  # seconds from the signal to the end of the process
_STATUS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}
_TRAINED = ("--steps", "150", "--width", "24", "--features", "16")
_FITS: tuple[tuple[str, ...], ...] = (
    ("png", *_TRAINED, "--bandwidth", "2", "--hold-out", "grid"),
    ("png", *_TRAINED),
    ("png", "--method", "kernel"),
    ("wav", *_TRAINED, "--bandwidth", "8"),
    ("nifti", *_TRAINED, "--bandwidth", "1"),
    ("obj", *_TRAINED, "--bandwidth", "1"),
    ("views npz", *_TRAINED, "--bandwidth", "1"),
    ("csv",),
    ("csv", "--method", "network", *_TRAINED, "--bandwidth", "1"),
    ("exchange", "--as", "ct", *_TRAINED, "--bandwidth", "1"),
    ("exchange", "--as", "ct", "--bandwidth", "1"),
    ("fastmri", "--as", "mri", *_TRAINED, "--bandwidth", "1"),
)


@dataclass(frozen=True)
class Undisturbed:
    """A fit that nobody stops: its command in a folder of its own, how long it takes, and the bytes of its field."""

    folder: Path
    words: tuple[str, ...]
    seconds: float
    content: bytes

    @classmethod
    def of(cls, folder: Path, fit: tuple[str, ...]) -> Undisturbed:
        """Run it twice: the second time, with everything imported and cached, counts."""
        kind, *options = fit
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        signal_path = SEEDS[kind](folder)
        words = ("fit", str(signal_path), *options, "--out", str(folder / "field.safetensors"))
        for _ in range(2):
            started = time.monotonic()
            status, _ = _run(folder, words, None, 0.0)
            assert status == 0, (folder.with_suffix(".err")).read_text()
        return cls(folder, words, time.monotonic() - started, (folder / "field.safetensors").read_bytes())

    def stop(self, number: signal.Signals, share: float) -> str | None:
        """Stop it after a share of its time, resume it, and return what went wrong, or None."""
        field = self.folder / "field.safetensors"
        for path in (field, self.folder / "field.safetensors.checkpoint"):
            path.unlink(missing_ok=True)
        status, late = _run(self.folder, self.words, number, share * self.seconds)
        if status not in (0, _STATUS[number], -number):  # a shell shows 128 + number for -number too
            return f"exit status {status}"
        if late > WITHIN:
            return f"ended {late:.1f} s after the signal"
        if field.exists() and field.read_bytes() != self.content:
            return "left another field"
        status, _ = _run(self.folder, (*self.words, "--resume"), None, 0.0)
        if status != 0:
            return f"exit status {status} when resumed"
        return None if field.read_bytes() == self.content else "other bytes when resumed"


def _run(folder: Path, words: tuple[str, ...], number: signal.Signals | None, after: float) -> tuple[int, float]:
    """Run a command, send it a signal after some seconds, and return its exit status and the seconds since then."""
    child = os.fork()
    if child == 0:
        become(folder, words, folder.with_suffix(".err"))
    if number is not None:
        time.sleep(after)
        os.kill(child, number)
    sent = time.monotonic()
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), time.monotonic() - sent


def main() -> int:
    """Stop every fit by every signal in turn until each signal was sent as often as asked; return 1 after a fault."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.interruptions", description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--moments", type=int, default=50, help="how often each of the three signals is sent")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    torch.set_num_threads(1)
    fits = [Undisturbed.of(given.work.resolve() / str(k), fit) for k, fit in enumerate(_FITS)]
    draw, faults = random.Random(given.seed), 0
    for moment in range(given.moments):
        for number in _STATUS:
            fit, share = fits[moment % len(fits)], draw.uniform(0.0, 1.05)
            fault = fit.stop(number, share)
            if fault is not None:
                faults += 1
                print(f"{number.name} at {share:.2f} of {' '.join(fit.words)}: {fault}", flush=True)
    print(f"{given.moments} moments for each of {len(_STATUS)} signals over {len(fits)} fits: {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
