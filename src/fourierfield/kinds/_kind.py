"""Kinds of signal and their file formats: what the package asks of each kind.

This module and those that declare kinds import neither PyTorch nor NumPy, so that help texts are generated from them
at once; their methods import what they need when they are called.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from ..errors import SettingsError
from ..grids._endings import ending_of
from ._render_options import RenderOptions

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from ..grids._signal import GridSignal
    from ..networks._field import Field
    from ..tasks._settings import FitSettings, ReadOptions
    from ..tasks._task import Task

Json = dict[str, Any]
Say = Callable[[str], None]
Signal = Any
"""A signal of any kind: it has ``kind``, ``name``, ``shape``, ``channels``, ``file_bytes`` and ``description``."""

COMMON_OPTIONS = frozenset(
    (
        *("kind", "method", "encoding", "bandwidth", "features", "depth", "width", "steps", "time", "learning_rate"),
        *("batch_size", "hold_out", "preset", "seed", "device", "precision", "out", "resume"),
        "restart",
    )
)


@dataclass(frozen=True)
class Folder:
    """A folder whose format is asked for: its files, and the container of each, None where it is not known."""

    files: tuple[Path, ...]
    containers: tuple[str | None, ...]


@dataclass(frozen=True)
class Format:
    """A file format that is recognised by content, never by name.

    Args:
        container: the short name in messages and field files ("png"); ``title`` is the name for people ("PNG").
        recognises: whether a file that begins with these bytes (1,024, or all) is of this format; None for folders.
        endings: the usual endings of its file names.
        rank: formats of lower rank are asked first. 0 is for those that may look like another format, 1 for bytes at
            the start of a file, 2 for bytes further on, 3 and more for text, whose tests accept more.
        holds: the kind in a file, where bytes alone do not determine it ("": ``--as`` must); None is the kind's own.
        of_folder: whether a folder is of this format, asked in the order of ``folder_rank``; None for files.
        reader: "_module:function" in the kind's wing, called with path and ``ReadOptions``; else the kind's ``read``.
    """

    container: str
    title: str
    recognises: Callable[[bytes, Path], bool] | None = None
    endings: tuple[str, ...] = ()
    rank: int = 1
    holds: Callable[[Path], str] | None = None
    of_folder: Callable[[Folder], bool] | None = None
    folder_rank: int = 0
    reader: str | None = None


def starts(*magic: bytes) -> Callable[[bytes, Path], bool]:
    """Return a test of whether a file begins with one of some byte strings.

    >>> starts(b"GIF8")(b"GIF89a", Path("a"))
    True
    """
    return lambda head, path: head.startswith(magic)


class Kind:
    """A kind of signal: how it is recognised, read, fitted, described and rendered.

    A new kind is a subclass in a folder of its own, listed in the ``KINDS`` of its ``_kind.py``, and a name in the
    ``WINGS`` of ``_registry.py``. ``noun`` and ``plural`` name it in messages ("a picture", "pictures").
    """

    name: str
    noun: str
    plural: str
    formats: tuple[Format, ...] = ()
    also_reads: tuple[str, ...] = ()
    """Containers of other kinds that ``--as`` reads as this one."""
    endings: tuple[str, ...] = ()
    """Endings of the files that a field is rendered to."""
    analysed = False
    """Whether ``tune`` and ``spectrum`` take such signals."""
    methods: tuple[str, ...] = ("network", "kernel")
    """Methods of fitting; the first is that of "auto"."""
    options: frozenset[str] = frozenset()
    """Settings that only some kinds accept; all others than these and ``COMMON_OPTIONS`` are refused."""
    render_options: frozenset[str] = frozenset()
    why_not: dict[str, str] = {}  # noqa: RUF012 - constant
    """Reasons, by option, in refusals that would otherwise only say so."""

    @property
    def containers(self) -> tuple[str, ...]:
        """The containers that this kind can be read from."""
        return (*(found.container for found in self.formats), *self.also_reads)

    @property
    def titles(self) -> str:
        """The formats for people, joined by commas."""
        return ", ".join(dict.fromkeys(found.title for found in self.formats))

    def read_as(self, path: Path, found: Format | None, options: ReadOptions) -> Signal:
        """Read a file of a format, by the format's own reader if it has one. Raises ``SignalError``."""
        if found is None or found.reader is None or found not in self.formats:
            return self.read(path, None if found is None else found.container, options)
        module, _, function = found.reader.partition(":")
        wing = type(self).__module__.rpartition(".")[0]
        return getattr(import_module(f".{module}", wing), function)(path, options)

    def read(self, path: Path, container: str | None, options: ReadOptions) -> Signal:
        """Read a file. Raises ``SignalError``."""
        raise NotImplementedError

    def of_array(self, array: np.ndarray, options: ReadOptions) -> Signal:
        """Make a signal of an array. Raises ``SignalError`` for a shape or type that cannot be one."""
        raise SettingsError(f"an array does not hold {self.noun}; give a file, or a signal")

    def method(self, settings: FitSettings) -> str:
        """Return the method of a fit: as asked, or the kind's usual one. Raises ``SettingsError`` for another."""
        if settings.method == "auto":
            return self.methods[0]
        if settings.method not in self.methods:
            raise SettingsError(f"--method {settings.method} is not for {self.plural}; use --method {self.methods[0]}")
        return settings.method

    def task(self, signal: Signal, settings: FitSettings) -> Task:
        """Return the task of a fit, by ``method(settings)``."""
        raise NotImplementedError

    def refuse_analysis(self, name: str) -> NoReturn:
        """Raise ``SettingsError`` that only a fit takes the signal of that name."""
        raise SettingsError(f"{name} holds {self.noun}, not samples on a grid; only fit takes it")

    def to_analyse(
        self, signal: Signal, settings: FitSettings, report: Callable[[int], None]
    ) -> tuple[GridSignal, FitSettings]:
        """Return the signal on a grid whose spectrum is analysed, and the settings with the steps of a fit."""
        self.refuse_analysis(signal.name)

    def tune(self, signal: Signal, settings: FitSettings, report: Callable[[int], None]) -> Any:
        """Return the ``TuneOutcome`` of a signal."""
        self.refuse_analysis(signal.name)

    def describe(self, signal: Signal) -> Json:
        """Return what ``fit --json`` says of a signal beyond its name, kind, shape, channels and size."""
        return {}

    def signal_line(self, described: Json) -> str:
        """Return the signal in a line, from its description."""
        raise NotImplementedError

    def score_lines(self, result: Json) -> list[str]:
        """Return the scores of a fit on training and held-out samples, from what ``fit --json`` prints."""
        metrics, training = result["metrics"], result["training"]
        lines = [f"training  {scores_in_words(metrics, 'train')} on {training['samples']:,} samples, {effort(result)}"]
        if metrics["held_out_psnr_db"] is not None:
            cubic = result["baselines"].get("cubic_psnr_db")
            rival = "" if cubic is None else f"; cubic interpolation {cubic:.2f} dB"
            held_out = scores_in_words(metrics, "held_out")
            lines.append(f"held out  {held_out} on {training['held_out_samples']:,} samples{rival}")
        if metrics.get("held_out_within_90") is not None:
            share = metrics["held_out_within_90"]
            lines.append(f"intervals {share:.1%} of the held-out values lie in their 90 % intervals")
        return lines

    def kernel_line(self, result: Json) -> str:
        """Return the kernel of a fit, its depth and its ridge in a line, from what ``fit --json`` prints."""
        kernel, depth = result["kernel"], result["network"]["depth"]
        name = {"all": "NTK", "last": "NNGP (only the last layer learns)"}[kernel["trained"]]
        return f"kernel    {name} of depth {depth}, infinitely wide; ridge {kernel['ridge']:.2g} of k(0)"

    def facts(self, field: Field) -> Json:
        """Return what ``info --json`` says of a field beyond what all fields have."""
        return {}

    def size_words(self, shape: list[int]) -> str:
        """Return the size of a signal in words."""
        return "×".join(map(str, shape))

    def render(self, field: Field, out: str, options: RenderOptions, say: Say) -> None:
        """Write what ``options`` ask of a field as the file that the ending of ``out`` names."""
        raise NotImplementedError

    def fill(self, field: Field, signal: Signal, out: str, say: Say) -> None:
        """Write a signal whose missing samples are taken from its field."""
        raise SettingsError(f"--fill is not for fields of {self.name}; leave it out")

    def check_ending(self, out: str) -> None:
        """Raise ``SettingsError`` for a file name whose ending names no format of the kind."""
        ending = ending_of(out)
        if ending not in self.endings:
            raise SettingsError(
                f"{out}: the ending {ending or '(none)'} names no format of {self.name}, which this field holds; "
                f"use one of {', '.join(self.endings)}"
            )

    def restore(self, field: Field, tensors: dict[str, Tensor], header: Json) -> Field:
        """Return the field of a file as this kind's own class, from what its file holds."""
        return field


def effort(result: Json) -> str:
    """Return the steps of training, or the iterations of the solver."""
    kernel = result.get("kernel")
    return f"{kernel['iterations']} iterations" if kernel else f"{result['steps']:,} steps"


def scores_in_words(metrics: Json, samples: str) -> str:
    """Return the PSNR of "train" or "held_out" samples, with the SNR of sound and the R² and error of tables."""
    snr, r2, rmse = (metrics.get(f"{samples}_{name}") for name in ("snr_db", "r2", "rmse"))
    words = f"{metrics[f'{samples}_psnr_db']:.2f} dB" + ("" if snr is None else f" (SNR {snr:.2f} dB)")
    words += "" if r2 is None else f", R² {r2:.4f}"
    return words + ("" if rmse is None else f", error {rmse:.4g} (RMS)")
