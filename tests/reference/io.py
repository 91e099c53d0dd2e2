"""Slow, obvious readings of our files by another program (pandas)."""

from pathlib import Path

import pandas as pd


def rows_as_text(path: Path) -> list[dict[str, str]]:
    """Return the rows below the comment rows, every cell as the text that stands there."""
    lines = path.read_text(encoding="utf-8").split("\n")
    n_comments = next(i for i, line in enumerate(lines) if not line.startswith("#"))
    table = pd.read_csv(path, skiprows=n_comments, dtype=str, keep_default_na=False)
    return table.to_dict("records")
