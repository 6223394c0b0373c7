"""An alignment's model card, filled from its evaluation and manifest; standard library only."""

from __future__ import annotations

from textwrap import fill
from typing import Any

from training.common.tables import figure, table
from training.molecular.card_text import TEXT
from training.molecular.spectrum import readable

DIRECTION = "C to B"
OTHER_DIRECTION = "B to C"
CEILING = "section out, inside C"
ANSWERS = {"predictor": "predictor", "knn": "soft-kNN"}
SUMMARY = {
    "rho": "Spearman",
    "rho_given_depth": "Given depth",
    "pearson": "Pearson",
    "r2": "R2",
    "r2_raw": "R2, raw",
}
COUNTS = {"r2_above_zero": "R2 above 0", "beyond_depth": "Beyond depth", "both": "Both"}


def measured(entry: dict[str, Any], digits: int = 3) -> str:
    return figure(entry["value"], entry["interval"], digits)


def summary_row(name: str, entry: dict[str, Any]) -> list[str]:
    means = [f"{entry[k]:.3f}" if k != "r2_raw" else f"{entry[k]:.2f}" for k in SUMMARY]
    return [name, *means, *(f"{entry[k]} of 50" for k in COUNTS)]


SUMMARY_HEAD = ["", *SUMMARY.values(), *COUNTS.values()]


def recall_table(headline: dict[str, Any]) -> str:
    ks = list(headline[DIRECTION]["recall"])
    rows = []
    for direction, entry in headline.items():
        rows.append([f"{direction}, {entry['spots']} spots",
                     *(measured(entry["recall"][k]) for k in ks)])  # fmt: skip
        rows.append(["chance", *(f"{entry['chance'][k]:.3f}" for k in ks)])
    return table(["Recall at", *ks], rows)


def answer_table(headline: dict[str, Any]) -> str:
    rows = [
        summary_row(f"{direction}, {label}", entry[answer])
        for direction, entry in headline.items()
        for answer, label in ANSWERS.items()
    ]
    return table(SUMMARY_HEAD, rows)


def random_table(headline: dict[str, Any]) -> str:
    rows = []
    for direction, entry in headline.items():
        cells = [direction]
        for name in ("rho", "rho_given_depth"):
            low, middle, high = entry["random_sets"][name]["percentiles"]
            above = entry["random_sets"][name]["hallmark_above"]
            cells += [f"{low:.2f} / {middle:.2f} / {high:.2f}", f"{above} of 50"]
        rows.append(cells)
    return table(
        ["Percentiles 5 / 50 / 95", "Spearman", "Hallmark above the 95th", "Given depth",
         "Hallmark above the 95th"], rows,
    )  # fmt: skip


def random_reading(entry: dict[str, Any]) -> str:
    """What the random sets say of the held-out patient; chance would put 2.5 of 50 above."""
    above = [entry["random_sets"][n]["hallmark_above"] for n in ("rho", "rho_given_depth")]
    return fill(
        f"By chance alone 2.5 of 50 sets lie above the 95th percentile; {DIRECTION} it is "
        f"{above[0]}, and {above[1]} given depth. A set's Spearman means little until it is held "
        "against that range.", 100,
    )  # fmt: skip


def shuffled_mean(subjects: dict[str, Any]) -> dict[str, Any]:
    """Subjects with the shuffled runs as one row of means."""
    runs = [s for n, s in subjects.items() if n.startswith("shuffled")]
    others = {n: s for n, s in subjects.items() if not n.startswith("shuffled")}
    if not runs:
        return others

    predictor = {
        k: average([run["predictor"][k] for run in runs]) for k in (*SUMMARY, *COUNTS)
    }
    predictor |= {k: round(predictor[k], 1) for k in COUNTS}
    recall = {
        k: {"value": average([run["recall"][k]["value"] for run in runs])}
        for k in runs[0]["recall"]
    }
    return {**others, "shuffled pairs": {"predictor": predictor, "recall": recall}}


def control_tables(evaluation: dict[str, Any]) -> str:
    parts = []
    for direction, subjects in evaluation["controls"].items():
        own = evaluation["headline"][direction]
        rows = [
            [*summary_row(name, entry["predictor"]), f"{entry['recall']['10']['value']:.3f}"]
            for name, entry in {"encoder's tokens": own, **shuffled_mean(subjects)}.items()
        ]
        parts.append(f"{direction}:\n\n{table([*SUMMARY_HEAD, 'Recall at 10'], rows)}")
    return "\n\n".join(parts)


def readable_sets(evaluation: dict[str, Any], answer: str) -> list[str]:
    """Names of the sets that are readable on the held-out patient."""
    sets = evaluation["headline"][DIRECTION][answer]["sets"]
    shuffled = evaluation["shuffled"][DIRECTION][answer]
    return [name for name, figures in sets.items() if readable(figures, shuffled[name])]


def short_name(name: str) -> str:
    return name.removeprefix("HALLMARK_").replace("_", " ").lower()


def others_table(headline: dict[str, Any]) -> str:
    """Every set by what the spectrum leaves out: soft-kNN, and the other direction."""
    parts = [(DIRECTION, "knn"), *((OTHER_DIRECTION, answer) for answer in ANSWERS)]
    shown = {"r2": "R2", "rho": "Spearman", "pearson": "Pearson"}
    names = sorted(headline[DIRECTION]["knn"]["sets"])
    rows = [
        [short_name(name), *(measured(headline[direction][answer]["sets"][name][key], 2)
                             for direction, answer in parts for key in shown)]
        for name in names
    ]  # fmt: skip
    head = [f"{ANSWERS[answer]}, {direction}: {title}"
            for direction, answer in parts for title in shown.values()]  # fmt: skip
    return table(["", *head], rows)


def spectrum_table(evaluation: dict[str, Any]) -> str:
    headline = evaluation["headline"]
    sets = headline[DIRECTION]["predictor"]["sets"]
    inside = headline[CEILING]["predictor"]["sets"]
    shuffled = evaluation["shuffled"][DIRECTION]["predictor"]
    passed = readable_sets(evaluation, "predictor")
    order = sorted(sets, key=lambda n: -sets[n]["r2"]["value"])
    rows = [
        [
            f"{short_name(name)}"
            f"{' *' if name in passed else ''}{' +' if sets[name]['beyond_depth'] else ''}",
            measured(sets[name]["r2"], 2), f"{max(shuffled[name]):.2f}",
            measured(sets[name]["rho"], 2),
            measured(sets[name]["rho_given_depth"], 2), measured(sets[name]["pearson"], 2),
            measured(inside[name]["r2"], 2),
        ]
        for name in order
    ]  # fmt: skip
    return table(
        ["", "R2", "R2, shuffled", "Spearman", "Given depth", "Pearson", "R2 inside C"], rows
    )


def ablation_table(ablation: dict[str, Any]) -> str:
    rows = []
    for name, entry in ablation.items():
        cells = [name]
        for direction in (CEILING, DIRECTION):
            part = entry[direction]
            cells += [f"{part['predictor']['rho']:.3f}",
                      f"{part['predictor']['rho_given_depth']:.3f}",
                      f"{part['recall']['10']['value']:.3f}"]  # fmt: skip
        rows.append(cells)
    figures = ("Spearman", "given depth", "recall at 10")
    return table(["", *(f"{d}: {f}" for d in ("inside C", DIRECTION) for f in figures)], rows)


def adaptation_table(adaptation: dict[str, Any]) -> str:
    rows = []
    for direction, trials in adaptation.items():
        for share in dict.fromkeys(t["share"] for t in trials):
            same = [t for t in trials if t["share"] == share]
            recall = average([t["recall"]["10"]["value"] for t in same])
            means = [average([t["predictor"][k] for t in same])
                     for k in ("r2", "rho", "rho_given_depth")]  # fmt: skip
            rows.append([
                f"{direction}, {share:.0%}", str(same[0]["added"]), f"{recall:.3f}",
                f"{same[0]['chance']['10']:.3f}", *(f"{v:.3f}" for v in means),
            ])  # fmt: skip
    return table(
        ["", "Spots added", "Recall at 10", "Chance", "R2", "Spearman", "Given depth"], rows
    )


def average(values: list[float]) -> float:
    return sum(values) / len(values)


def library_table(entries: dict[str, Any]) -> str:
    rows = [
        [name, str(e["samples"]), f"{e['rho']:.3f}", f"{e['rho_given_depth']:.3f}"]
        for name, e in entries.items()
    ]
    return table(["", "Samples", "Spearman", "Given depth"], rows)


def own_table(entries: dict[str, Any]) -> str:
    """Libraries that a user could load (own_library.py)."""
    rows = [
        [name, str(e["samples"]), f"{e['rho']:.3f}", f"{e['rho_given_depth']:.3f}",
         f"{e['pearson']:.3f}", f"{e['r2']:.3f}", f"{e['r2_above_zero']} of 50",
         f"{e['beyond_depth']} of 50", f"{e['both']} of 50", f"{e['nearest']:.2f}"]
        for name, e in entries.items()
    ]  # fmt: skip
    return table(
        ["", "Samples", "Spearman", "Given depth", "Pearson", "R2", "R2 above 0", "Beyond depth",
         "Both", "Nearest"], rows,
    )  # fmt: skip


def claim(evaluation: dict[str, Any]) -> str:
    """What was shown between two patients, in figures."""
    headline = evaluation["headline"]
    lines = []
    for direction in (n for n in headline if n != CEILING):
        entry = headline[direction]
        ten, chance = entry["recall"]["10"], entry["chance"]["10"]
        side = "above" if ten["interval"][0] > chance else "not above"
        own, near = entry["predictor"], entry["knn"]
        lines.append(fill(
            f"- {direction}: recall at 10 is {measured(ten)}, {ten['value'] / chance:.1f} times "
            f"chance, its interval {side} it. The predictor's R2 interval lies above zero for "
            f"{own['r2_above_zero']} of 50 sets, and for {own['both']} of them Spearman given "
            f"depth does too; soft-kNN: {near['r2_above_zero']} and {near['both']}.", 100,
            subsequent_indent="  ",
        ))  # fmt: skip
    counts = {a: len(readable_sets(evaluation, a)) for a in ANSWERS}
    runs = len(next(iter(evaluation["shuffled"][DIRECTION]["predictor"].values())))
    lines.append(fill(
        f"- {DIRECTION}, {counts['predictor']} sets of the predictor and {counts['knn']} of "
        f"soft-kNN have such an interval and a higher R2 than all of {runs} models trained on "
        "shuffled pairs: these are called readable.", 100, subsequent_indent="  ",
    ))  # fmt: skip
    nuclei = evaluation["controls"][DIRECTION]["nuclear composition alone"]["predictor"]
    own = headline[DIRECTION]["predictor"]
    ahead = all(own[name] > nuclei[name] for name in ("rho_given_depth", "both"))
    lines.append(fill(
        f"- {DIRECTION}, the encoder's tokens say {'more' if ahead else 'no more'} than nuclear "
        f"composition alone: Spearman given depth {own['rho_given_depth']:.3f} against "
        f"{nuclei['rho_given_depth']:.3f}, mean over sets; sets whose intervals of R2 and of "
        f"Spearman given depth both lie above zero: {own['both']} against {nuclei['both']}.", 100,
        subsequent_indent="  ",
    ))  # fmt: skip
    inside = headline[CEILING]
    gain = inside["recall"]["10"]["value"] / inside["chance"]["10"]
    lines.append(fill(
        f"- Inside patient C, section out, recall at 10 is {gain:.1f} times chance, and the "
        f"predictor passes for {inside['predictor']['r2_above_zero']} and "
        f"{inside['predictor']['both']} sets.", 100, subsequent_indent="  ",
    ))  # fmt: skip
    lines.append(fill(
        "- With two patients a direction has a sample size of one: intervals are over spots of one "
        "section or patient, and say nothing of the spread between patients. A set that passes in "
        "one direction is a hint for these two patients and no more.", 100, subsequent_indent="  ",
    ))  # fmt: skip
    return "\n".join(lines)


def note(evaluation: dict[str, Any]) -> str:
    """The sentence beside a score in the viewer."""
    figures = evaluation["headline"][DIRECTION]
    sets, ten = figures["predictor"]["sets"], figures["recall"]["10"]
    passed = readable_sets(evaluation, "predictor")
    beyond = sum(sets[name]["beyond_depth"] for name in passed)
    return (
        f"On the one patient left out, {len(passed)} of 50 Hallmark sets were readable, "
        f"{beyond} of them beyond what depth explains; recall at 10 was "
        f"{ten['value'] / figures['chance']['10']:.1f} times chance. A hint where to look, not "
        "evidence."
    )


def card(evaluation: dict[str, Any], manifest: dict[str, Any]) -> str:
    """card.md of an alignment folder from its evaluation.json and manifest.json."""
    headline, facts = evaluation["headline"], manifest["alignment"]
    held, recipe, library = headline[DIRECTION], evaluation["recipe"], facts["library"]
    depth = ", ".join(f"{e['depth_alone']:.2f} ({d})" for d, e in headline.items())
    trials = evaluation["adaptation"][DIRECTION]
    draws = len([t for t in trials if t["share"] == 0])
    return TEXT.format(
        title=manifest["name"], id=manifest["id"], purpose=fill(
            f"Answers a gene set with a score for each 112 um field of {facts['tissue']}: by soft "
            "nearest neighbours over a library of expression prototypes, and by a predictor of "
            "expression. Research use only.", 100,
        ),
        verdict=fill(facts["note"], 100), tau=recipe["tau"], regression=recipe["regression"],
        encoder=evaluation["encoder"], inputs=facts["dim"] * len(facts["embedding"]),
        vocabulary=held["vocabulary"], axes=evaluation["constants"]["axes"],
        hidden=recipe["hidden"], width=recipe["width"], drop=recipe["drop"],
        decay=recipe["decay"], rank=recipe["rank"], k=facts["knn"]["k"],
        knn_tau=facts["knn"]["tau"], prototypes=library["prototypes"],
        library_spots=library["spots"], patients=", ".join(library["patients"]),
        fewest=evaluation["constants"]["fewest_spots"], library_mb=library["bytes"] / 1e6,
        claim=claim(evaluation), recall=recall_table(headline), answers=answer_table(headline),
        random_sets=held["random_sets"]["sets"], random=random_table(headline),
        random_reading=random_reading(held), depth=depth, controls=control_tables(evaluation),
        direction=DIRECTION, spectrum=spectrum_table(evaluation),
        others=others_table(headline),
        ablation=ablation_table(evaluation["ablation"]),
        test_share=trials[0]["spots"] / held["spots"], draws=draws,
        adaptation=adaptation_table(evaluation["adaptation"]),
        library=library_table(evaluation["library"][DIRECTION]), far=facts["far"],
        own_library=own_table(evaluation.get("own_library", {})),
        far_share=evaluation["far"]["tested_share"], effective=held["effective_neighbours"],
        int8_mean=evaluation["int8"]["mean"], int8_largest=evaluation["int8"]["largest"],
        int8_saved=evaluation["int8"]["bytes_saved"] / 1e6,
    )  # fmt: skip
