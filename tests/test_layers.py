"""The house: every module imports only downward, wings stay apart, and no imports go in circles.

All imports count, those inside functions and those for type checkers alone included.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "fourierfield"
LAYERS = (  # each imports only from those above it
    ("_version", "_lazy", "errors"),
    ("grids",),
    ("encodings",),
    ("networks",),
    ("kernels",),
    ("operators",),
    ("solvers",),
    ("problems",),
    ("training",),
    ("regression",),
    ("forecast",),
    ("tuning",),
    ("tasks",),
    ("kinds",),
    ("estimators", "report"),
    ("_api",),
    ("bench",),
    ("reproduce",),
    ("cli",),
)
BELOW_WINGS = ("_kind", "_grid_kind", "_grid_render", "_render_options", "_at")
WINGS = ("images", "audio", "volumes", "tables", "shapes", "views", "scans")
Module = tuple[str, ...]


def modules() -> dict[Module, Path]:
    """Return the modules of the package by their dotted names in parts, without the package's own."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        found[parts[:-1] if parts[-1] == "__init__" else parts] = path
    return found


MODULES = modules()


def imported(source: str, module: Module, is_package: bool) -> set[Module]:
    """Return the modules of the package that some source code imports anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
            found |= {_known(tuple(name[1:])) for name in names if name[0] == "fourierfield"}
        elif isinstance(node, ast.ImportFrom):
            inside = module if is_package else module[:-1]
            base = inside[: len(inside) - node.level + 1] if node.level else ()
            target = (*base, *(node.module.split(".") if node.module else []))
            if not node.level:
                if target[:1] != ("fourierfield",):
                    continue
                target = target[1:]
            found |= {_known((*target, alias.name)) for alias in node.names}
    return found - {module}


def _known(name: Module) -> Module:
    """Return the module that a dotted name lies in."""
    while name and name not in MODULES:
        name = name[:-1]
    return name


def layer(module: Module) -> int:
    return next(index for index, names in enumerate(LAYERS) if module[0] in names)


def floor(module: Module) -> int:
    """Return the place of a module of ``kinds``: below the wings, in one, or above them."""
    if module[1:2] and module[1] in WINGS:
        return 1
    return 0 if module[1:2] and module[1] in BELOW_WINGS else 2


def refused(module: Module, target: Module) -> bool:
    """Return whether an import is not allowed."""
    if not module or not target:
        return bool(module)  # only the package itself may import from anywhere, and nothing imports the package
    if module[0] == target[0]:
        if module[0] != "kinds" or len(target) == 1:
            return False
        apart = floor(module) == floor(target) == 1 and module[1] != target[1]
        return apart or floor(target) > floor(module)
    return layer(target) >= layer(module)


@pytest.mark.parametrize("module", MODULES, ids=".".join)
def test_imports_go_downward_and_wings_stay_apart(module: Module) -> None:
    path = MODULES[module]
    found = imported(path.read_text(), module, path.name == "__init__.py")
    assert [target for target in found if refused(module, target)] == []


def test_every_package_has_a_layer_and_every_wing_is_named() -> None:
    names = {name for names in LAYERS for name in names}
    assert {module[0] for module in MODULES if module} == names
    assert {module[1] for module in MODULES if module[0:1] == ("kinds",) and len(module) == 3} == set(WINGS)


def test_no_imports_go_in_circles() -> None:
    arrows = {
        module: imported(path.read_text(), module, path.name == "__init__.py") for module, path in MODULES.items()
    }
    while arrows:
        free = [module for module, targets in arrows.items() if not targets & arrows.keys()]
        assert free, f"in circles, or dependent on them: {sorted('.'.join(module) for module in arrows)}"
        for module in free:
            del arrows[module]


@pytest.mark.parametrize(
    ("line", "module"),
    [
        ("from ..training._loop import train", ("grids", "_signal")),
        ("from ..cli._app import main", ("kinds", "_fit")),
        ("import fourierfield.cli", ("grids", "_signal")),
        ("from .. import report", ("tasks", "_run")),
        ("from ..views._scene import Scene", ("kinds", "scans", "_read")),
        ("from .._registry import KINDS", ("kinds", "scans", "_read")),
        ("from .views._scene import Scene", ("kinds", "_kind")),
        ("from .. import __version__", ("report", "_style")),
    ],
)
def test_a_forbidden_import_inside_a_function_is_found(line: str, module: Module) -> None:
    found = imported(f"def late():\n    {line}\n", module, is_package=False)
    assert [target for target in found if refused(module, target)]


def test_help_imports_neither_pytorch_nor_numpy() -> None:
    code = "import sys, fourierfield.cli._app; sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
