"""A head's model card, filled from its evaluation and manifest; standard library only."""

from __future__ import annotations

from typing import Any

from training.common.tables import figure, table

TEXT = """# {title} ({id})

{purpose} {verdict}

## Form
Gated attention over patch tokens, then a linear weighting of the class token and of the attended
mean (after arXiv:2511.05150): bias + class share + sum of token contributions = logit, exactly.
Contributions are taken from the mean token of the training fields, so zero is average tissue and
the sign can be read. Standardisation is folded into the weights. Hidden width {hidden}.
{variant}

## Data and licence
{data}
Weights: Apache-2.0.

## Held-out results
AUROC against the high/low label; Spearman with the measured value{within}. Intervals: bootstrap
over {blocks}. {columns}
Nuclear density by type: counts by {segmenter}{blurred}. Shuffled labels: range of {shuffles} heads; a figure inside it is no evidence of a learned signal.

{tables}

{reading}
{ceiling}
## Robustness
Baseline and robust head on {looks} looks of each of {held_fields} held-out fields: as it is, and by
families that neither was trained on (colour shifts between five scanners, carried over by Macenko
and by Reinhard; JPEG). Inconsistency: mean standard deviation of a field's probability over its
looks. Relative: that over the standard deviation between fields, because a head that says the same
of every field is consistent too. Agreement: share of pairs of looks with the same class. Flips:
looks whose class differs from the plain one.

{robustness}

{cost}
Five scanners: one real field that all five saw, in its eight turns. It is a low-power view of other
tissue: the score means nothing there, only its movement from scanner to scanner does.
{ablation}
## Calibration
Expected calibration error over 15 bins, on fields that were not used to fit the temperature:

{calibration}

{temperatures}

## Faithfulness
Deletion on up to 200 held-out fields: logits towards the predicted side, mean over 0-99 % removed,
random order minus relevant order (above 0: the named tokens carry the score).

{deletion}

The contribution order does well partly by construction, since the score is a sum of contributions.
Attention says where the head looks, not which way a token pulls.

## Known failures
{failures}

## Commands
```
python -m training.head.features --encoder models/{encoder} --cache ../runs/head
python -m training.head.features --encoder models/{encoder} --cache ../runs/head --random
python -m training.head.baselines --segmenter models/{segmenter} --cache ../runs/head
python -m training.head.evaluate --encoder models/{encoder} \\
    --segmenter models/{segmenter} --cache ../runs/head --out ../runs/head/eval
python -m training.head.export --encoder models/{encoder} --cache ../runs/head \\
    --eval ../runs/head/eval --out models
```
"""
VARIANTS = {
    "baseline": "This is the baseline head: task loss on plain fields.",
    "robust": (
        "This is the robust head (after arXiv:2602.22347): task loss on pairs of views under stain\n"
        "jitter, light, blur and turns, plus {embedding} x symmetric InfoNCE between the views' bag\n"
        "embeddings, plus {score} x the mean squared difference of their scores in units of the scores' variance."
    ),
}
VERDICTS = {
    "chance": "Between patients it is at chance: read nothing into its score.",
    "weak": "On held-out tissue it is better than chance, and weak.",
    "useful": "On held-out tissue of this kind its ranking holds.",
}
BREAST_DATA = """HER2-positive breast cancer spatial transcriptomics, Andersson et al. 2021 (Nature Communications
12:6012; Zenodo 4751624; its licence was not re-read; no pixel or count is in this folder). Section
B4 of patient B, C2-C6 of patient C: the five sections are one patient and stay on one side of any
split. A field is 112 um around each spot, resampled from about 0.687 um/px (measured from the
200 um lattice) to 0.5. Target: {target}; high = above the median of the section.
Training labels: the four lattice neighbours add a quarter of their counts each (single spots of B4
hold about 650 molecules) and the middle 30 % of each section is left out; tests use every spot and
its own counts."""
COLON_DATA = """CoNSeP (Graham et al. 2019, Medical Image Analysis 58; Apache-2.0): colorectal H&E at 40x with every
nucleus outlined and typed. The segmenter's fold 0: trained on fields of its training images, tested
on its test images. Target: more than a quarter of the nuclei whose centroid lies in the 112 um field
are epithelial (about the median of the training fields). The encoder was tuned on the nuclear composition of the same training images."""
SET = "mean Pearson residual of {genes} ({where}), which does not follow depth as log counts do"
BREAST_FAILURES = """- Two patients, one of them with one shallow section. What goes with a gene in one patient need not
  in the other.
- Where "head on a random encoder" does as well, the learned tokens add nothing between these
  patients, and a map of contributions shows how this head decided, not where the gene is expressed.
- Labels are relative to a section: a high score means "higher than elsewhere in such a section".
- Fields away from breast tissue get a score too; it means nothing there."""
COLON_FAILURES = """- Fields of five images test it, and only two of these hold epithelium: one organ, one laboratory.
- A normal crypt and a carcinoma are both epithelium: the score says nothing about malignancy.
- Fields away from colorectal tissue get a score too; it was not tested there."""
ESR1_FAILURE = """- Patient C hardly expresses ESR1 (1 to 3 % of spots hold a molecule): a head trained there learns
  from noise, and tests there have few high spots.
"""
SUBJECT_COLUMNS = {
    "auroc": "AUROC",
    "spearman": "Spearman",
    "partial": "Spearman given depth",
    "smoothed": "AUROC, neighbourhood",
}


def measured(entry: dict[str, Any]) -> str:
    return figure(entry["value"], entry["interval"])


def target_text(facts: dict[str, Any]) -> str:
    if len(facts["genes"]) == 1 and not facts["hallmark"]:
        return f"{facts['genes'][0]} as log1p counts per million"
    named = [*facts["genes"], *([f"{facts['hallmark']} (MSigDB 7.0)"] if facts["hallmark"] else [])]
    return SET.format(
        genes=" + ".join(named), where="genes seen in at least 5 % of the section's spots"
    )


def subject_table(entry: dict[str, Any]) -> str:
    """Subjects of one direction; the last row is the shuffled range."""
    columns = [c for c in SUBJECT_COLUMNS if c in next(iter(entry["subjects"].values()))]
    rows = [
        [name, *(measured(subject[c]) for c in columns)]
        for name, subject in entry["subjects"].items()
    ]
    runs = entry["shuffled"]
    control = f"{sum(runs) / len(runs):.3f}, range {min(runs):.3f} to {max(runs):.3f}"
    rows.append(["shuffled labels", control, *["-"] * (len(columns) - 1)])
    return table(["", *(SUBJECT_COLUMNS[c] for c in columns)], rows)


def direction_sentence(direction: str, entry: dict[str, Any], variant: str) -> str:
    own = entry["subjects"][f"token hierarchy, {variant}"]["auroc"]
    low, high = own["interval"]
    side = "lies above 0.5" if low > 0.5 else "lies below 0.5" if high < 0.5 else "includes 0.5"
    inside = min(entry["shuffled"]) <= own["value"] <= max(entry["shuffled"])
    others = {
        n: s["auroc"]["value"]
        for n, s in entry["subjects"].items()
        if not n.startswith("token hierarchy")
    }
    best = max(others, key=lambda n: others[n])
    return (
        f"- {direction}: the interval {side}, the figure "
        f"{'lies inside' if inside else 'is beyond'} the shuffled range; the best other subject is\n"
        f"  {best} ({others[best]:.3f})."
    )


def consistency_row(name: str, entry: dict[str, Any]) -> list[str]:
    return [
        name,
        f"{entry['inconsistency']:.3f}",
        f"{entry['relative']:.2f}",
        f"{entry['agreement']:.3f}",
        f"{entry['flips']} of {entry['looks']}",
    ]


CONSISTENCY = ["Inconsistency", "Relative", "Agreement", "Flips"]


def robustness_table(evaluation: dict[str, Any]) -> str:
    rows = []
    for family in evaluation["robustness"]["baseline"]:
        for variant, families in evaluation["robustness"].items():
            rows.append(consistency_row(f"{family}, {variant}", families[family]))
    for variant, entry in evaluation["scanners"].items():
        rows.append(consistency_row(f"five scanners, {variant}", entry))
    return table(["", *CONSISTENCY], rows)


def cost_text(evaluation: dict[str, Any]) -> str:
    """What the robust head gains and what it pays, each with its interval."""
    parts = [f"Inconsistency falls by {measured(evaluation['inconsistency_fall'])}."]
    for direction, entry in evaluation["directions"].items():
        change = entry["robust_minus_baseline"]
        kept = "a fall" if change["interval"][1] < 0 else "no fall beyond its interval"
        parts.append(f"AUROC, robust minus baseline, {direction}: {measured(change)}: {kept}.")
    return "\n".join(parts)


def ablation_text(evaluation: dict[str, Any]) -> str:
    """The losses one by one; empty for targets without an ablation."""
    if not evaluation["ablation"]:
        return ""
    directions = list(evaluation["directions"])
    rows = [
        [
            name,
            *(measured(entry["auroc"][d]) for d in directions),
            *consistency_row("", entry)[1:],
            " / ".join(f"{entry['rank'][d]:.1f}" for d in directions),
        ]
        for name, entry in evaluation["ablation"].items()
    ]
    head = ["", *(f"AUROC, {d}" for d in directions), *CONSISTENCY, "Effective rank"]
    return (
        "\n### Each loss alone\nThe same held-out looks. Effective rank of the bag embeddings: a "
        "fall beside the first row would be\ncollapse.\n\n" + table(head, rows) + "\n"
    )


def ceiling_text(evaluation: dict[str, Any], variant: str) -> str:
    if not evaluation["ceiling"]:
        return ""
    columns = [c for c in SUBJECT_COLUMNS if c in evaluation["ceiling"]]
    row = [measured(evaluation["ceiling"][c]) for c in columns]
    return (
        "\nCeiling: the baseline head tested on each section of patient C by heads trained on "
        "C's other sections:\n\n"
        + table(["", *(SUBJECT_COLUMNS[c] for c in columns)], [["section out, inside C", *row]])
        + "\n"
    )


def note(evaluation: dict[str, Any], variant: str) -> str:
    """One or two sentences beside the score, with the figures they rest on."""
    areas = [
        entry["subjects"][f"token hierarchy, {variant}"]["auroc"]["value"]
        for entry in evaluation["directions"].values()
    ]
    figures = " and ".join(f"{area:.2f}" for area in areas)
    if len(areas) == 1:
        tested = f"On held-out images of colorectal tissue its AUROC was {figures}."
    else:
        tested = f"Tested on the patient left out, of 2, its AUROC was {figures}."
    advice = {
        "chance": "That is chance level: it shows the method and nothing about this tissue.",
        "weak": "That is weak: a hint where to look, not evidence.",
        "useful": "Its ranking held there; elsewhere it is untested.",
    }[evaluation["scale"][variant]]
    return f"{tested} {advice}"


def card(evaluation: dict[str, Any], manifest: dict[str, Any]) -> str:
    """card.md of one head folder from its evaluation.json and manifest.json."""
    variant = manifest["head"]["variant"]
    facts = evaluation["target_facts"]
    expression = bool(evaluation["ceiling"])
    recipe = evaluation["recipes"][variant]
    looks = evaluation["robustness"][variant]["all"]
    errors = evaluation["calibration"]
    deletion = [
        [f"{direction}, {name}, order by {order}", measured(area)]
        for direction, entry in evaluation["directions"].items()
        for name, areas in entry["deletion"].items()
        for order, area in areas.items()
    ]
    return TEXT.format(
        title=manifest["name"],
        id=manifest["id"],
        purpose=f"Reads the tokens of one 112 um field of {facts['tissue']}: "
        f"{facts['label'][0].lower()}{facts['label'][1:]}.",
        verdict=VERDICTS[manifest["head"]["scale"]],
        hidden=recipe["hidden"],
        variant=VARIANTS[variant].format(**recipe),
        data=BREAST_DATA.format(target=target_text(facts)) if expression else COLON_DATA,
        within=" within sections" if expression else "",
        blocks="blocks of 4 x 4 spots" if expression else "images",
        columns="Given depth: partial Spearman with the\nspot's total counts regressed out. "
        "Neighbourhood: against labels that include a quarter of the four\nneighbours' counts, which "
        "are less noisy." if expression else "",
        shuffles=len(next(iter(evaluation["directions"].values()))["shuffled"]),
        tables="\n\n".join(
            f"{name} ({entry['trained_fields']} training fields, {entry['fields']} tested, "
            f"{entry['positive']:.0%} high):\n\n{subject_table(entry)}"
            for name, entry in evaluation["directions"].items()
        ),
        reading="\n".join(
            direction_sentence(name, entry, variant)
            for name, entry in evaluation["directions"].items()
        ),
        ceiling=ceiling_text(evaluation, variant),
        looks=looks["views"],
        held_fields=looks["fields"],
        robustness=robustness_table(evaluation),
        cost=cost_text(evaluation),
        ablation=ablation_text(evaluation),
        calibration=table(
            ["", "Before", "After", "Shipped temperature"],
            [
                [v, f"{e['before']:.3f}", f"{e['after']:.3f}", f"{e['temperature']:.2f}"]
                for v, e in errors.items()
            ],
        ),
        temperatures="Each direction's temperature was fitted on the other's held-out logits; the "
        "shipped one on both." if expression else "The temperature was fitted on training images "
        "left out in four folds.",
        deletion=table(["", "Area between curves, logits"], deletion),
        failures=(ESR1_FAILURE if facts["id"] == "esr1" else "")
        + (BREAST_FAILURES if expression else COLON_FAILURES),
        encoder=evaluation["encoder"],
        segmenter=evaluation["segmenter"],
        blurred=", which misses most nuclei at this image's 0.69 um/px" if expression else "",
    )  # fmt: skip
