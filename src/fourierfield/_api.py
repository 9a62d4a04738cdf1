"""The functions that users call: read, fit, tune, forecast, render; ``load`` is in ``kinds``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Unpack

from .errors import SettingsError
from .kinds import _read
from .kinds._fit import Source
from .kinds._read import as_signal_of, refuse_foreign_options
from .kinds._registry import KINDS
from .kinds._render import render_field
from .kinds._render_options import RenderOptions
from .networks._field import Field
from .report._fitted import fit_and_report
from .tasks._forecast import FitForecast
from .tasks._network import GridNetworkTask
from .tasks._settings import FitChoices, FitSettings, ReadChoices, ReadOptions, chosen_settings
from .tasks._task import FitEvents
from .tasks._tune import TuneOutcome


def read(path: str | Path, kind: str | None = None, **options: Unpack[ReadChoices]) -> Any:
    """Read the signal in a file or folder, whose kind is recognised by content.

    Args:
        path: a picture, sound, volume, film, mesh, set of posed pictures, CT or MRI scan, or table of points.
        kind: "image", "audio", "series", "volume", "video", "mesh", "views", "ct", "mri" or "table" where the content
            does not tell, or another reading is wanted.
        **options: what the file itself does not say: ``inputs`` and ``outputs`` of tables, and of scans ``simulate``,
            ``angles``, ``centre``, ``fan``, ``spacing``, ``slice``, ``mask``, ``maps`` and ``trajectory``.

    Returns:
        The signal. All have ``kind``, ``name``, ``shape``, ``channels`` and ``domain`` (``extent``, ``units``). Signals
        on a grid have ``values``, float32 in file order, channels last, NaN where missing, in the file's own units
        (pictures in [0, 1]); meshes ``vertices`` and ``faces``; tables ``points`` and ``values``; posed pictures
        ``images`` and ``scene``.

    Raises:
        SignalError: for a file that is missing, damaged, of an unknown kind or of another kind than asked for.
        SettingsError: for options that do not apply to the file.
        TooLargeError: for a file that would not fit in memory.

    >>> import tempfile, fourierfield, numpy as np
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.save(f"{folder}/image.npy", np.zeros((4, 6), dtype=np.uint8))
    ...     fourierfield.read(f"{folder}/image.npy").values.shape
    (4, 6, 1)
    """
    return _read.read(path, kind, chosen_settings(ReadOptions(), options))


def fit(signal: Source, settings: FitSettings | None = None, **choices: Unpack[FitChoices]) -> Field:
    """Fit a field to a file, an array or a signal.

    Args:
        signal: the path of a file, an array, or what ``read`` returned.
        settings: the settings to begin with; all defaults if left out.
        **choices: settings by name, which take precedence (``FitSettings`` documents them).

    Returns:
        The field. ``field.record["metrics"]`` holds its scores. Nothing is written unless ``out`` or ``report`` is
        given.

    Raises:
        FourierFieldError: for a signal or settings that cannot be used, and for work that would not fit in memory.

    >>> import fourierfield, numpy as np
    >>> field = fourierfield.fit(np.eye(8, dtype=np.float32), steps=20, width=16, features=8)
    >>> field(np.array([[0.5, 0.5]])).shape
    (1, 1)
    """
    return fit_and_report(signal, chosen_settings(settings or FitSettings(), choices)).field


def tune(
    signal: Source,
    settings: FitSettings | None = None,
    judged: Callable[[int], None] = lambda count: None,
    **choices: Unpack[FitChoices],
) -> TuneOutcome:
    """Forecast how well encodings would do on a signal, and choose one; nothing is trained.

    Args:
        signal: the path of a file, an array, or what ``read`` returned; on a grid, or a scan.
        settings: the settings to begin with; all defaults if left out.
        judged: called with the number of candidates judged so far.
        **choices: settings by name, which take precedence (``FitSettings`` documents them).

    Returns:
        The outcome: ``choice.encoding`` is the encoding to take, ``choice.reason`` says why, ``choice.candidates`` are
        all that were forecast, the choice first.

    Raises:
        SettingsError: where there is nothing to choose, or too little to choose by.

    >>> import fourierfield, numpy as np
    >>> y, x = np.mgrid[:32, :32] / 32
    >>> fourierfield.tune(np.sin(6 * x + 3 * y), steps=50, encoding="gaussian").choice.encoding.family
    'gaussian'
    """
    settings = chosen_settings(settings or FitSettings(), choices)
    found = as_signal_of(signal, settings)
    kind = KINDS[found.kind]
    refuse_foreign_options(settings.given, kind)
    outcome: TuneOutcome = kind.tune(found, settings, judged)
    return outcome


def forecast(signal: Source, settings: FitSettings | None = None, **choices: Unpack[FitChoices]) -> FitForecast:
    """Forecast the scores that a fit by network would end with, and its learning curve; nothing is trained.

    Args:
        signal: the path of a file, an array, or what ``read`` returned, on a grid.
        settings: the settings to begin with; all defaults if left out.
        **choices: settings by name, which take precedence (``FitSettings`` documents them). Without an encoding or a
            bandwidth the tuner chooses, as in a fit.

    Returns:
        The forecast: ``scores.held_out_psnr_db`` and ``scores.train_psnr_db`` at the end of training, in dB, the 90 %
        interval ``scores.low_db`` to ``scores.high_db``; ``theory`` has the curve; ``to_json()`` all of it.

    Raises:
        SettingsError: for signals that do not lie on a grid, which have no forecast before a fit.

    >>> import fourierfield, numpy as np
    >>> y, x = np.mgrid[:32, :32] / 32
    >>> settings = fourierfield.FitSettings(encoding="gaussian", bandwidth=2.0, steps=100, hold_out="grid")
    >>> found = fourierfield.forecast(np.sin(6 * x + 3 * y), settings)
    >>> 20 < found.scores.held_out_psnr_db < 80
    True
    """
    settings = chosen_settings(settings or FitSettings(), choices)
    found = as_signal_of(signal, settings)
    kind = KINDS[found.kind]
    refuse_foreign_options(settings.given, kind)
    task = kind.task(found, settings)
    if not isinstance(task, GridNetworkTask):
        raise SettingsError(f"{found.name} is {kind.noun}; only fits of signals on a grid by network have a forecast")
    return task.choose(None, FitEvents()).forecast()


def render(
    field: Field,
    out: str | Path,
    *,
    size: str | None = None,
    scale: float | None = None,
    window: str | None = None,
    at: str | None = None,
    gradient: bool = False,
    fill: str | None = None,
    uncertainty: bool = False,
    pose: str | None = None,
    depth: bool = False,
    frames: int | None = None,
) -> None:
    """Write a field as a file of its kind, at any resolution, in a window, at points, or as a camera sees it.

    Args:
        field: the field.
        out: the file to write; its ending names the format.
        size: samples to make, joined by x ("512x768").
        scale: resolution as a multiple of the signal's own.
        window: the part to draw ("0.1:0.4,0.2:0.7", in coordinates or with a unit).
        at: a CSV of coordinates; the values there are written to ``out``.
        gradient: with ``at``, whether derivatives are written too.
        fill: the signal's own file; it is written with only its missing samples taken from the field.
        uncertainty: whether standard deviations are drawn (kernel fields).
        pose: the camera of shapes and posed pictures.
        depth: whether distances are drawn instead of colours (posed pictures).
        frames: the number of pictures of a turntable (posed pictures).

    Raises:
        SettingsError: for options that do not apply to the field, and for a place that cannot be written.
        TooLargeError: for what would not fit in memory.

    >>> import tempfile, fourierfield, numpy as np
    >>> field = fourierfield.fit(np.eye(8, dtype=np.float32), method="kernel")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     fourierfield.render(field, f"{folder}/eye.npy", scale=2)
    ...     np.load(f"{folder}/eye.npy").shape
    (16, 16)
    """
    options = RenderOptions(size, scale, window, at, gradient, fill, uncertainty, pose, depth, frames)
    render_field(field, str(out), options)
