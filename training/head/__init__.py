"""ERBB2 head on the encoder's tokens."""
