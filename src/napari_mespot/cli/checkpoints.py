"""``mespot checkpoints``: shipped and own checkpoints, each below the one it came from."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_mespot.cli.console import say, say_json, table

if TYPE_CHECKING:
    from napari_mespot.network.lineage import ListedCheckpoint

__all__ = ["checkpoints"]

_HEADER = ["checkpoint", "data", "F1 before", "F1 after", "gain (95 %)", "recommended"]


def checkpoints(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder with your own checkpoints.", show_default="none")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write it as JSON.")] = False,
) -> None:
    """List checkpoints, what each was retrained from and on, and whether to use it."""
    from napari_mespot.network.lineage import find_checkpoints

    found = find_checkpoints(folder)
    if as_json:
        say_json({"checkpoints": [_as_dict(item) for item in found]})
        return
    for line in table([_HEADER, *_rows(found)], left=(0, 1, 5)):
        say(line)


def _rows(found: "Sequence[ListedCheckpoint]") -> "Iterator[list[str]]":
    """Yield a row for each, children below their parent, indented."""
    known = {item.digest for item in found}
    seen: set[int] = set()

    def below(parent: str, depth: int) -> "Iterator[list[str]]":
        for item in found:
            mine = item.parent_digest if item.parent_digest in known else ""
            if mine == parent and id(item) not in seen:
                seen.add(id(item))
                yield _row(item, depth, known)
                yield from below(item.digest, depth + 1)

    yield from below("", 0)


def _row(item: "ListedCheckpoint", depth: int, known: set[str]) -> list[str]:
    name = "  " * depth + ("└ " if depth else "") + item.document.name
    lineage = item.lineage
    if not lineage:
        return [name, "drawn faces" if item.is_shipped else "–", "–", "–", "–", "–"]
    if item.parent_digest not in known:
        name += f" (from {lineage['parent']['name']}, not here)"
    difference, low, high = lineage["f1_gain"]
    return [
        name,
        _data_text(lineage["data"]),
        _f1(lineage["before"]),
        _f1(lineage["after"]),
        f"{difference:+.2f} ({low:+.2f} to {high:+.2f})",
        "yes" if lineage["recommended"] else "no",
    ]


def _data_text(data: Sequence[dict[str, Any]]) -> str:
    minutes = sum(video["reviewed_s"] for video in data) / 60
    me, mae = (sum(video[kind] for video in data) for kind in ("ME", "MaE"))
    return f"{len(data)} videos, {minutes:.1f} min, {me} ME, {mae} MaE"


def _f1(figures: dict[str, Any]) -> str:
    tp, fp, fn = (sum(kind[name] for kind in figures.values()) for name in ("tp", "fp", "fn"))
    return f"{2 * tp / (2 * tp + fp + fn):.2f}" if tp else "0.00"


def _as_dict(item: "ListedCheckpoint") -> dict[str, object]:
    return {
        "name": item.document.name,
        "path": str(item.path),
        "digest": item.digest,
        "shipped": item.is_shipped,
        "retrained": dict(item.lineage) or None,
    }
