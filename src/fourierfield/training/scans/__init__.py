"""What a run on a scan minimises: the square error of its measurements of the network's field."""

from .common import measurement_psnr
from .image import AfterPilot, ImageObjective
from .lines import LineObjective, LinePlan

__all__ = ["AfterPilot", "ImageObjective", "LineObjective", "LinePlan", "measurement_psnr"]
