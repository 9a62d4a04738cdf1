"""Meshes: occupancy and signed distance."""
