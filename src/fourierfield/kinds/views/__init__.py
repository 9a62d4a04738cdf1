"""Posed pictures: colour and density through volume rendering."""
