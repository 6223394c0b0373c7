"""The shipped encoder as a torch function, and the pattern that misleads it."""

import hashlib
import json

import numpy as np
import torch

from training.audit.graph import Graph
from training.audit.pattern import LEVEL, PX, changed, find, normalised, shuffled
from training.common.manifest import open_session
from training.common.painted import painted_tissue
from training.common.paths import MODELS_DIR

ENCODER = MODELS_DIR / "encoder-tokens-3"


def test_graph_agrees_with_the_runtime_and_lets_gradients_through():
    path = ENCODER / "webgpu-w8.onnx"
    graph, session = Graph(path), open_session(path)
    x = normalised(painted_tissue(PX, 0.5)[None]).requires_grad_()
    ours = graph(x)
    theirs = session.run(list(ours), {session.get_inputs()[0].name: x.detach().numpy()})
    for said, expected in zip(ours.values(), theirs):
        assert np.abs(said.detach().numpy() - expected).max() < 0.02
    ours["class_token"].square().sum().backward()
    assert x.grad is not None and x.grad.abs().sum() > 0


def test_changes_stay_within_black_and_white():
    x = torch.tensor([-1.0, 0.0, 1.0]).reshape(1, 3, 1, 1).expand(1, 3, 4, 4)
    assert changed(x, torch.full((3, 4, 4), 4.0)).max() == 1
    assert changed(x, torch.full((3, 4, 4), -4.0)).min() == -1


def test_a_found_pattern_moves_more_than_the_same_values_at_random():
    weight = torch.from_numpy(np.random.default_rng(3).normal(0, 1, (3 * PX * PX, 5))).float()

    def encoder(x):
        tokens = x.reshape(len(x), -1) @ weight / 100 + 1
        return {"class_token": tokens}

    tiles = np.full((8, PX, PX, 3), 128, np.uint8)
    pattern = find(encoder, tiles, steps=12, batch=4, seed=1)
    assert pattern.abs().max() <= LEVEL and (pattern == pattern.round()).all()
    x = normalised(tiles[:1])
    before = encoder(x)["class_token"]
    noise = shuffled(pattern, 1)
    far = [(encoder(changed(x, p))["class_token"] - before).norm() for p in (pattern, noise)]
    assert far[0] > 3 * far[1]
    assert (noise.reshape(-1).sort().values == pattern.reshape(-1).sort().values).all()


def test_the_shipped_pattern_is_what_its_manifest_says():
    entry = json.loads((ENCODER / "manifest.json").read_text())["encoder"]["pattern"]
    data = (ENCODER / entry["path"]).read_bytes()
    assert hashlib.sha256(data).hexdigest() == entry["sha256"]
    assert np.abs(np.frombuffer(data, np.int8)).max() <= entry["level"]
    figures = json.loads((ENCODER / "pattern.json").read_text())
    assert figures["pattern, 4 of 255"]["moved"] > figures["noise, 4 of 255"]["moved"]
