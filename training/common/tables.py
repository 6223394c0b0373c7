"""Markdown tables and figures with intervals, for model cards."""

from __future__ import annotations

from collections.abc import Sequence


def figure(value: float, interval: Sequence[float] | None = None, digits: int = 3) -> str:
    """`0.612 (0.55-0.67)`-style text."""
    text = f"{value:.{digits}f}"
    if interval is None:
        return text
    low, high = interval
    return f"{text} ({low:.{digits}f} to {high:.{digits}f})"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; columns after the first are right-aligned."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, rule, *rows])
