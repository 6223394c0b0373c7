"""The audit that the viewer makes of an encoder, taken into its evaluation, and its card's section.

    npm run audit -- TILES --encoder encoder-tokens-3 --out OUT
    npx tsx bench/scanner-field.ts SCANNERS TILES OUT/scanners.json
    python -m training.encoder.viewer_audit --audit OUT/audit-encoder-tokens-3.json \
        --scanners OUT/scanners.json --cpu-seconds 512 --model models/encoder-tokens-3
    python -m training.report --write

To be run anew after `encoder.export`. Standard library only.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from training.common.tables import figure, table

Estimate = dict[str, Any]


def shown(estimate: Estimate) -> str:
    """A value with its interval; a dash where there is none."""
    if estimate["value"] is None:
        return "-"
    return figure(estimate["value"], estimate["interval"])


def audit_section(evaluation: dict[str, Any]) -> str:
    """The part of the card, with an empty line behind it; empty where no audit was stored."""
    stored = evaluation.get("viewer_audit")
    if not stored:
        return ""
    audit, scanners = stored["audit"], stored["scanners"]
    robust, rotation = audit["measures"]["robustness"], audit["rotation"]
    clusters, retrieval = audit["measures"]["clusters"], audit["retrieval"]
    sizes = {view["id"]: view["kept"] for view in audit["sizes"]["views"]}
    at_90 = next(a["kept"] for a in rotation["angles"] if a["angle"] == 90)
    counts = robust["counts"]
    rows = [
        ["Robustness index (neutral 0.5), all", shown(robust["index"])],
        [f"Index of the {robust['answerable']} that can be asked", shown(robust["answerableIndex"])],
        ["Robustness ratio (neutral 1), all", shown(robust["ratio"])],
        ["MaRI (neutral 0.5), all", shown(robust["marginAware"])],
        [f"CRoMa median, {robust['margins']} tiles", shown(robust["margin"])],
        ["CRoMa, mean of the lowest 10 %", shown(robust["marginLow"])],
        ["CRoMa at or below 0, share", shown(robust["marginNotPositive"])],
        ["Support", figure(robust["support"])],
        ["SS, SO, OS, OO", ", ".join(str(counts[k]) for k in ("ss", "so", "os", "oo"))],
        ["Clusters, ARI biology less centre", f"{clusters['score']:.3f} ± {clusters['deviation']:.3f}"],
        [f"Rotation m-kNN at 90, {rotation['samples']} tiles", shown(at_90)],
        ["Rotation m-kNN, quarter turns", shown(rotation["quarter"])],
        ["Rotation m-kNN, other angles", shown(rotation["between"])],
        ["Half the field, same scale, m-kNN", shown(sizes["half-scale"])],
        ["Whole field, half the detail, m-kNN", shown(sizes["half-detail"])],
        ["Retrieval, macro F1, one vector", shown(retrieval["dense"])],
        ["Retrieval, macro F1, many vectors", shown(retrieval["multi"])],
        ["Effective rank", f"{audit['measures']['spectrum']['effectiveRank']:.1f} of {audit['set']['dim']}"],
    ]  # fmt: skip
    single = [c for c in audit["set"]["classes"] if c["name"] != "duodenum"]
    field = scanners["field"]
    return TEXT.format(
        table=table(["", "class token beside patch mean"], rows),
        samples=audit["set"]["samples"],
        slides=audit["set"]["groups"],
        k=robust["k"],
        rotated=rotation["k"],
        share=round(100 * rotation["share"]),
        classes=", ".join(c["name"] for c in single),
        queries=retrieval["samples"],
        among=retrieval["among"],
        cpu=round(stored["cpu_seconds"] / 60, 1),
        scanners=", ".join(scanners["scanners"]),
        least=figure(field["least"]),
        median=figure(field["median"]),
        most=figure(field["most"]),
        same=figure(scanners["sameSlide"]),
        other=figure(scanners["otherSlide"]),
    )


TEXT = """## Audit in the viewer
What the viewer's audit page says of `wasm-int8.onnx` on all {samples} tiles of {slides} slides;
`docs/trust.md` defines the rows. The embedding is the class token beside the mean of the patch
tokens; k = {k} tells biology best. Biology is the first word of a slide's name, centre the last.
{cpu} minutes of one busy core.

{table}

Confounded: every class but duodenum comes from one scanner alone ({classes}), and most from one
slide. Such a tile has no like elsewhere, only others of its own scanner: that pulls the index of all
tiles down whatever the encoder does. Only where a class has two scanners and they saw
other classes too can it be asked: tiles of three duodenum slides, too few for an interval, each of
another disease. Nothing is decided by it. No task for performance drop and degradation can be made.
Pretraining saw these tiles, without labels. Rotation and sizes: k = {rotated}; between quarter
turns only the middle {share} % (side) of a field is compared, since tiles have no tissue around
them. Retrieval: {queries} queries among {among} tiles.

Five scanners, one field ({scanners}; a low-power view, so not at the scale of training): cosine
distances between the scanners are {least} to {most}, median {median}. Between tiles of one slide
the median is {same}, between tiles of different slides {other}. One field is an example, not a
rate.

"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--audit", type=Path, required=True)
    parser.add_argument("--scanners", type=Path, required=True)
    parser.add_argument("--cpu-seconds", type=float, required=True, help="of the audit's run")
    parser.add_argument("--model", type=Path, required=True)
    args = parser.parse_args()
    path = args.model / "evaluation.json"
    evaluation = json.loads(path.read_text())
    evaluation["viewer_audit"] = {
        "audit": json.loads(args.audit.read_text()),
        "scanners": json.loads(args.scanners.read_text()),
        "cpu_seconds": args.cpu_seconds,
    }
    path.write_text(json.dumps(evaluation, indent=1) + "\n")


if __name__ == "__main__":
    main()
