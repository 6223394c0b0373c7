"""Token hierarchy heads: expression and composition targets on the encoder's tokens."""
