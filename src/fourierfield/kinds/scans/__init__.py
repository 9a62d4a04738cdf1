"""Scans: CT through line integrals, MRI through Fourier samples."""
