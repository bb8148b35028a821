"""Training of embedded generators; needs the extra `train`."""
