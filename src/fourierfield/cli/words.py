"""Words that the help of several commands needs, without importing what reads the files."""

__all__ = ["KINDS", "KINDS_OR_SCANS", "KINDS_TO_FIT", "READABLE", "READABLE_OFF_GRID", "SCANS"]

READABLE = (
    "pictures (PNG, JPEG, TIFF, WebP, BMP, GIF), sound (WAV, FLAC, Ogg), volumes (NIfTI, DICOM, TIFF stacks), films "
    "(MP4, Matroska, AVI, folders of frames) or .npy"
)
SCANS = "scans (CT: Data Exchange, .mat, .npy, TIFF; MRI: ISMRMRD, fastMRI, BART, .mat, .npy)"
READABLE_OFF_GRID = (
    f"meshes (OBJ, PLY, STL, OFF, GLB), posed pictures (transforms.json, .npz), tables (CSV, TSV, Parquet), {SCANS}"
)
KINDS = "image, audio, series, volume or video"
KINDS_OR_SCANS = "image, audio, series, volume, video, ct or mri"
KINDS_TO_FIT = "image, audio, series, volume, video, mesh, views, ct, mri or table"
