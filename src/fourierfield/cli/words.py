"""Words that the help of several commands needs, without importing what reads the files."""

__all__ = ["KINDS", "KINDS_TO_FIT", "READABLE", "READABLE_OFF_GRID"]

READABLE = (
    "pictures (PNG, JPEG, TIFF, WebP, BMP, GIF), sound (WAV, FLAC, Ogg), volumes (NIfTI, DICOM, TIFF stacks), films "
    "(MP4, Matroska, AVI, folders of frames) or .npy"
)
READABLE_OFF_GRID = (
    "meshes (OBJ, PLY, STL, OFF, GLB), posed pictures (transforms.json, .npz), tables (CSV, TSV, Parquet), "
    "scans (CT: Data Exchange, .mat, .npy, TIFF; MRI: ISMRMRD, fastMRI, BART, .mat, .npy)"
)
KINDS = "image, audio, series, volume or video"
KINDS_TO_FIT = "image, audio, series, volume, video, mesh, views, ct, mri or table"
