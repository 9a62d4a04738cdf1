"""Pictures on regular grids. Their codecs are in ``grids``, since views and films need them too."""
