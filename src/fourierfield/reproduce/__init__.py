"""The paper's tables, from its own settings.

May import everything but bench.
"""

from .images import IMAGE_MAPPINGS, reproduce_images

__all__ = ["IMAGE_MAPPINGS", "reproduce_images"]
