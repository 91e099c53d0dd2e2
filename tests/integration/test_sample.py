"""The whole way, as a newcomer goes it: sample video to table, table to figures."""

import json

import pytest
from typer.testing import CliRunner

from napari_mespot.cli.app import app
from napari_mespot.frames import open_frames
from napari_mespot.frames.synthetic import sample_path
from napari_mespot.io import read_scores, read_table
from napari_mespot.model import ExpressionKind


@pytest.fixture(scope="module", params=[30, 200])
def spotted(request, tmp_path_factory):
    rate = request.param
    out = tmp_path_factory.mktemp(f"spotted{rate}")
    done = CliRunner().invoke(app, ["spot", str(sample_path(rate)), "--out", str(out), "--json"])
    assert done.exit_code == 0, done.output
    return rate, out


def test_every_frame_has_a_face_and_two_probabilities(spotted):
    rate, out = spotted
    signal = read_scores(out / f"{sample_path(rate).stem}.scores.csv", frame_rate=rate)
    with open_frames(sample_path(rate)) as source:
        assert signal.n_frames == source.n_frames
    assert signal.found.all()
    assert ((signal.values >= 0) & (signal.values <= 1)).all()


def test_most_macro_expressions_of_the_sample_are_found(spotted):
    rate, out = spotted
    labels = sample_path(rate).with_suffix(".intervals.csv")
    predicted = out / f"{sample_path(rate).stem}.intervals.csv"
    command = ["evaluate", "--reference", str(labels), "--hypothesis", str(predicted), "--json"]
    done = CliRunner().invoke(app, command)
    counts = json.loads(done.stdout)
    (annotation,) = read_table(labels)
    assert counts["MaE"]["tp"] * 2 > len(annotation.of_kind(ExpressionKind.MACRO))


def test_a_second_run_gives_the_same_files(spotted, tmp_path):
    rate, out = spotted
    again = CliRunner().invoke(app, ["spot", str(sample_path(rate)), "--out", str(tmp_path)])
    assert again.exit_code == 0
    for suffix in ("intervals.csv", "scores.csv"):
        name = f"{sample_path(rate).stem}.{suffix}"
        assert (tmp_path / name).read_bytes() == (out / name).read_bytes()
