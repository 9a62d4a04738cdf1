"""Read a file or an array of any kind, or simulate a scan of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..errors import SettingsError, SignalError
from ..tasks._settings import FitSettings, ReadOptions
from ._kind import COMMON_OPTIONS, Format, Kind, Signal
from ._registry import KINDS, TEXT, either, in_words, kind_held, readable, recognise, titles_for

_READING = frozenset(
    ("simulate", "angles", "centre", "fan", "spacing", "slice", "mask", "maps", "trajectory", "transmission")
)
_SIMULATED = {"ct": ("simulate", "slice", "angles", "centre", "fan"), "mri": ("simulate", "slice")}
_WHY = {
    "uncertainty": "a kernel field of other signals knows it anyway",
    "report": "it draws what training does step by step to samples of a grid",
}


def read(path: Path | str, kind: str | None = None, options: ReadOptions | None = None) -> Signal:
    """Read the signal in a file or folder, recognised by content without ``kind``, or simulate a scan of it."""
    path, options = Path(path), options or ReadOptions()
    if kind is not None and kind not in KINDS:
        raise SignalError(f"--as {kind} is not a kind of signal that can be read; use {either(KINDS)}")
    if options.simulation is not None:
        return simulated(read(path, kind_to_scan(kind, options)), options)
    found = recognise(path)
    chosen = _kind_of_file(path, found, kind)
    if kind is None:
        _refuse_options_of_scans(path, found, chosen, _given(options))
    refuse_foreign_options(_given(options), chosen)
    signal = chosen.read_as(path, found, options)
    if kind is not None and signal.kind != kind:
        raise SignalError(f"{path} holds {KINDS[signal.kind].noun}; leave --as {kind} out")
    return signal


def _refuse_options_of_scans(path: Path, found: Format | None, chosen: Kind, given: tuple[str, ...]) -> None:
    """Raise ``SettingsError`` if an option is for a kind that a file holds only if ``--as`` says so."""
    for name in given:
        if found is None or name in COMMON_OPTIONS or name in chosen.options:
            continue
        kinds = [kind for kind in KINDS.values() if name in kind.options and found.container in kind.containers]
        if kinds:
            names = either(f"--as {kind.name}" for kind in kinds)
            raise SettingsError(
                f"--{name} is for {' and '.join(kind.plural for kind in kinds)}, and {path} is taken for "
                f"{chosen.noun}; add {names}"
            )


def refuse_field(path: Path) -> None:
    """Raise ``SignalError`` for a file that holds a field, fitted before."""
    from ..networks._field_file import is_field_file

    if path.suffix != ".checkpoint" and is_field_file(path):
        raise SignalError(f"{path} is a field, not a signal; fourierfield render draws it, and info describes it")


def read_to_analyse(path: Path | str, kind: str | None, options: ReadOptions) -> Signal:
    """Read a signal for ``tune`` or ``spectrum``; a file of a kind that they do not take is refused unread."""
    if options.simulation is None and (kind is None or kind in KINDS):
        chosen = _kind_of_file(Path(path), recognise(Path(path)), kind)
        if not chosen.analysed:
            chosen.refuse_analysis(str(path))
    return read(path, kind, options)


def as_signal_of(source: np.ndarray | str | Path | Signal, settings: FitSettings) -> Signal:
    """Return the signal of a file, an array or a signal itself, scanned if the settings ask for that."""
    if isinstance(source, str | Path):
        return read(source, settings.kind, settings)
    signal: Signal = source
    if hasattr(source, "kind"):
        _refuse_reading(signal, settings)
    else:
        kind = kind_to_scan(settings.kind, settings)
        signal = signal_of_array(np.asarray(source), kind, settings)
    if settings.simulation is not None and signal.kind not in ("ct", "mri"):
        return simulated(signal, settings)
    return signal


def _refuse_reading(signal: Signal, settings: FitSettings) -> None:
    """Raise ``SettingsError`` for options that say how a file is to be read: the signal was read already."""
    given = _given(settings) if settings.simulation is None else ()
    refuse_foreign_options(given, KINDS[signal.kind])
    for name in given:
        raise SettingsError(f"--{name} says how a file is read, and the signal was read already; leave it out")


def signal_of_array(array: np.ndarray, kind: str | None, options: ReadOptions) -> Signal:
    """Return the signal in an array: of a kind, or by its shape."""
    if kind is None:
        from ..grids._arrays import as_signal

        return as_signal(array)
    if kind not in KINDS:
        raise SettingsError(f"kind {kind} is not known; use {either(KINDS)}")
    return KINDS[kind].of_array(array, options)


def simulated(signal: Signal, options: ReadOptions) -> Signal:
    """Return what a scanner would measure of an image or volume."""
    from .scans._simulate import simulate

    simulation = options.simulation
    assert simulation is not None
    given = _given(options)
    refuse_foreign_options(tuple(name for name in given if name not in _READING), KINDS[simulation.kind])
    for name in given:
        if name not in _SIMULATED[simulation.kind]:
            raise SettingsError(f"--{name} is for scans from files, not for simulated ones; leave it out")
    if signal.kind not in ("image", "volume"):
        raise SignalError(f"{signal.name} holds {KINDS[signal.kind].noun}; --simulate takes an image or a volume")
    return simulate(signal, options)


def kind_to_scan(kind: str | None, options: ReadOptions) -> str | None:
    """Return the kind that a file is read as before it is scanned; the kind itself without a simulation."""
    simulation = options.simulation
    if simulation is None or kind not in ("ct", "mri"):
        return kind
    if kind != simulation.kind:
        raise SettingsError(f"--as {kind} does not go with --simulate {options.simulate}; leave one of them out")
    return None


def refuse_foreign_options(given: tuple[str, ...], kind: Kind) -> None:
    """Raise ``SettingsError`` for a setting that a kind of signal does not accept.

    >>> refuse_foreign_options(("coarse_to_fine",), KINDS["mesh"])
    Traceback (most recent call last):
    ...
    fourierfield.errors.SettingsError: --coarse-to-fine is for posed pictures, not for meshes; leave it out
    """
    for name in given:
        if name in COMMON_OPTIONS or name in kind.options:
            continue
        *others, last = [other.plural for other in KINDS.values() if name in other.options]
        takers = f"{', '.join(others)} and {last}" if others else last
        why = f" ({_WHY[name]})" if name in _WHY else ""
        option = f"--{name.replace('_', '-')}"
        raise SettingsError(f"{option} is for {takers}, not for {kind.plural}{why}; leave it out")


def _given(options: ReadOptions) -> tuple[str, ...]:
    """Return the options of reading that were given."""
    names = (*sorted(_READING), "inputs", "outputs")
    return tuple(name for name in names if getattr(options, name) is not None)


def _kind_of_file(path: Path, found: Format | None, kind: str | None) -> Kind:
    """Return the kind to read a file as."""
    if kind is None:
        if found is None:
            refuse_field(path)
            raise SignalError(f"{path} is not a file of a known kind (by its content); fourierfield reads {readable()}")
        held = kind_held(path, found)
        if not held:
            what = in_words(path, found)
            raise SignalError(f"{path} is {what}, which may hold a CT or an MRI scan; add --as ct or --as mri")
        return KINDS[held]
    chosen = KINDS[kind]
    if found is None or (kind == "table" and found.rank >= TEXT):
        if kind not in ("audio", "table"):
            raise SignalError(f"{path} does not hold {chosen.noun} (by its content); give {titles_for(chosen)}")
        return chosen
    if found.container not in chosen.containers:
        if kind == "audio" and found.container == "npy":
            raise SignalError(f"{path} holds no sampling rate, so it is not audio; leave --as out, or write a WAV file")
        raise SignalError(
            f"{path} is {in_words(path, found)}, not {chosen.noun}; leave --as {kind} out, or give {titles_for(chosen)}"
        )
    return chosen
