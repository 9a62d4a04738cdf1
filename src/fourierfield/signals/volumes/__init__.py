"""Volumes and films on regular grids: NIfTI, DICOM, stacks of TIFF pages, videos and folders of frames.

Axes in the order of the array, each with its own unit. May import nothing else of fourierfield but what signals share.
"""

from .affine import resampled_affine
from .array import as_video, as_volume
from .reading import read_pages, read_video_file, read_volume_file
from .video import write_video
from .writing import VIDEO_ENDINGS, VOLUME_ENDINGS, ending_of, write_volume

__all__ = [
    "VIDEO_ENDINGS",
    "VOLUME_ENDINGS",
    "as_video",
    "as_volume",
    "ending_of",
    "read_pages",
    "read_video_file",
    "read_volume_file",
    "resampled_affine",
    "write_video",
    "write_volume",
]
