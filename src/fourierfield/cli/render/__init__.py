"""``fourierfield render``: ``command`` parses and hands over to the module of the kind of field."""

from .command import command

__all__ = ["command"]
