"""Every package imports only from those above it, function-level imports included."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "fourierfield"
LAYERS = (
    "errors",
    "signals",
    "encodings",
    "networks",
    "kernels",
    "operators",
    "solvers",
    "problems",
    "rendering",
    "training",
    "regression",
    "forecast",
    "tuning",
    "estimators",
    "fitting",
    "report",
    "bench",
    "reproduce",
    "cli",
)


def imported_layers(source: str, module: tuple[str, ...]) -> set[str]:
    """First-level packages of fourierfield that ``source``, the code of ``module``, imports anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
            found |= {name[1] for name in names if name[0] == "fourierfield" and len(name) > 1}
        elif isinstance(node, ast.ImportFrom):
            base = list(module[: len(module) - node.level]) if node.level else []
            target = base + (node.module.split(".") if node.module else [])
            if target[:1] == ["fourierfield"]:
                found |= {target[1]} if len(target) > 1 else {alias.name for alias in node.names}
    return found - {"__version__"}


def upward_imports(source: str, module: tuple[str, ...]) -> set[str]:
    own = LAYERS.index(module[1])
    return {name for name in imported_layers(source, module) if LAYERS.index(name) > own}


FILES = [path for path in sorted(SOURCE.rglob("*.py")) if path.parent != SOURCE or path.name == "errors.py"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_upward_import(path: Path) -> None:
    module = ("fourierfield", *path.relative_to(SOURCE).with_suffix("").parts)
    assert upward_imports(path.read_text(), module) == set()


def test_every_package_has_a_layer() -> None:
    packages = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    assert packages <= set(LAYERS)


@pytest.mark.parametrize(
    "line",
    ["from ..training import train", "from ..cli.app import main", "import fourierfield.cli", "from .. import report"],
)
def test_an_upward_import_inside_a_function_is_found(line: str) -> None:
    source = f"def late():\n    {line}\n"
    assert upward_imports(source, ("fourierfield", "signals", "image"))


def test_help_does_not_import_torch() -> None:
    import subprocess
    import sys

    code = "import sys, fourierfield.cli.app; sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
