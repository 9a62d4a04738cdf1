"""Words that the help of several commands needs, without importing what reads the files."""

__all__ = ["KINDS", "READABLE", "READABLE_OFF_GRID"]

READABLE = (
    "pictures (PNG, JPEG, TIFF, WebP, BMP, GIF), sound (WAV, FLAC, Ogg), volumes (NIfTI, DICOM, TIFF stacks), films "
    "(MP4, Matroska, AVI, folders of frames) or .npy"
)
READABLE_OFF_GRID = "posed pictures (transforms.json, .npz), tables (CSV, TSV, Parquet)"
KINDS = "image, audio, series, volume or video"
