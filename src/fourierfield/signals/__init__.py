"""Files and arrays with a domain: what was measured, and where.

Reading, writing, splits and metrics for every kind of signal; NumPy only, no networks.
May import nothing else of fourierfield but its errors.
"""

from .arrays import as_signal
from .audio import AUDIO_ENDINGS, as_audio, write_audio
from .described import described_file
from .domain import Domain, Grid
from .files import atomic_write
from .grid_files import GRID_ENDINGS, write_grid
from .image import IMAGE_ENDINGS
from .meshes import MESH_ENDINGS, MeshSignal, read_mesh, write_mesh
from .metrics import psnr, structural_similarity
from .noise import noise_level
from .points import Placement, PointSignal
from .reading import Columns, Signal, read_any, read_grid_or_scan, read_signal
from .sample_format import AudioFormat, SampleFormat, VolumeFormat
from .scans import Geometry, KSpaceSignal, ScanOptions, SinogramSignal, as_kspace, as_sinogram, simulate
from .signal import GridSignal, SignalDescription
from .splits import GridHoldOut, HoldOut, NoHoldOut, RandomHoldOut, Split, parse_hold_out
from .synthetic import bump, grating, power_law_signals, shepp_logan, spanning_one
from .tables import as_points, looks_like_table, read_table
from .views import ViewsSignal
from .volumes import VIDEO_ENDINGS, VOLUME_ENDINGS, as_video, as_volume, write_volume
from .window import Window, parse_window

__all__ = [
    "AUDIO_ENDINGS",
    "GRID_ENDINGS",
    "IMAGE_ENDINGS",
    "MESH_ENDINGS",
    "VIDEO_ENDINGS",
    "VOLUME_ENDINGS",
    "AudioFormat",
    "Columns",
    "Domain",
    "Geometry",
    "Grid",
    "GridHoldOut",
    "GridSignal",
    "HoldOut",
    "KSpaceSignal",
    "MeshSignal",
    "NoHoldOut",
    "Placement",
    "PointSignal",
    "RandomHoldOut",
    "SampleFormat",
    "ScanOptions",
    "Signal",
    "SignalDescription",
    "SinogramSignal",
    "Split",
    "ViewsSignal",
    "VolumeFormat",
    "Window",
    "as_audio",
    "as_kspace",
    "as_points",
    "as_signal",
    "as_sinogram",
    "as_video",
    "as_volume",
    "atomic_write",
    "bump",
    "described_file",
    "grating",
    "looks_like_table",
    "noise_level",
    "parse_hold_out",
    "parse_window",
    "power_law_signals",
    "psnr",
    "read_any",
    "read_grid_or_scan",
    "read_mesh",
    "read_signal",
    "read_table",
    "shepp_logan",
    "simulate",
    "spanning_one",
    "structural_similarity",
    "write_audio",
    "write_grid",
    "write_mesh",
    "write_volume",
]
