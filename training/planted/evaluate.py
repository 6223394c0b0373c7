"""Train a head on planted cells and ask whether its evidence lands on them.

    python -m training.planted.evaluate --fields ../runs/planted \\
        --encoder models/encoder-tokens-3 --out ../runs/planted-head

Trained on drawn slides of other seeds, tested on the built-in slide, whose truth is known. Writes
head.pt and evaluation.json.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import avg_pool2d

from training.encoder.baselines import stain_density
from training.head.calibration import calibration_error, fit_temperature
from training.head.faithfulness import deletion
from training.head.features import Encoder, TokenSet
from training.head.model import HeadOutput, TokenHierarchyHead, fold
from training.head.statistics import interval
from training.head.train import BASELINE, predict, standardiser, train_head
from training.planted.cells import auroc, blocked_auroc, by_kind, cell_auroc, judged, neighbours
from training.planted.data import FIELD_PX, TOKENS, PlantedFields, load_fields, token_set
from training.planted.fine import fine_figures
from training.planted.slide_level import planted_bags

# All tokens in every step: a few cells in a field make the label.
RECIPE = replace(BASELINE, epochs=8, rate=3e-3, tokens=TOKENS)
# Heads of each control; an untrained one costs nothing.
SHUFFLED, UNTRAINED = 10, 100
TOKEN_PX = 16


def read(head: TokenHierarchyHead, data: TokenSet) -> HeadOutput:
    """The head's outputs on the plain view."""
    with torch.no_grad():
        return head(data.class_token[0], data.patch_tokens[0].float())


def evidence_figures(fields: PlantedFields, values: np.ndarray) -> dict[str, object]:
    """A token quantity [F,196], shared out to cells, against the planted cells: as the cell's sum
    and per um2 (small cells hold less of any token)."""
    cell = fields.cells.share_out(values)
    density = cell / fields.cells.area
    return {"sum": cell_auroc(fields, cell), "per_area": cell_auroc(fields, density)}


def token_haematoxylin(fields: PlantedFields) -> np.ndarray:
    """Mean haematoxylin density under every token [F,196]: a baseline that needs no model."""
    parts = []
    for start in range(0, len(fields.rgb), 32):
        rgb = torch.tensor(fields.rgb[start : start + 32]).permute(0, 3, 1, 2).float() / 255
        density = stain_density(rgb)[:, 0].view(-1, 1, FIELD_PX, FIELD_PX)
        parts.append(avg_pool2d(density, TOKEN_PX).flatten(1))
    return torch.cat(parts).numpy()


def limits(fields: PlantedFields, contribution: np.ndarray) -> dict[str, object]:
    """What the token grid allows: tokens that know exactly how much of them planted cells cover,
    and the head against cells that share a token with a planted cell or do not."""
    cells = fields.cells
    planted = cells.kind == fields.target
    beside = neighbours(cells, planted)
    perfect = cells.covered(planted.astype(float)).reshape(-1, TOKENS)
    value = cells.share_out(contribution)
    others = judged(fields) & ~planted
    return {
        "exact tokens": evidence_figures(fields, perfect),
        "equal tokens": evidence_figures(fields, np.ones_like(perfect)),
        "sharing": {
            **cell_auroc(fields, value, planted | beside),
            "cells": int((others & beside).sum()),
        },
        "apart": {
            **cell_auroc(fields, value, planted | ~beside),
            "cells": int((others & ~beside).sum()),
        },
    }


def redrawn_auroc(fields: PlantedFields, contribution: np.ndarray) -> float:
    """The same places in the twin fields: spindles that took a lymphocyte's place against the other
    cells. Evidence that follows the place and not the cell would be high here too."""
    cells, drawn = fields.cells, judged(fields)
    twin = cells.inside & ~drawn
    if not np.array_equal(cells.x[twin], cells.x[drawn]):
        raise ValueError("The two fields of a pair do not hold their cells at the same places.")
    return auroc(cells.share_out(contribution)[twin], cells.kind[drawn] == fields.target)


def control_heads(train: TokenSet) -> Iterator[tuple[str, TokenHierarchyHead]]:
    """Heads that cannot know the planted cells: labels shuffled, or weights never trained."""
    for seed in range(SHUFFLED):
        order = torch.randperm(len(train.label), generator=torch.Generator().manual_seed(seed))
        yield "shuffled labels", train_head(train, RECIPE, seed, labels=train.label[order])
    dim, scale = train.class_token.shape[-1], standardiser(train)
    for seed in range(UNTRAINED):
        torch.manual_seed(seed)
        yield "random weights", fold(TokenHierarchyHead(dim, RECIPE.hidden), scale)


def controls(train: TokenSet, test: TokenSet, fields: PlantedFields) -> dict[str, object]:
    """Per-cell AUROC of the contribution (`runs`) and AUROC of the score (`scores`) of control
    heads, and the mean of the former with its interval over heads."""
    runs: dict[str, list[float]] = {}
    scores: dict[str, list[float]] = {}
    keep = judged(fields)
    planted = fields.cells.kind[keep] == fields.target
    for name, head in control_heads(train):
        out = read(head, test)
        cell = fields.cells.share_out(out.contribution.numpy())[keep]
        runs.setdefault(name, []).append(auroc(cell, planted))
        scores.setdefault(name, []).append(auroc(out.logit.numpy(), fields.planted))
        print(f"{name}: {runs[name][-1]:.3f}", flush=True)
    rng = np.random.default_rng(0)
    result: dict[str, object] = {}
    for name, values in runs.items():
        draws = rng.choice(values, (1000, len(values))).mean(axis=1)
        result[name] = {
            "auroc": float(np.mean(values)),
            "interval": interval(draws),
            "runs": values,
            "scores": scores[name],
        }
    return result


def held_out_temperature(train: TokenSet) -> float:
    """Temperature fitted on logits of training slides that their head did not see."""
    logits, labels = [], []
    for slide in np.unique(train.section):
        held = train.rows(train.section == slide)
        logits.append(predict(train_head(train.rows(train.section != slide), RECIPE), held))
        labels.append(held.label.numpy())
    return fit_temperature(np.concatenate(logits), np.concatenate(labels))


def evaluate(folder: Path, encoder: Encoder) -> tuple[TokenHierarchyHead, dict[str, object]]:
    """The head and everything its card shows, from the fields in `folder`."""
    seen, fields, grids = (load_fields(folder, name) for name in ("train", "test", "grids"))
    train, test = token_set(seen, encoder), token_set(fields, encoder)
    print("tokens made", flush=True)
    head = train_head(train, RECIPE)
    print("head trained", flush=True)
    out = read(head, test)
    logit, contribution, attention = (
        getattr(out, name).numpy() for name in ("logit", "contribution", "attention")
    )
    temperature = held_out_temperature(train)
    inside, planted = judged(fields), fields.cells.kind == fields.target
    return head, {
        "encoder": encoder.manifest["id"],
        "planted": fields.types[fields.target],
        "recipe": asdict(RECIPE),
        "fields": {
            "train": len(seen.planted),
            "train_slides": len(np.unique(seen.seed)),
            "test": int(fields.planted.sum()),
            "cells": int(inside.sum()),
            "planted_cells": int((inside & planted).sum()),
        },
        "score": blocked_auroc(logit, fields.planted, np.arange(len(logit)) // 2),
        "temperature": temperature,
        "ece": {
            "before": calibration_error(logit, fields.planted),
            "after": calibration_error(logit, fields.planted, temperature),
        },
        "contribution": evidence_figures(fields, contribution),
        "attention": evidence_figures(fields, attention),
        "by_kind": by_kind(fields, fields.cells.share_out(contribution)),
        "haematoxylin": evidence_figures(fields, token_haematoxylin(fields)),
        "limits": limits(fields, contribution),
        "fine": fine_figures(grids, read(head, token_set(grids, encoder))),
        "slide_level": planted_bags(logit, out.gate.numpy()),
        "controls": controls(train, test, fields),
        "redrawn_places": redrawn_auroc(fields, contribution),
        "deletion": deletion(head, test.rows(fields.planted == 1)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fields", type=Path, required=True, help="folder written by fields.ts")
    parser.add_argument("--encoder", type=Path, required=True, help="the encoder's model folder")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    head, evaluation = evaluate(args.fields, Encoder(args.encoder))
    args.out.mkdir(parents=True, exist_ok=True)
    torch.save({"head": head.state_dict(), "recipe": asdict(RECIPE)}, args.out / "head.pt")
    (args.out / "evaluation.json").write_text(json.dumps(evaluation, indent=1) + "\n")
    print(json.dumps(evaluation, indent=1))


if __name__ == "__main__":
    main()
