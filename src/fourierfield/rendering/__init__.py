"""Volume rendering of any density-and-colour function: rays, samples, compositing, and skipping empty space.

May import everything down to problems.
"""

from .carving import shown_pixels, visible_cells
from .compositing import Pixels, composite, ray_weights
from .occupancy import OccupancyGrid
from .rays import Rays, camera_rays, clip_to_box, view_rays
from .render import DirectedRadiance, Radiance, RaySamples, Sampling, render_directed, render_samples, sample_rays
from .sampling import importance, marching, stratified
from .view import Picture, orbit_pose, render_scene, render_view, scene_of_view

__all__ = [
    "DirectedRadiance",
    "OccupancyGrid",
    "Picture",
    "Pixels",
    "Radiance",
    "RaySamples",
    "Rays",
    "Sampling",
    "camera_rays",
    "clip_to_box",
    "composite",
    "importance",
    "marching",
    "orbit_pose",
    "ray_weights",
    "render_directed",
    "render_samples",
    "render_scene",
    "render_view",
    "sample_rays",
    "scene_of_view",
    "shown_pixels",
    "stratified",
    "view_rays",
    "visible_cells",
]
