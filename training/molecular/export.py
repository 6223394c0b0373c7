"""Train the alignment that ships and write its model folder.

    python -m training.molecular.export --encoder models/encoder-tokens-3 \\
        --cache ../runs/molecular --simple ../runs/head/simple-nuclei-star-2 \\
        --eval ../runs/molecular/eval --out models/molecular-c

It is trained on patient C alone and its library holds no spot of patient B: what it says of section
B4 is said of a patient it never saw.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training.common.manifest import (
    check_model, check_network, describe_network, finish_model, identity, open_session,
)  # fmt: skip
from training.common.painted import painted_tissue
from training.common.quantize import quantize_weights
from training.head.features import Encoder
from training.molecular.card import card, note
from training.molecular.data import SCALE, Spots
from training.molecular.evaluate import BASE, SHIPPED, Evaluation
from training.molecular.features import tokens
from training.molecular.files import (
    EXPRESSION_FILE, EXPRESSION_INPUT, EXPRESSION_OUTPUTS, IMAGE_FILE, IMAGE_INPUT, IMAGE_OUTPUTS,
    read_library, write_library, write_onnx, write_vocabulary,
)  # fmt: skip
from training.molecular.genesets import hallmark, membership
from training.molecular.knn import soft_knn
from training.molecular.library import FEWEST_SPOTS, Library
from training.molecular.spectrum import spectrum
from training.molecular.ssgsea import ALPHA, ssgsea
from training.molecular.train import AXES, Alignment, Recipe, embedding, train
from training.molecular.trials import (
    CEILING, DIRECTIONS, KNN_K, KNN_TAU, World, build_library, out_of_fold, prepared_rows,
)  # fmt: skip

VERSION = "1.0.0"
# Float arithmetic everywhere: only the order of sums differs.
TOLERANCE = 0.005
PARITY_STEP = 1 / 64
# Predicted expression is compared at every 25th gene.
GENE_STEP = 25
# Similarity of the nearest prototype below which a field is far from the library: this percentile
# of spots of the training patient whose section was left out.
FAR_PERCENTILE = 5
# Sets whose scores for B4 the evaluation keeps, so that the viewer's can be compared: three
# Hallmark sets and a pasted one, T cells.
PROBED = ("HALLMARK_OXIDATIVE_PHOSPHORYLATION", "HALLMARK_INFLAMMATORY_RESPONSE",
          "HALLMARK_EPITHELIAL_MESENCHYMAL_TRANSITION")  # fmt: skip
PASTED = ("CD2", "CD3D", "CD3E", "CD4", "CD52", "CD8A", "CCL5", "CORO1A", "GZMA", "GZMK", "IL7R",
          "LCK", "NKG7", "PTPRC")  # fmt: skip


def network(path: str, outputs: dict[str, int]) -> dict[str, Any]:
    """Files of one network for both providers, and which outputs are compared at which step."""
    return {
        "files": [
            {"provider": p, "dtype": "float32", "path": path, "tolerance": TOLERANCE}
            for p in ("wasm", "webgpu")
        ],
        "parity": {"outputs": [{"name": n, "step": s} for n, s in outputs.items()]},
    }


def parity_embedding(encoder: Encoder, recipe: Recipe) -> np.ndarray:
    """Embedding of the painted field, rounded."""
    seen = tokens(encoder, painted_tissue(encoder.px, encoder.manifest["input"]["mpp"])[None])
    joined = np.concatenate([seen[name] for name in recipe.embedding], axis=1)
    return (np.round(joined / PARITY_STEP) * PARITY_STEP).astype(np.float32)


def metrics(figures: dict[str, Any]) -> list[dict[str, Any]]:
    """Held-out figures for the viewer's list."""
    on = f"{figures['spots']} spots, {SHIPPED}; interval by blocks of spots"
    result = []
    for k in ("1", "10"):
        chance = figures["chance"][k]
        result.append({"name": f"Recall at {k}", **figures["recall"][k],
                       "on": f"{on}; chance {chance:.3f}"})  # fmt: skip
    return result


class Shipped:
    """The files as the browser reads them."""

    def __init__(self, folder: Path, library: Library) -> None:
        self.image = open_session(folder / IMAGE_FILE)
        self.library = library

    def scores(self, x: np.ndarray, member: np.ndarray) -> dict[str, np.ndarray]:
        """Scores [N,S] of both answers for embeddings [N,D], u [N,W] and the nearest [N]."""
        u, expression = self.image.run(IMAGE_OUTPUTS, {IMAGE_INPUT: x})
        near = soft_knn(u, self.library.r, KNN_TAU, KNN_K)
        known = ssgsea(self.library.expression, member)
        return {"predictor": ssgsea(expression, member), "knn": near.average(known),
                "nearest": near.similarity[:, 0]}  # fmt: skip


def probes(shipped: Shipped, spots: Spots, world: World) -> dict[str, Any]:
    """Scores of the probed sets for the spots of B4, in the order of `place`."""
    wanted = [world.names.index(name) for name in PROBED]
    member = np.column_stack([world.member[:, wanted], membership(spots.genes, [PASTED])])
    said = shipped.scores(embedding(spots, BASE), member)
    sets = [*PROBED, "pasted"]
    return {
        "section": "B4",
        "place": spots.place.tolist(),
        "pasted": list(PASTED),
        "sets": {
            name: {a: np.round(said[a][:, i], 4).tolist() for a in ("predictor", "knn")}
            for i, name in enumerate(sets)
        },
    }


def int8_loss(folder: Path, shipped: Shipped, spots: Spots, world: World) -> dict[str, float]:
    """What int8 weights of the image network would change: largest difference of a set's score in
    standard deviations of that score over the spots, and bytes saved."""
    x = embedding(spots, BASE)
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "int8.onnx"
        quantize_weights(folder / IMAGE_FILE, path)
        coarse = open_session(path).run(IMAGE_OUTPUTS, {IMAGE_INPUT: x})[1]
        saved = (folder / IMAGE_FILE).stat().st_size - path.stat().st_size
    exact = shipped.scores(x, world.member)["predictor"]
    apart = np.abs(ssgsea(coarse, world.member) - exact) / exact.std(axis=0)
    return {"largest": float(apart.max()), "mean": float(apart.mean()), "bytes_saved": int(saved)}


def write_networks(alignment: Alignment, folder: Path, genes: int) -> None:
    width = alignment.image.network.mean.numel()
    write_onnx(alignment.image, width, IMAGE_INPUT, IMAGE_OUTPUTS, folder / IMAGE_FILE)
    write_onnx(
        alignment.expression, genes, EXPRESSION_INPUT, EXPRESSION_OUTPUTS, folder / EXPRESSION_FILE
    )


def read_evaluation(folder: Path) -> dict[str, Any]:
    """All parts of evaluate.py as one, without what differs between them."""
    parts = {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}
    first = parts["headline"]
    return {"encoder": first["encoder"], "recipe": first["recipe"],
            **{name: part["figures"] for name, part in parts.items()}}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", type=Path, required=True, help="the encoder's model folder")
    parser.add_argument("--cache", type=Path, required=True, help="the folder of features.py")
    parser.add_argument("--simple", type=Path, required=True, help="of training.head.baselines")
    parser.add_argument("--eval", type=Path, required=True, help="the folder of evaluate.py")
    parser.add_argument("--out", type=Path, required=True, help="the model folder")
    args = parser.parse_args()
    torch.set_num_threads(1)
    folder: Path = args.out
    folder.mkdir(parents=True, exist_ok=True)
    measured = read_evaluation(args.eval)
    held = measured["headline"][SHIPPED]
    encoder = Encoder(args.encoder)
    data = Evaluation(args)
    world = data.world(SHIPPED)
    trained, tested = (world.patient(p) for p in DIRECTIONS[SHIPPED])

    prepared = prepared_rows(world, trained, data.prepared)
    alignment = train(prepared, BASE)
    write_networks(alignment, folder, len(world.spots.genes))
    library = write_library(build_library(world, alignment, prepared.spots), folder)
    shipped = Shipped(folder, read_library(folder, library, BASE.width, len(world.spots.genes)))
    own = out_of_fold(world, BASE, trained, data.prepared, library=True)
    far = float(np.percentile(own.nearest, FAR_PERCENTILE))
    target = world.spots.rows(tested)
    nearest = shipped.scores(embedding(target, BASE), world.member)["nearest"]

    matched = dict(zip(world.names, world.member.sum(axis=0).astype(int).tolist(), strict=True))
    drawn = spectrum(
        held, measured["headline"][CEILING], measured["shuffled"][SHIPPED],
        {"trained": "C", "tested": "B"},
        {s.name: {"genes": len(s.genes), "matched": matched[s.name]} for s in hallmark()},
    )  # fmt: skip
    (folder / "spectrum.json").write_text(json.dumps(drawn) + "\n")
    evaluation = {
        **measured,
        "constants": {"axes": AXES, "fewest_spots": FEWEST_SPOTS},
        "far": {"threshold": far, "tested_share": float((nearest < far).mean())},
        "int8": int8_loss(folder, shipped, target, world),
        "probes": probes(shipped, target, world),
    }
    example = shipped.library.expression[:1].astype(np.float32)
    manifest = {
        "id": folder.name,
        "name": "Molecular prompting, trained on patient C",
        "role": "alignment",
        "version": VERSION,
        "licence": "Apache-2.0",
        "card": "card.md",
        "outputs": {name: name for name in IMAGE_OUTPUTS},
        **network(IMAGE_FILE, {"u": 1, "expression": GENE_STEP}),
        "alignment": {
            "tokens": encoder.layout,
            "dim": encoder.dim,
            "embedding": list(BASE.embedding),
            "width": BASE.width,
            "trained": ["C"],
            "tested": ["B"],
            "tissue": "HER2-positive breast carcinoma",
            "note": note(measured),
            "scale": SCALE,
            "alpha": ALPHA,
            "knn": {"k": KNN_K, "tau": KNN_TAU},
            "far": far,
            "vocabulary": write_vocabulary(world.spots.genes, folder),
            "library": library,
            "spectrum": identity(folder / "spectrum.json"),
            "expression": {
                "outputs": {name: name for name in EXPRESSION_OUTPUTS},
                **describe_network(
                    folder, network(EXPRESSION_FILE, {"r": 1}), {EXPRESSION_INPUT: example}, False
                ),
            },
        },
        "metrics": metrics(held),
    }
    complete = finish_model(folder, manifest, {IMAGE_INPUT: parity_embedding(encoder, BASE)})
    (folder / "evaluation.json").write_text(json.dumps(evaluation, indent=1) + "\n")
    (folder / "card.md").write_text(card(evaluation, complete))
    checked = check_model(folder) | check_network(folder, complete["alignment"]["expression"])
    print(folder.name, json.dumps(checked))


if __name__ == "__main__":
    main()
