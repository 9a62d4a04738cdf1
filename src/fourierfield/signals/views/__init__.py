"""Pictures of one scene from known places: cameras, lenses, the box they look into, and the files that hold them.

May import what the rest of signals may.
"""

from .cameras import Cameras, look_at
from .lens import distort, undistort
from .scene import Scene, box_around, scene_box
from .signal import ViewsSignal
from .spectrum import spectral_scale

__all__ = [
    "Cameras",
    "Scene",
    "ViewsSignal",
    "box_around",
    "distort",
    "look_at",
    "scene_box",
    "spectral_scale",
    "undistort",
]
