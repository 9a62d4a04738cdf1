"""One damaged file and one command at a time, each in a process of its own, and what may not happen."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from .mutations import mutate_folder
from .seeds import SEEDS

SECONDS = 80.0  # of processor time, where scoring a mesh takes 18 when nothing else runs: everything above is a hang
WALL = 300.0
MEGABYTES = 1500  # above those of the process that starts the command
_SMALL = ("--steps", "2", "--width", "8", "--features", "4", "--bandwidth", "2")
_MESHES = ("obj", "ply", "off", "stl", "glb")
_OPTIONS: tuple[tuple[str, ...], ...] = (
    ("--bandwidth", "1e300"),
    ("--steps", "1000000000000"),
    ("--width", "100000000"),
    ("--depth", "1000000000"),
    ("--learning-rate", "nan"),
    ("--hold-out", "random:2"),
    ("--missing", "1:2,3:4"),
    ("--as", "ct"),
    ("--as", "mri"),
    ("--as", "table"),
    ("--angles", "0:1e300"),
    ("--simulate", "ct:8"),
    ("--uncertainty",),
    ("--hold-out", "grid"),
    ("--hold-out", "random:0.2"),
)


@dataclass(frozen=True)
class Case:
    """A command on a damaged file: all of it follows from the campaign's seed and its number."""

    number: int
    kind: str
    damage: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    err: str
    seconds: float
    megabytes: float


class Campaign:
    """Runs cases in folders below ``work``; those that went wrong stay there."""

    def __init__(self, work: Path, seed: int) -> None:
        self._work, self._seed = work, seed
        self._valid = work / "valid"
        self.counts: Counter[str] = Counter()

    def run(self, number: int) -> str | None:
        """Run one case and return what was wrong with it, or None."""
        folder = self._work / f"case{number}"
        shutil.rmtree(folder, ignore_errors=True)
        case = self._prepare(number, folder)
        before = _content(folder)
        ended = _execute(folder, case.words)
        self.counts[f"exit {ended.status}"] += 1
        fault = _fault(ended, before, _content(folder))
        if fault is None:
            shutil.rmtree(folder)
        else:
            report = {**vars(case), **vars(ended), "fault": fault}
            (folder / "case.json").write_text(json.dumps(report, indent=1))
        return None if fault is None else f"{fault}: {case.kind}, {case.damage}, {' '.join(case.words)}: {ended.err}"

    def _prepare(self, number: int, folder: Path) -> Case:
        draw = random.Random(f"{self._seed}:{number}")
        kind = list(SEEDS)[number % len(SEEDS)]
        given = self._seed_of(kind)
        shutil.copytree(self._valid / kind, folder)
        signal_path = str(folder / given) if given != "." else str(folder)
        damage = mutate_folder(folder, draw) if draw.random() < 0.9 else "nothing"
        return Case(number, kind, damage, _words(signal_path, kind, draw))

    def _seed_of(self, kind: str) -> str:
        folder, name = self._valid / kind, self._valid / f"{kind}.name"
        if not name.exists():
            folder.mkdir(parents=True, exist_ok=True)
            name.write_text(str(SEEDS[kind](folder).relative_to(folder)))
        return name.read_text()


def _words(path: str, kind: str, draw: random.Random) -> tuple[str, ...]:
    if kind.endswith("field"):
        ending = draw.choice(("png", "npy", "tif", "wav", "csv", "nii.gz", "mp4", "txt"))
        renders = ("render", path, f"out.{ending}", *draw.choice(((), ("--scale", "1e9"), ("--size", "0x3"))))
        return draw.choice((("info", path), ("info", path, "--json"), renders, ("fit", path)))
    command = draw.choice(("fit", "fit", "fit", "fit", "tune", "spectrum"))
    small = _SMALL if command == "fit" else _SMALL[:6]
    slow = command != "fit" or kind.split()[0] in _MESHES  # by kernel from 6,000 points
    words = (command, path, *draw.choice((small, small, small, small if slow else ("--method", "kernel"))))
    words += draw.choice(_OPTIONS) if draw.random() < 0.2 else ()
    scan = {"exchange": "ct", "fastmri": "mri", "matlab": "mri", "npy complex": "mri"}.get(kind)
    return (*words, "--as", scan) if scan and draw.random() < 0.5 else words


def _execute(folder: Path, words: tuple[str, ...]) -> Ended:
    """Run the command in a fork of this process, in the folder, with its streams in files beside it."""
    log = folder.with_suffix(".err")
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        become(folder, words, log)
    while True:
        done, status, usage = os.wait4(child, os.WNOHANG)
        if done:
            break
        if time.monotonic() - started > WALL:
            os.kill(child, signal.SIGKILL)
        time.sleep(0.002)
    err = log.read_text(errors="replace")
    log.unlink()
    seconds = usage.ru_utime + usage.ru_stime
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Ended(os.waitstatus_to_exitcode(status), err, seconds, (usage.ru_maxrss - own) / 1024)


def become(folder: Path, words: tuple[str, ...], log: Path) -> None:
    """Turn this process into the command, run in the folder with standard error in ``log``; does not return."""
    os.chdir(folder)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    null = os.open(os.devnull, os.O_RDWR)
    for target, source in ((0, null), (1, null), (2, out)):
        os.dup2(source, target)
    sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
    sys.argv = ["fourierfield", *words]
    resource.setrlimit(resource.RLIMIT_CPU, (int(SECONDS), int(SECONDS) + 5))
    status = 70
    try:
        from fourierfield.cli import main

        main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0 if end.code is None else 70
    except KeyboardInterrupt:  # before the command's own modules are loaded
        status = 130
    finally:
        sys.stderr.flush()
        os._exit(status)


def _fault(ended: Ended, before: dict[str, bytes], after: dict[str, bytes]) -> str | None:
    """Return what may not happen and did."""
    refused = ended.status == 2
    lines = [line for line in ended.err.splitlines() if line.startswith("error: ")]
    faults = {
        "a hang": ended.status in (-signal.SIGXCPU, -signal.SIGKILL),
        f"exit status {ended.status}": ended.status not in (0, 2),
        "a traceback or a library's warning": "Traceback" in ended.err or "Warning:" in ended.err,
        f"{ended.megabytes:.0f} MB of memory": ended.megabytes > MEGABYTES,
        "an input was changed": any(after.get(name) != content for name, content in before.items()),
        "something was written on refusal": refused and after.keys() != before.keys(),
        "not one line of refusal": refused and len(lines) != 1,
    }
    return next((name for name, happened in faults.items() if happened), None)


def _content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
