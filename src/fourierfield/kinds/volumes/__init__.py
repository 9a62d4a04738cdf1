"""Volumes and films on regular grids."""
