"""The star-convex nucleus segmenter: data, network, training, evaluation and export."""
