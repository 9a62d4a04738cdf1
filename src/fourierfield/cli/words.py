"""Words that the help of several commands needs, without importing what reads the files."""

__all__ = ["KINDS", "READABLE", "TABLES"]

READABLE = "PNG, JPEG, TIFF, WebP, BMP, GIF, WAV, FLAC, Ogg, .npy, posed pictures (transforms.json or .npz)"
TABLES = "CSV, TSV or Parquet"
KINDS = "image, audio, series or views"
