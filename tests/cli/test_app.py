"""The command itself: its version, and help for each of its commands."""

from __future__ import annotations

from collections.abc import Callable


def test_version_and_help(run: Callable) -> None:
    assert "fourierfield" in run("--version").out
    for words in (("--help",), ("fit", "--help"), ("render", "--help"), ("info", "--help"), ("demo", "--help")):
        assert run(*words).status == 0
