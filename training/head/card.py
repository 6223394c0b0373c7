"""A head's model card, filled from its evaluation and manifest; standard library only."""

from __future__ import annotations

from textwrap import fill
from typing import Any

from training.common.tables import figure, table
from training.head.card_text import (
    BREAST_DATA, BREAST_FAILURES, COLON_BAGS, COLON_DATA, COLON_FAILURES, ESR1_FAILURE,
    EXPRESSION_BAGS, EXPRESSION_COLUMNS, POOLINGS, SET, TEXT, VARIANTS, VERDICTS,
)  # fmt: skip

SUBJECT_COLUMNS = {
    "auroc": "AUROC",
    "spearman": "Spearman",
    "partial": "Spearman given depth",
    "smoothed": "AUROC, neighbourhood",
}


POOLED = {"mean": "Mean", "attention": "Attention", "difference": "Attention minus mean"}


def measured(entry: dict[str, Any]) -> str:
    return figure(entry["value"], entry["interval"])


def target_text(facts: dict[str, Any]) -> str:
    """The sentence on an expression target."""
    sentence = "Target: {}; high = above the median of the section."
    if len(facts["genes"]) == 1 and not facts["hallmark"]:
        return sentence.format(f"{facts['genes'][0]} as log1p counts per million")
    named = [*facts["genes"], *([f"{facts['hallmark']} (MSigDB 7.0)"] if facts["hallmark"] else [])]
    return fill(sentence.format(SET.format(genes=" + ".join(named))), 100)


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
        f"{'lies inside' if inside else 'is beyond'} the shuffled range;\n"
        f"  the best other subject is {best} ({others[best]:.3f})."
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
        baseline, robust = (
            entry["subjects"][f"token hierarchy, {v}"]["auroc"] for v in ("baseline", "robust")
        )
        side = "inside" if robust["value"] >= baseline["interval"][0] else "below"
        parts.append(
            f"AUROC, robust minus baseline, {direction}: {measured(change)};\n"
            f"{side} the baseline's own interval."
        )
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


def slide_table(evaluation: dict[str, Any]) -> str:
    """Both ways of pooling fields, by direction and variant."""
    rows = [
        [f"{direction}, {variant}", *(measured(entry[k]) for k in POOLED),
         f"{entry['effective_fields']:.1f}"]
        for variant, directions in evaluation["slide_level"].items()
        for direction, entry in directions.items()
    ]  # fmt: skip
    return table(["AUROC of bags", *POOLED.values(), "Fields that count"], rows)


def calibration_table(errors: dict[str, Any]) -> str:
    """Calibration error before and after temperature scaling, by variant."""
    return table(
        ["", "Before", "After", "Shipped temperature"],
        [
            [v, *(figure(e[k], e["interval"][k]) for k in ("before", "after")),
             f"{e['temperature']:.2f}"]
            for v, e in errors.items()
        ],
    )  # fmt: skip


def conformal_text(errors: dict[str, Any], unit: str) -> str:
    """What the conformal sets promise with so many groups, and how they did on the ones left out;
    `unit`: what a group is."""
    first = next(iter(errors.values()))
    groups, needed = first["groups"], first["conformal"]["groups_needed"]
    promise = (
        f"With {groups} {unit}s they promise nothing for a new one: {needed} would be needed."
        if groups < needed
        else f"With {groups} {unit}s they hold for a new one that is like them."
    )
    shares = ("coverage", "worst", "single", "both", "none")
    rows = [
        [v, f"{e['conformal']['quantile']:.3f}", *(f"{e['conformal'][k]:.0%}" for k in shares)]
        for v, e in errors.items()
    ]
    head = ["", "Quantile", "True class in it", f"Worst {unit}", "One class", "Both", "Neither"]
    return f"{promise}\n\n{table(head, rows)}"


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
        entry["subjects"][f"token hierarchy, {variant}"]["auroc"]
        for entry in evaluation["directions"].values()
    ]
    figures = " and ".join(f"{area['value']:.2f}" for area in areas)
    reason = (
        "An interval reaches 0.5"
        if min(area["interval"][0] for area in areas) <= 0.5
        else "Heads trained on shuffled labels reach as much"
    )
    if len(areas) == 1:
        tested = f"On held-out images of colorectal tissue its AUROC was {figures}."
    else:
        tested = f"Tested on the patient left out, of 2, its AUROC was {figures}."
    advice = {
        "chance": f"{reason}: it shows the method and nothing about this tissue.",
        "weak": "That is weak: a hint where to look, not evidence.",
        "useful": "Its ranking held there; elsewhere it is untested.",
    }[evaluation["trust"][variant]]
    return f"{tested} {advice}"


def card(evaluation: dict[str, Any], manifest: dict[str, Any]) -> str:
    """card.md of one head folder from its evaluation.json and manifest.json."""
    variant = manifest["head"]["variant"]
    facts = evaluation["target_facts"]
    expression = bool(evaluation["ceiling"])
    recipe = evaluation["recipes"][variant]
    looks = evaluation["robustness"][variant]["all"]
    errors = evaluation["calibration"]
    unit = "patient" if expression else "image"
    bag = next(iter(evaluation["slide_level"][variant].values()))["bag"]
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
        verdict=VERDICTS[manifest["head"]["trust"]],
        hidden=recipe["hidden"],
        variant=VARIANTS[variant].format(**recipe),
        data=BREAST_DATA.format(target=target_text(facts)) if expression else COLON_DATA,
        within=" within sections" if expression else "",
        blocks="blocks of 4 x 4 spots" if expression else "images",
        columns=EXPRESSION_COLUMNS if expression else "",
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
        bag=bag,
        bags=(EXPRESSION_BAGS if expression else COLON_BAGS).format(bag=bag),
        slide_level=slide_table(evaluation),
        pooling=POOLINGS[manifest["head"]["pooling"]],
        calibration=calibration_table(errors),
        unit=unit,
        conformal=conformal_text(errors, unit),
        temperatures="Each direction's temperature was fitted on the other's held-out logits; the "
        "shipped one on both." if expression else "The temperature was fitted on training images "
        "left out in four folds.",
        deletion=table(["", "Area between curves, logits"], deletion),
        failures=(ESR1_FAILURE if facts["id"] == "esr1" else "")
        + (BREAST_FAILURES if expression else COLON_FAILURES),
        encoder=evaluation["encoder"],
        segmenter=evaluation["segmenter"],
        nuclei=evaluation["nuclei_a_field"],
        blurred="; at these images' 0.69 um/px it misses many of them" if expression else "",
    )  # fmt: skip
