"""spectrum.json: how well each gene set was predicted on the patient that was held out."""

from __future__ import annotations

from typing import Any

FIGURES = ("rho", "rho_given_depth", "pearson", "r2")


def readable(figures: dict[str, Any], shuffled: list[float]) -> bool:
    """Whether a set's R2 has an interval above zero and exceeds that of every shuffled model."""
    return figures["r2_above_zero"] and all(figures["r2"]["value"] > v for v in shuffled)


def compact(figures: dict[str, Any], shuffled: list[float]) -> dict[str, Any]:
    """One answer's figures of one set: [value, low, high]; `shuffled`: R2 of models trained on
    shuffled pairs."""
    result: dict[str, Any] = {
        name: [round(v, 4) for v in (figures[name]["value"], *figures[name]["interval"])]
        for name in FIGURES
    }
    return {
        **result,
        "r2_raw": round(figures["r2_raw"], 4),
        "slope": round(figures["slope"], 6),
        **({"r2_shuffled": round(max(shuffled), 4)} if shuffled else {}),
        "readable": readable(figures, shuffled),
        "beyond_depth": figures["beyond_depth"],
    }


def spectrum(
    direction: dict[str, Any], ceiling: dict[str, Any], shuffled: dict[str, dict],
    patients: dict[str, str], genes: dict[str, dict[str, int]],
) -> dict[str, Any]:  # fmt: skip
    """What the viewer draws (docs/molecular.md): sets by the predictor's R2, best first. shuffled:
    R2 by answer and set; patients: `trained` and `tested`; genes: by set, how many it has and how
    many the vocabulary knows."""
    sets = [
        {
            "name": name,
            **genes[name],
            "predictor": compact(figures, shuffled["predictor"][name]),
            "knn": compact(direction["knn"]["sets"][name], shuffled["knn"][name]),
            "ceiling": compact(ceiling["predictor"]["sets"][name], []),
        }
        for name, figures in direction["predictor"]["sets"].items()
    ]
    random = direction["random_sets"]
    return {
        "format": "cytolens-spectrum/1",
        **patients,
        "spots": direction["spots"],
        "ceiling_spots": ceiling["spots"],
        "random_sets": {
            "sets": random["sets"],
            **{n: [round(v, 4) for v in random[n]["percentiles"]]
               for n in ("rho", "rho_given_depth")},
        },
        "sets": sorted(sets, key=lambda s: -s["predictor"]["r2"][0]),
    }  # fmt: skip
