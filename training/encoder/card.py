"""The encoder's model card, filled from its stored evaluation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from training.common.tables import figure, table
from training.encoder.card_text import LESS_THAN_STEM, NO_PAIR, PAIR, TEXT
from training.encoder.viewer_audit import audit_section

TYPE_NAMES = ["miscellaneous", "inflammatory", "epithelial", "spindle"]
SHORT_START, SHORT_SCRATCH = "ImageNet start, short", "no ImageNet, short"
PREVIOUS = ("encoder-tokens-2", "encoder-tokens-1")
Subjects = dict[str, dict[str, Any]]


def probe_value(subject: dict[str, Any], measure: str) -> float | None:
    """AUROC of a token probe; None for subjects without tokens."""
    return subject[measure]["value"] if measure in subject else None


# What subjects are compared on; higher is better.
MEASURES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "organ kNN": lambda s: s["organ"]["value"],
    "token type at 8 um": lambda s: probe_value(s, "token_type"),
    "token type at 4 um": lambda s: probe_value(s, "token_type_025"),
    "effective rank": lambda s: s["effective_rank"],
    "rotation m-kNN at 90 degrees": lambda s: s["rotation_90"]["value"],
    "rotation m-kNN at 45 degrees": lambda s: s["rotation"]["by_angle"]["45"],
    "adjacent tile at 1": lambda s: s["retrieval"]["all"]["at_1"],
    "RI over scanners": lambda s: s["scanner"]["ri"],
}


def main_table(subjects: Subjects) -> str:
    """Organ, token types at both scales, effective rank."""
    rows = []
    for name, s in subjects.items():
        kind, fine = s.get("token_type"), s.get("token_type_025")
        rows.append([
            name,
            figure(s["organ"]["value"], s["organ"]["interval"], 2),
            figure(kind["value"], kind["interval"]) if kind else "-",
            figure(fine["value"], fine["interval"]) if fine else "-",
            f"{s['effective_rank']:.1f} of {s['dimensions']}",
        ])  # fmt: skip
    head = ["", "Organ, balanced acc.", "Token type, 8 um", "Token type, 4 um", "Effective rank"]
    return table(head, rows)


def slide_table(subjects: Subjects) -> str:
    """Organ recall by query slide."""
    slides = list(subjects["encoder"]["organ"]["by_slide"])
    rows = [
        [name, *[figure(s["organ"]["by_slide"][k], digits=2) for k in slides]]
        for name, s in subjects.items()
    ]
    return table(["", *slides], rows)


def retrieval_table(subjects: Subjects) -> str:
    """Precision of finding adjacent tiles, with chance."""
    rows = []
    for name, s in subjects.items():
        found = s["retrieval"]
        rows.append([
            name,
            figure(found["all"]["at_1"]),
            figure(found["all"]["at_k"]),
            figure(found["own_slide"]["at_1"]),
            figure(found["same_slide"]["at_1"]),
        ])  # fmt: skip
    chance = subjects["encoder"]["retrieval"]
    columns = ("all", "all", "own_slide", "same_slide")
    rows.append(["chance", *[figure(chance[c]["chance"], digits=4) for c in columns]])
    k = chance["k"]
    head = ["", "adjacent at 1", f"adjacent at {k}", "adjacent at 1, own slide", "same slide at 1"]
    return table(head, rows)


def rotation_table(subjects: Subjects) -> str:
    """m-kNN at the angles that every subject was turned by."""
    rows = []
    for name, s in subjects.items():
        angles = s["rotation"]["by_angle"]
        cells = [figure(angles[a]) for a in ("45", "90", "180")]
        rows.append([name, figure(s["rotation_90"]["value"]), *cells])
    return table(["", "tiles, 90", "fields, 45", "90", "180"], rows)


def angle_table(own: dict[str, Any]) -> str:
    """m-kNN of the encoder at every angle."""
    angles = own["rotation"]["by_angle"]
    return table(["Degrees", *angles], [["m-kNN", *[figure(v) for v in angles.values()]]])


def scanner_table(subjects: Subjects) -> str:
    """Robustness over scanners on all scales, with support."""
    rows = []
    for name, s in subjects.items():
        m = s["scanner"]
        rows.append([
            name,
            figure(m["ratio"], digits=2),
            figure(m["ri"]),
            figure(m["shuffled"]["ri"]),
            figure(m["mari"]),
            figure(m["croma"]["median"]),
            figure(m["support"], digits=2),
            str(m["k"]),
        ])  # fmt: skip
    head = ["", "RI ratio", "RI", "RI, shuffled", "MaRI", "CRoMa, median", "Support", "k"]
    return table(head, rows)


def scanner_slides(own: dict[str, Any]) -> str:
    """RI of the encoder by query slide."""
    parts = [f"{name} {m['ri']:.2f}" for name, m in own["scanner"]["by_slide"].items()]
    return ", ".join(parts)


def bank_table(bank: dict[str, Any]) -> str:
    """How each family of unfamiliar inputs is judged, and was by the former release's bank."""

    def judged(family: dict[str, Any]) -> list[str]:
        return [f"{100 * family['flagged']:.0f} %", figure(family["auroc"])]

    banks = {"": bank, **bank.get("former", {})}
    rows = [
        [name, str(f["count"]), *(c for b in banks.values() for c in judged(b["families"][name]))]
        for name, f in bank["families"].items()
    ]
    names = [f"{n} {who}".strip() for who in banks for n in ("Called unfamiliar", "AUROC")]
    return table(["Input", "Fields", *names], rows)


def bank_sources(bank: dict[str, Any]) -> str:
    """Share of familiar tissue called unfamiliar, by the slide left out."""
    parts = [f"{n} {100 * s['flagged']:.0f} %" for n, s in bank["familiar"].items()]
    return ", ".join(parts)


def missed(bank: dict[str, Any]) -> str:
    """The families that the threshold lets pass more often than not."""
    names = [
        name
        for name, f in bank["families"].items()
        if f["flagged"] < 0.5 and "control" not in name
    ]
    return ", ".join(names) or "none"


def loss_table(files: dict[str, dict[str, float]]) -> str:
    """Size and agreement of the browser files."""
    rows = [
        [
            name,
            f"{f['bytes'] / 1e6:.2f} MB",
            f"{f['class_cosine_mean']:.4f} ({f['class_cosine_min']:.4f})",
            figure(f["patch_cosine_mean"], digits=4),
            f"{f['attention_rank_mean']:.4f} ({f['attention_rank_min']:.4f})",
        ]
        for name, f in files.items()
        if name != "float"
    ]
    rows.append(["float32 (not shipped)", f"{files['float']['bytes'] / 1e6:.2f} MB", "-", "-", "-"])
    head = ["File", "Size", "Class cosine (min)", "Patch cosine", "Attention rank (min)"]
    return table(head, rows)


def goals(subjects: Subjects, files: dict[str, dict[str, float]]) -> str:
    """The release's goals and what was reached."""
    own = subjects["encoder"]

    def weaker(measure: str) -> float:
        return min(f[measure] for name, f in files.items() if name != "float")

    listed = [
        ("rotation m-kNN at 90 degrees, tiles", own["rotation_90"]["value"], 0.85),
        ("class cosine of the weaker file", weaker("class_cosine_mean"), 0.99),
        ("attention rank of the weaker file", weaker("attention_rank_mean"), 0.98),
    ]
    rows = [
        [name, figure(bar, digits=2), figure(value, digits=4), "yes" if value >= bar else "no"]
        for name, value, bar in listed
    ]
    return table(["Goal", "Bar", "Reached", "Passed"], rows)


def reading(subjects: Subjects) -> str:
    """Which subjects beat the encoder on each measure, and how it stands to former versions."""
    own = subjects["encoder"]
    lines = []
    for measure, value in MEASURES.items():
        others = [n for n, s in subjects.items() if n != "encoder" and value(s) is not None]
        above = [n for n in others if value(subjects[n]) > value(own)]
        lines.append(f"- {measure}: above the encoder are {', '.join(above) or 'none'}.")
    for name in PREVIOUS:
        if name in subjects:
            better, worse = compared(own, subjects[name])
            lines.append(f"\nAgainst {name}: better on {better}; worse on {worse}.")
    return "\n".join(lines)


def compared(one: dict[str, Any], other: dict[str, Any]) -> tuple[str, str]:
    """Measures on which a subject is better than another, and on which worse."""
    better = [m for m, value in MEASURES.items() if value(one) > value(other)]
    worse = [m for m, value in MEASURES.items() if value(one) < value(other)]
    return ", ".join(better) or "nothing", ", ".join(worse) or "nothing"


def imagenet_reading(subjects: Subjects) -> str:
    """Whether two flaws of the ImageNet stem are in the encoder, too."""
    flaws = ("rotation m-kNN at 90 degrees", "RI over scanners")
    gains = ("organ kNN", "token type at 8 um")
    tried = ["ImageNet stem, mean", "random weights", SHORT_START, SHORT_SCRATCH, "encoder"]
    names = [n for n in tried if n in subjects]
    rows = [
        [m, *[figure(MEASURES[m](subjects[n]), digits=2) for n in names]] for m in (*gains, *flaws)
    ]
    own, stem = subjects["encoder"], subjects["ImageNet stem, mean"]
    kept = [m for m in flaws if MEASURES[m](own) <= MEASURES[m](stem)]
    text = "Two flaws were looked for: unrest under turning and dependence on the scanner.\n"
    text += f"No better than the bare stem: {' and '.join(kept)}." if kept else LESS_THAN_STEM
    if SHORT_START in subjects and SHORT_SCRATCH in subjects:
        start, scratch = subjects[SHORT_START], subjects[SHORT_SCRATCH]
        worse = [m for m in flaws if MEASURES[m](start) < MEASURES[m](scratch)]
        better = [m for m in gains if MEASURES[m](start) > MEASURES[m](scratch)]
        text += PAIR.format(
            worse=" and ".join(worse) or "neither", better=" and ".join(better) or "nothing"
        )
    else:
        text += NO_PAIR
    return f"{table(['', *names], rows)}\n\n{text}"


def card(evaluation: dict[str, Any], manifest: dict[str, Any]) -> str:
    """card.md from evaluation.json (see evaluate.py and export.py) and manifest.json."""
    subjects, files, bank = (evaluation[k] for k in ("subjects", "quantization", "bank"))
    own = subjects["encoder"]
    stored = manifest["encoder"]["bank"]
    return TEXT.format(
        name=manifest["name"],
        id=manifest["id"],
        times=evaluation["times"],
        tiles=own["tiles"],
        goals=goals(subjects, files),
        table=main_table(subjects),
        slides=slide_table(subjects),
        reading=reading(subjects),
        types=", ".join(
            f"{n} {v:.3f}" for n, v in zip(TYPE_NAMES, own["token_type"]["by_type"], strict=True)
        ),
        retrieval=retrieval_table(subjects),
        queries=own["retrieval"]["queries"],
        rotation=rotation_table(subjects),
        angles=angle_table(own),
        fields=own["rotation"]["count"],
        batch=own["rotation_90"]["batch"],
        k=own["rotation"]["k"],
        square=figure(own["rotation"]["multiples_of_90"]),
        oblique=figure(own["rotation"]["other_angles"]),
        scanner=scanner_table(subjects),
        scanner_slides=scanner_slides(own),
        scanner_queries=own["scanner"]["queries"],
        imagenet=imagenet_reading(subjects),
        bank_rows=stored["count"],
        bank_k=stored["k"],
        bank_threshold=figure(bank["threshold"], digits=4),
        bank=bank_table(bank),
        bank_sources=bank_sources(bank),
        missed=missed(bank),
        loss=loss_table(files),
        viewer_audit=audit_section(evaluation),
    )
