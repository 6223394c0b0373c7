"""The section of the segmenter's card on strong stain, from what stain_figures.py stored."""

from __future__ import annotations

from typing import Any

from training.common.tables import table

WHEN = ("before", "after")
TEXT = """## Strong stain
Most nuclei stained more strongly than those of training were missed, though their shapes are plain.
So each field is weakened before the network reads it: every channel v becomes 255 (v / 255)^k,
which multiplies all optical densities by k (`training/nuclei/strong_stain.py`; the viewer does the
same). k brings the median red density of what is stained like nuclei (tissue at or above Otsu's
threshold, at least 0.3, no brown; squares of 1 um) down to {strongest}, which 33 of CoNSeP's 243
fields exceed. It is never above 1, so pale stain stays as it is. The encoder sees the field
unchanged. Weights and settings of the shipped files are those from before. All other figures of
this card are with it.

Annotated images, int8 file. Detection F1 moves by
{moves}.
It gains little where the network saw well without it, and costs a little on DSB2018, most of which
is violet throughout.

{annotated}

Fields of other slides have no annotated nuclei. Nuclei: those centred in a field without its
margin. Outside: share of the area stained like nuclei, in the field as it is, that lies outside of
every outline (1 um larger); much of it is missed nuclei, some is other dark tissue. On CMU-1 and on
her2st (enlarged from 0.69 um/px) much still is. More nuclei are not more right ones: nothing here
counts false ones.

{slides}

It does not help where all tissue is as dark as nuclei, where nuclei are out of focus, or where the
scale is wrong: the TCGA slide, whose um/px is unknown, gets not one outline with it or without.
"""


def annotated_table(parts: dict[str, Any]) -> str:
    """Annotated images before and after."""
    names = ["Detection F1", "Precision", "Recall", "AJI", "PQ", "Dice"]
    rows = [
        [f"{part}, {when}", f"{entry['weakened']} of {entry['fields']}",
         *(f"{entry[when][name]['value']:.3f}" for name in names)]
        for part, entry in parts.items()
        for when in WHEN
    ]  # fmt: skip
    return table(["", "fields weakened", *names], rows)


def slides_table(slides: dict[str, Any]) -> str:
    """Fields of other slides before and after."""
    rows = [
        [name, f"{entry['weakened']} of {entry['fields']}", f"{entry['power']:.2f}",
         *(f"{entry[when]['nuclei']:.0f}" for when in WHEN),
         *(f"{entry[when]['outside']:.2f}" for when in WHEN)]
        for name, entry in slides.items()
    ]  # fmt: skip
    head = ["", "fields weakened", "median k", "nuclei a field, before", "after",
            "outside, before", "after"]  # fmt: skip
    return table(head, rows)


def strong_stain(stain: dict[str, Any]) -> str:
    """The whole section."""
    detection = {
        part: [entry[when]["Detection F1"]["value"] for when in WHEN]
        for part, entry in stain["annotated"].items()
    }
    moves = [f"{after - before:+.3f} on {part}" for part, (before, after) in detection.items()]
    return TEXT.format(
        strongest=stain["strongest"], moves=", ".join(moves),
        annotated=annotated_table(stain["annotated"]), slides=slides_table(stain["slides"]),
    )  # fmt: skip
