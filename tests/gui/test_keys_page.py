"""The page of keys is that of the window, and cannot go stale."""

from pathlib import Path

from napari_mespot.gui.action_table import ACTIONS
from napari_mespot.gui.keymap import shown_key

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "keys.md"


def test_the_table_of_keys_is_that_of_the_window():
    lines = []
    for group in dict.fromkeys(action.group for action in ACTIONS):
        lines += [f"## {group}", "", "| key | what it does |", "|---|---|"]
        for action in ACTIONS:
            if action.group == group:
                keys = " ".join(f"`{shown_key(key)}`" for key in action.keys)
                lines.append(f"| {keys} | {action.label} |")
        lines.append("")
    wanted = "\n".join(lines)
    assert wanted in PAGE.read_text("utf-8"), f"paste this:\n{wanted}"
