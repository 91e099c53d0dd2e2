"""What is said while a long command runs without a terminal."""

import pytest

from napari_mespot.cli.console import ProgressLines, say, warn
from napari_mespot.progress import Progress


@pytest.mark.parametrize(
    ("stages", "said"),
    [
        (True, ["a: reading: 0 of 9", "a: training: 0 of 90", "a: training: 60 of 90"]),
        (False, ["a: training: 60 of 90"]),
    ],
)
def test_a_line_for_a_stage_and_one_now_and_then(stages, said, capsys):
    steps = [("reading", 0, 9), ("reading", 8, 9)]
    steps += [("training", done, 90) for done in (0, 30, 60, 61)]
    seconds = iter([0.0, 1.0, 2.0, 3.0, 20.0, 40.0, 41.0])
    lines = ProgressLines(stages=stages, every_s=30, clock=lambda: next(seconds))
    for step in steps:
        lines("a", Progress(*step))
    captured = capsys.readouterr()
    assert captured.err.splitlines() == said
    assert captured.out == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b]0;title\x07.mp4", "a\\x1b]0;title\\x07.mp4"),
        ("one\rtwo\x9b31m", "one\\rtwo\\x9b31m"),
        ("Müller 顔\t1", "Müller 顔\t1"),
        ("left \u202e right", "left \\u202e right"),
        ("\udcfc", "\\udcfc"),
    ],
)
def test_control_codes_show_themselves(text, shown, capsys):
    say(text)
    warn(f"see {text}")
    captured = capsys.readouterr()
    assert captured.out == f"{shown}\n"
    assert "\x1b" not in captured.err
    assert "\x07" not in captured.err
