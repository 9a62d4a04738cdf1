"""Words that the help of several commands needs, without importing what reads the files."""

__all__ = ["KINDS", "MESHES", "READABLE", "TABLES"]

READABLE = "PNG, JPEG, TIFF, WebP, BMP, GIF, WAV, FLAC, Ogg or .npy"
MESHES = "OBJ, PLY, STL, OFF or GLB"
TABLES = "CSV, TSV or Parquet"
KINDS = "image, audio or series"
