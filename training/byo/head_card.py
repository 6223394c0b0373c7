"""The card of a head that a lab trained on its own tiles."""

from __future__ import annotations

from typing import Any

from training.common.tables import figure, table

TEXT = """# {name} ({id})

Reads the tokens of one field by the encoder "{encoder}" and predicts: {target}. Token hierarchy
head: gated attention over patch tokens and a linear weighting of the class token
(arXiv:2511.05150), so that bias + class share + sum of token contributions = logit, exactly.
Baseline variant: trained on plain tiles, without views of other scanners or stains.

## Data and licence
{tiles} tiles of {groups} groups (patients), {positive} of them positive (label {rule}). Tissue
where the score means something: {tissue}. Licence, as given: {licence}.

## Held-out groups
{folds} folds, whole groups left out; AUROC of all held-out tiles together, 95 % interval by drawing
{drawn}{optimistic}. Shuffled labels: mean and range of {runs} trainings whose labels mean nothing.
A figure inside their range is no evidence of a learned signal.

{table}

Trust: **{trust}**. {within}
Temperature {temperature:.2f}, fitted on the held-out logits; expected calibration error (15 bins)
{before:.3f} before and {after:.3f} after, where each fold's temperature comes from the other folds.
The shipped weights are trained on all tiles; the figures are those of heads that did not see the
tested groups.

## Known limits
- Tiles of one table are seldom a random sample of tissue. Fields unlike them get a score too.
- No other laboratory's tiles were tested, and no robustness to scanner or stain was measured.
- Faithfulness of the map (deletion curves) was not measured for this head.
"""


def card(evaluation: dict[str, Any], manifest: dict[str, Any]) -> str:
    """Markdown of the card from evaluation.json and manifest.json."""
    head, shuffled = manifest["head"], evaluation["shuffled"]
    rows = [
        [name, figure(entry["auroc"], entry["interval"])]
        for name, entry in evaluation["subjects"].items()
    ]
    mean = sum(shuffled) / len(shuffled)
    rows.append(["shuffled labels", figure(mean, [min(shuffled), max(shuffled)])])
    within = evaluation["within_groups"]
    few = evaluation["drawn"] == "tiles"
    return TEXT.format(
        name=manifest["name"],
        id=manifest["id"],
        encoder=evaluation["encoder"],
        target=head["target"],
        tiles=evaluation["tiles"],
        groups=evaluation["groups"],
        positive=evaluation["positive"],
        rule=evaluation["rule"],
        tissue=head["tissue"],
        licence=manifest["licence"],
        folds=evaluation["folds"],
        drawn=evaluation["drawn"],
        optimistic=" (too few groups to draw those, so it is optimistic)" if few else "",
        runs=len(shuffled),
        table=table(["", "AUROC"], rows),
        trust=head["trust"],
        within=(
            f"Within single groups that have both labels ({within['groups']}), the mean AUROC is "
            f"{within['auroc']:.3f}."
            if within["groups"]
            else "No group has both labels, so differences between groups (scanner, stain, age) "
            "may carry the score."
        ),
        temperature=head["temperature"],
        before=evaluation["ece"]["before"],
        after=evaluation["ece"]["after"],
    )
