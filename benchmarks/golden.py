"""Record what every kind of signal and method gives, byte for byte, and compare it after a change that should keep it.

    python -m benchmarks.golden record DIR     # before the change
    python -m benchmarks.golden compare DIR    # after it; exits with 1 where anything differs

Each case is a command on small files that this script makes. The SHA-256 of what it writes and its ``--json`` output
(without seconds and paths) are kept in ``DIR/golden.json``; for fits by network also a checkpoint of the same fit,
interrupted by SIGINT, which ``compare`` resumes. Bits depend on the processor and the thread count, so both runs belong
on one machine; each command gets one thread.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["main"]

_SMALL = ("--width", "32", "--features", "32", "--steps", "40")
_PROGRAM = (sys.executable, "-c", "from fourierfield.cli import main; main()")
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Case:
    """A fit of ``signal`` with ``options``, and the names of the files that its field is rendered to, with options."""

    name: str
    signal: str
    options: tuple[str, ...] = ()
    renders: tuple[tuple[str, ...], ...] = ()
    resumes: bool = False


_PICTURE = (("big.png", "--scale", "2"), ("part.npy", "--window", "0.1:0.4,0.2:0.7", "--size", "20x30"))
_KERNEL = ("--method", "kernel")
FITS = (
    Case("image-auto", "photo.png", (*_SMALL, "--hold-out", "grid"), _PICTURE, resumes=True),
    Case("image-gaussian", "photo.png", (*_SMALL, "--encoding", "gaussian", "--bandwidth", "0.1/px")),
    Case("image-gaussian-rule", "photo.png", (*_SMALL, "--encoding", "laplace", "--hold-out", "random:0.2")),
    Case("image-positional", "photo.png", (*_SMALL, "--encoding", "positional", "--bandwidth", "12")),
    Case("image-nerf", "photo.png", (*_SMALL[:2], *_SMALL[4:], "--encoding", "nerf")),
    Case("image-none", "photo.png", (*_SMALL[:2], *_SMALL[4:], "--encoding", "none", "--hold-out", "grid")),
    Case("image-basic", "photo.png", (*_SMALL[:2], *_SMALL[4:], "--encoding", "basic")),
    Case("image-paper", "photo.png", (*_SMALL, "--preset", "paper"), resumes=True),
    Case("image-paper-basic", "photo.png", (*_SMALL[:2], *_SMALL[4:], "--preset", "paper", "--encoding", "basic")),
    Case("image-missing", "photo.png", (*_SMALL, "--missing", "10:20,5:15px"), (("full.png", "--fill", "photo.png"),)),
    Case("image-kernel", "photo.png", (*_KERNEL, "--hold-out", "grid"), (*_PICTURE, ("sd.tif", "--uncertainty"))),
    Case("image-kernel-basic", "photo.png", (*_KERNEL, "--encoding", "basic")),
    Case("image-kernel-paper", "photo.png", (*_KERNEL, "--preset", "paper", "--hold-out", "random:0.3")),
    Case("image-kernel-bandwidth", "photo.png", (*_KERNEL, "--bandwidth", "4", "--features", "64")),
    Case("array-holes", "holes.npy", _KERNEL, (("full.npy", "--fill", "holes.npy"),)),
    Case("series", "series.npy", (*_SMALL, "--hold-out", "random:0.1"), (("fine.npy", "--scale", "2"),)),
    Case("audio", "sound.wav", (*_SMALL, "--hold-out", "random:0.1"), (("fine.flac", "--scale", "2"),), resumes=True),
    Case("audio-kernel", "sound.wav", (*_KERNEL, "--hold-out", "random:0.1"), (("fine.wav", "--scale", "2"),)),
    Case("volume", "volume.nii.gz", (*_SMALL, "--hold-out", "grid"), (("fine.nii.gz", "--scale", "2"), ("slice.png",))),
    Case("volume-kernel", "volume.nii.gz", (*_KERNEL, "--hold-out", "grid"), (("fine.tif", "--scale", "2"),)),
    Case(
        "film", "frames", (*_SMALL, "--encoding", "gaussian", "--bandwidth", "3"), (("slow.gif", "--size", "9x16x16"),)
    ),
    Case("film-kernel", "frames", _KERNEL, (("frame.png", "--window", "2frame,:,:"),)),
    Case(
        "table",
        "table.csv",
        ("--hold-out", "random:0.2"),
        (("map.tif", "--size", "20x20"), ("map.nc", "--uncertainty")),
    ),
    Case("table-network", "table.csv", ("--method", "network", *_SMALL, "--hold-out", "random:0.2"), resumes=True),
    Case("table-network-auto", "table.csv", ("--method", "network", "--width", "32")),
    Case("table-network-bandwidth", "table.csv", ("--method", "network", *_SMALL, "--bandwidth", "3"), (("m.csv",),)),
    Case(
        "mesh",
        "shape.obj",
        _SMALL,
        (("fine.ply", "--size", "32"), ("view.png",), ("v.npy", "--size", "16")),
        resumes=True,
    ),
    Case("mesh-paper", "shape.obj", (*_SMALL, "--preset", "paper", "--depth", "4", "--batch-size", "1024")),
    Case("mesh-distance", "shape.obj", (*_SMALL, "--target", "distance", "--bandwidth", "2")),
    Case("mesh-kernel", "shape.obj", _KERNEL),
    Case(
        "views",
        "scene.npz",
        _SMALL,
        (("view.png",), ("turn.gif", "--frames", "3"), ("depth.npy", "--depth")),
        resumes=True,
    ),
    Case("views-paper", "scene.npz", (*_SMALL[:4], "--steps", "4", "--batch-size", "64", "--preset", "paper")),
    Case("views-coarse", "scene.npz", (*_SMALL, "--coarse-to-fine", "0.5", "--hold-out", "random:0.3")),
    Case(
        "ct-kernel", "phantom.npy", ("--simulate", "ct:16", "--hold-out", "random:0.2"), (("ct.tif", "--scale", "2"),)
    ),
    Case("ct-network", "phantom.npy", ("--simulate", "ct:16", "--method", "network", *_SMALL), resumes=True),
    Case("ct-lines", "phantom.npy", ("--simulate", "ct:16", *_SMALL, "--bandwidth", "4", "--batch-size", "512")),
    Case("ct-paper", "phantom.npy", ("--simulate", "ct:16", *_SMALL, "--preset", "paper")),
    Case("ct-gaussian", "phantom.npy", ("--simulate", "ct:16", "--encoding", "gaussian")),
    Case(
        "ct-uncertainty", "phantom.npy", ("--simulate", "ct:16:0.01", "--uncertainty"), (("sd.npy", "--uncertainty"),)
    ),
    Case("ct-file", "sinogram.npy", ("--as", "ct", "--angles", "0:180"), (("ct.png",),)),
    Case("mri-kernel", "phantom.npy", ("--simulate", "mri:0.4", "--hold-out", "random:0.1"), (("mri.npy",),)),
    Case("mri-network", "phantom.npy", ("--simulate", "mri:0.4", "--method", "network", *_SMALL), (("mri.nii.gz",),)),
)
OTHERS = {
    "tune-image": ("tune", "photo.png", "--json", "--steps", "200"),
    "tune-audio": ("tune", "sound.wav", "--json", "--steps", "200", "--encoding", "gaussian"),
    "tune-ct": ("tune", "phantom.npy", "--simulate", "ct:16", "--json", "--steps", "200"),
    "spectrum-image": ("spectrum", "photo.png", "--json", "--steps", "100", "--out", "s1.png"),
    "spectrum-volume": (
        "spectrum",
        "volume.nii.gz",
        "--json",
        "--encoding",
        "none",
        "--encoding",
        "nerf",
        "--out",
        "s2.png",
    ),
    "spectrum-mri": ("spectrum", "phantom.npy", "--simulate", "mri:0.4", "--json", "--out", "s3.png"),
}


def main() -> None:
    """Run ``record`` or ``compare`` on a folder."""
    command, folder = sys.argv[1], Path(sys.argv[2]).resolve()
    only = sys.argv[3:]
    work = folder / ("work" if command == "record" else "again")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    _make_files(work)
    found: dict[str, Any] = {}
    kept = json.loads((folder / "golden.json").read_text()) if command == "compare" else {}
    different = []
    for name, result in _results(work, folder, record=command == "record", only=only):
        found[name] = result
        same = command == "record" or kept.get(name) == result
        print(f"{name:<28}{'recorded' if command == 'record' else 'same' if same else 'DIFFERS'}", flush=True)
        if not same:
            different.append(name)
            for line in _differences(kept.get(name), result):
                print(f"    {line}", flush=True)
    if command == "record":
        (folder / "golden.json").write_text(json.dumps(found, indent=1, sort_keys=True))
    print(f"{len(found)} results, {len(different)} differ")
    sys.exit(1 if different else 0)


def _results(work: Path, folder: Path, *, record: bool, only: list[str]) -> Iterator[tuple[str, Any]]:
    for case in FITS:
        if only and not any(case.name.startswith(part) for part in only):
            continue
        field = f"{case.name}.safetensors"
        yield case.name, _fit(work, case, field)
        yield f"{case.name} info", _json(_run(work, "info", field, "--json"))
        for render in case.renders:
            out = f"{case.name}-{render[0]}"
            run = _run(work, "render", field, out, *render[1:])
            yield f"{case.name} {render[0]}", _digest(work / out) if run.returncode == 0 else run.stderr[-300:]
        if case.resumes:
            yield f"{case.name} resumed", _resumed(work, folder, case, record=record)
    for name, words in OTHERS.items():
        if not only or any(name.startswith(part) for part in only):
            yield name, _json(_run(work, *words))


def _fit(work: Path, case: Case, field: str) -> Any:
    result = _json(_run(work, "fit", case.signal, *case.options, "--out", field, "--json"))
    return {"json": result, "field": _digest(work / field)} if isinstance(result, dict) else result


def _resumed(work: Path, folder: Path, case: Case, *, record: bool) -> Any:
    """The digest of the field that a resumed fit ends with, from a checkpoint that the recorded version wrote."""
    field = f"{case.name}-resumed.safetensors"
    words = ("fit", case.signal, *case.options, "--out", field)
    checkpoint, kept = work / f"{field}.checkpoint", folder / f"{field}.checkpoint"
    if record:
        _interrupt(work, words)
        shutil.copy(checkpoint, kept)
    else:
        shutil.copy(kept, checkpoint)
    run = _run(work, *words, "--resume")
    return _digest(work / field) if run.returncode == 0 else run.stderr[-300:]


def _interrupt(work: Path, words: tuple[str, ...]) -> None:
    """Send SIGINT at the first line of progress."""
    program = subprocess.Popen(
        [*_PROGRAM, *words], cwd=work, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=_environment()
    )
    assert program.stderr is not None
    for line in program.stderr:
        if line.startswith("step "):
            program.send_signal(signal.SIGINT)
            break
    program.stderr.read()
    program.wait()


def _run(work: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*_PROGRAM, *words], cwd=work, capture_output=True, text=True, check=False, env=_environment()
    )


def _environment() -> dict[str, str]:
    return {**os.environ, **_ONE_THREAD}


def _json(run: subprocess.CompletedProcess[str]) -> Any:
    """What a command printed, without what depends on the machine's speed."""
    if run.returncode != 0:
        return run.stderr[-300:]
    found = json.loads(run.stdout)
    return _timeless(found)


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _timeless(part) for key, part in value.items() if key not in ("seconds", "threads", "bytes")}
    return [_timeless(part) for part in value] if isinstance(value, list) else value


def _differences(before: Any, now: Any, path: str = "") -> list[str]:
    if isinstance(before, dict) and isinstance(now, dict):
        keys = sorted({*before, *now})
        return [line for key in keys for line in _differences(before.get(key), now.get(key), f"{path}/{key}")]
    return [] if before == now else [f"{path}: {str(before)[:200]} → {str(now)[:200]}"]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "not there"


def _make_files(work: Path) -> None:
    import nibabel
    import soundfile
    from PIL import Image

    rng = np.random.default_rng(0)
    y, x = np.mgrid[0:48, 0:40] / 48
    picture = np.stack([0.5 + 0.3 * np.sin(9 * x + 2 * y), 0.5 + 0.3 * np.cos(13 * y), np.hypot(x - 0.4, y - 0.5)], -1)
    picture = np.rint(255 * np.clip(picture + 0.03 * rng.standard_normal(picture.shape), 0, 1)).astype(np.uint8)
    Image.fromarray(picture).save(work / "photo.png")
    holes = picture[..., 0].astype(np.float32) / 255
    holes[rng.random(holes.shape) < 0.5] = np.nan
    np.save(work / "holes.npy", holes)
    t = np.arange(1200) / 8000
    sound = 0.4 * np.sin(2 * np.pi * 440 * t) + 0.1 * np.sin(2 * np.pi * 1310 * t)
    np.save(work / "series.npy", sound[:500])
    soundfile.write(work / "sound.wav", sound, 8000, subtype="PCM_16")
    a, b, c = np.mgrid[0:14, 0:12, 0:10] / 14
    volume = (1000 * np.exp(-((a - 0.5) ** 2 + (b - 0.4) ** 2 + (c - 0.3) ** 2) / 0.05)).astype(np.int16)
    nibabel.save(nibabel.Nifti1Image(volume, np.diag([1.5, 1.5, 2.0, 1.0])), work / "volume.nii.gz")
    (work / "frames").mkdir()
    for index in range(5):
        Image.fromarray(np.roll(picture[:16, :16], index, axis=1)).save(work / "frames" / f"{index}.png")
    points = rng.random((150, 2)) * [10, 5] + [3, 40]
    values = np.sin(points[:, 0]) + 0.1 * points[:, 1] + 0.05 * rng.standard_normal(150)
    rows = [f"{p:.6f},{q:.6f},{v:.6f}" for (p, q), v in zip(points, values, strict=True)]
    (work / "table.csv").write_text("\n".join(["lon,lat,temperature", *rows]) + "\n")
    _make_mesh(work / "shape.obj")
    _make_scene(work / "scene.npz")
    phantom = (np.hypot(x[:40] - 0.4, y[:40] - 0.4) < 0.3) * 0.5 + (np.hypot(x[:40] - 0.5, y[:40] - 0.4) < 0.1) * 0.4
    np.save(work / "phantom.npy", phantom.astype(np.float32))
    angles = np.linspace(0, np.pi, 20, endpoint=False)[:, None]
    bins = (np.arange(41) - 20) / 20
    np.save(
        work / "sinogram.npy", np.sqrt(np.clip(0.25 - (bins - 0.2 * np.cos(angles)) ** 2, 0, None)).astype(np.float32)
    )


def _make_mesh(path: Path) -> None:
    import trimesh

    mesh = trimesh.creation.icosphere(subdivisions=2)
    mesh.vertices *= [1.0, 0.7, 0.5]
    mesh.export(path)


def _make_scene(path: Path) -> None:
    """A ball on white, eight times around."""
    side, focal = 24, 26.0
    images, poses = [], []
    for angle in np.linspace(0, 2 * np.pi, 8, endpoint=False):
        back = np.array([np.cos(angle), np.sin(angle), 0.4])
        back /= np.linalg.norm(back)
        right = np.cross([0.0, 0.0, 1.0], back)
        right /= np.linalg.norm(right)
        pose = np.eye(4)
        pose[:3, :3] = np.stack([right, np.cross(back, right), back], axis=1)
        pose[:3, 3] = 4 * back
        v, u = np.mgrid[0:side, 0:side] + 0.5
        rays = np.stack([(u - side / 2) / focal, -(v - side / 2) / focal, -np.ones_like(u)], -1) @ pose[:3, :3].T
        along = -(rays @ pose[:3, 3]) / (rays**2).sum(-1)
        nearest = pose[:3, 3] + along[..., None] * rays
        hit = np.linalg.norm(nearest, axis=-1) < 0.8
        image = np.ones((side, side, 3), np.float32)
        image[hit] = 0.5 + 0.4 * np.sin(3 * nearest[hit])
        images.append(image)
        poses.append(pose)
    np.savez(path, images=np.stack(images), poses=np.stack(poses), focal=np.float32(focal))


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
