"""Shared by the trainings: data paths, seeds, quantization and model folders."""
