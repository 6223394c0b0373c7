"""Field encoder: a convolutional stem with a small transformer on 8 um patch tokens."""
