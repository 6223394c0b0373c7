"""Bring your own encoder: pathology vision transformers to browser files, and heads on them."""
