"""Sound: WAV, FLAC and Ogg."""
