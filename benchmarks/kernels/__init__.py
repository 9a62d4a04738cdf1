"""What kernel fields reach, and in what time, beside their classical rivals."""
