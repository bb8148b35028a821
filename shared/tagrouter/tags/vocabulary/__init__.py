"""Tag vocabulary: raw tags -> canonical tags with aliases (paper, tag normalization)."""
