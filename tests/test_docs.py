"""What README and docs say is there: links, pictures, commands, keys."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from napari_mespot.cli.app import app

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")
_VERBS = "spot|review|next|convert|evaluate|info|doctor|demo|retrain|adapt|checkpoints"


def prose(page: Path) -> str:
    """The page without its blocks of code."""
    return _FENCE.sub("", page.read_text("utf-8"))


def anchors(page: Path) -> set[str]:
    """The headings of a page as they are linked to."""
    heads = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def commands(page: Path) -> list[str]:
    """Every `mespot …` that a page shows, in blocks and in the text."""
    text = page.read_text("utf-8")
    lines = [
        line.strip()
        for *_, body in _FENCE.findall(text)
        for line in body.replace("\\\n", " ").splitlines()
    ]
    lines += _CODE.findall(prose(page))
    pattern = re.compile(rf"^(?:\.venv/bin/)?mespot (?:{_VERBS})\b.*")
    return [line.removeprefix(".venv/bin/") for line in lines if pattern.match(line)]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_and_pictures_lead_somewhere(page):
    for target in _LINK.findall(prose(page)):
        if re.match(r"\w+:", target):
            continue
        path, _, anchor = target.partition("#")
        place = (page.parent / path).resolve() if path else page
        assert place.exists(), f"{target} is not there"
        assert not anchor or anchor in anchors(place), f"{target}: no such heading"


def test_every_picture_is_shown_and_small():
    pictures = sorted((ROOT / "docs" / "pictures").glob("*.png"))
    shown = "".join(prose(page) for page in PAGES)
    assert pictures
    for picture in pictures:
        assert f"pictures/{picture.name})" in shown, f"{picture.name} is on no page"
        assert picture.stat().st_size < 400_000


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_commands_on_a_page_are_understood(page):
    from typer.main import get_command

    group = get_command(app)
    for line in commands(page):
        name, *rest = shlex.split(line, comments=True)[1:]
        command = group.commands[name]
        known = {o for p in command.params for o in (*p.opts, *p.secondary_opts)} | {"--help"}
        used = [word.partition("=")[0] for word in rest if word.startswith("--")]
        for option in used:
            assert option in known, f"{line}: {name} has no {option}"


@pytest.mark.parametrize("verb", _VERBS.split("|"))
def test_every_command_that_is_shown_has_help(verb):
    assert CliRunner().invoke(app, [verb, "--help"]).exit_code == 0
