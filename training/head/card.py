"""The head's model card, filled from its evaluation."""

from __future__ import annotations

from typing import Any

from training.common.tables import figure, table

TEXT = """# ERBB2 token hierarchy (erbb2-token-hierarchy-1)

Reads the tokens of one 112 um field and predicts whether ERBB2 expression is high or low there.
Trained on 2 patients. It shows how a score splits over tokens and cells; it is not a HER2 test, and
no figure below supports a claim beyond these two patients. Between the two it is close to chance.

## Form
Gated attention over patch tokens, then a linear weighting of the class token and of the attended
mean (after arXiv:2511.05150): bias + class share + sum of token contributions = logit, exactly.
Contributions are taken from the mean token of the training spots, so zero is average tissue and the
sign can be read. Standardisation is folded into the weights. Hidden width 32.

## Data and licence
HER2-positive breast cancer spatial transcriptomics, Andersson et al. 2021 (Nature Communications
12:6012; Zenodo 4751624; its licence was not re-read; no pixel or count is in this folder). Section
B4 of patient B, C2-C6 of patient C: the five sections are one patient and stay on one side of any
split. A field is 112 um around each spot, resampled from about 0.687 um/px (measured from the
200 um lattice) to 0.5. Target: ERBB2 as log1p counts per million; high = above the median of the
section, so half of all spots are high by construction. Training labels: the four lattice neighbours
add a quarter of their counts each (single spots of B4 hold about 650 molecules) and the middle 30 %
of each section is left out; tests use every spot and its own counts. Both choices were compared on
sections within patient C and also on the two directions below, so these are slightly favourable.
Weights: Apache-2.0.

## Leave one patient out
AUROC against the high/low label; Spearman within sections. Intervals by spot: neighbouring spots
and serial sections resemble each other, so the intervals are optimistic. Shuffled labels: mean of
{shuffles} heads, with their range; it is wide, probably because one axis such as cellularity, taken
with either sign, orders a whole section. A figure inside that range is no evidence of a learned
ERBB2 signal.

{tables}

{reading}
The shipped weights are trained on both patients; the figures are those of heads trained without the
tested patient. Temperature {temperature:.2f}, fitted on the pooled held-out logits.

## Faithfulness
Deletion on 200 held-out spots: logits towards the predicted side, mean over 0-95 % removed,
random order minus relevant order (above 0: the named tokens carry the score).

{deletion}

The contribution order does well partly by construction, since the score is a sum of contributions.
Attention says where the head looks, not which way a token pulls.

## Known failures
- Two patients, one of them with one shallow section. What goes with ERBB2 in one patient
  (haematoxylin fraction in B) need not in the other.
- "Head on a random encoder" has the same head on untrained tokens. Where it does as well or better,
  the learned tokens add nothing for ERBB2 between these patients, and a map of contributions shows
  how this head decided, not where ERBB2 is expressed.
- Labels are relative to a section: a high score means "higher than elsewhere in such a section".
- Fields away from breast tissue get a score too; it means nothing there.

## Commands
```
python -m training.head.evaluate --weights runs/encoder/tuned.pt --tokens runs/head/tokens.pt \\
    --random-tokens runs/head/random.pt --out runs/head/eval.json
python -m training.head.train --weights runs/encoder/tuned.pt --tokens runs/head/tokens.pt \\
    --out runs/head/head.pt
python -m training.head.export --head runs/head/head.pt --eval runs/head/eval.json \\
    --encoder models/encoder-tokens-1 --out models/erbb2-token-hierarchy-1
```
Minutes on one processor core.
"""
DIRECTIONS = {
    "C to B": "Trained on C (5 sections), tested on B ({n} spots)",
    "B to C": "Trained on B (1 section), tested on C ({n} spots)",
}


def direction_table(results: dict[str, Any]) -> str:
    rows = []
    for name, subject in results.items():
        if name == "deletion":
            continue
        runs = subject.get("runs", [0.0])
        interval, rank = (
            subject.get("auroc_interval", [min(runs), max(runs)]),
            subject.get("spearman"),
        )
        rows.append(
            [
                name,
                figure(subject["auroc"], interval),
                "-" if rank is None else figure(rank, subject["spearman_interval"]),
            ]
        )
    return table(["", "AUROC", "Spearman"], rows)


def reading(evaluation: dict[str, Any]) -> str:
    """One sentence a direction, from the figures."""
    lines = []
    for name in DIRECTIONS:
        low, high = evaluation[name]["head"]["auroc_interval"]
        runs = evaluation[name]["shuffled labels"]["runs"]
        inside = min(runs) <= evaluation[name]["head"]["auroc"] <= max(runs)
        verdict = (
            "interval lies above 0.5"
            if low > 0.5
            else "interval lies below 0.5"
            if high < 0.5
            else "interval includes 0.5"
        )
        verdict += f", the figure {'lies inside' if inside else 'is beyond'} the shuffled range"
        others = {
            n: s["auroc"]
            for n, s in evaluation[name].items()
            if n not in ("head", "deletion", "shuffled labels")
        }
        best = max(others, key=lambda n: others[n])
        lines.append(
            f"{name}: the head's {verdict}; the\nbest other subject is {best} ({others[best]:.3f})."
        )
    return "\n".join(lines)


def head_card(evaluation: dict[str, Any]) -> str:
    """evaluation: from evaluate.py."""
    tables, deletion = [], []
    for name, title in DIRECTIONS.items():
        results = evaluation[name]
        title = title.format(n=results["head"]["spots"])
        tables.append(f"{title}:\n\n{direction_table(results)}")
        for order, area in results["deletion"].items():
            deletion.append([f"{name}, order by {order}", figure(area["value"], area["interval"])])
    return TEXT.format(
        tables="\n\n".join(tables),
        reading=reading(evaluation),
        shuffles=len(evaluation["C to B"]["shuffled labels"]["runs"]),
        temperature=evaluation["temperature"],
        deletion=table(["", "Area between curves, logits"], deletion),
    )
