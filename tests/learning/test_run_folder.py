"""Training runs that meet in one folder, and states that a crash has damaged."""

import pytest
import torch

from napari_mespot.learning import train_network
from napari_mespot.learning.recipe_files import load_recipe
from napari_mespot.learning.run_folder import begin_run

SMALL = (
    "training.steps=6",
    "training.batch_size=2",
    "training.save_every_steps=3",
    "drawn.faces=2",
    "drawn.fields=4",
    "drawn.sequences=2",
    "drawn.duration_s=3",
)


def weights(folder, *changes, progress=None):
    recipe = load_recipe("synthetic", [*SMALL, *changes])
    return train_network(recipe, folder, progress=progress)[0].state_dict()


def equal(a, b):
    return all(torch.equal(a[name], b[name]) for name in a)


def test_another_recipe_begins_anew_and_keeps_what_was_there(tmp_path):
    first = weights(tmp_path / "run")
    other = weights(tmp_path / "run", "training.seed=7")
    assert not equal(first, other)
    assert equal(other, weights(tmp_path / "fresh", "training.seed=7"))
    assert (tmp_path / "run" / "earlier-1" / "state.pt").is_file()
    wider = weights(tmp_path / "run", "network.channels=[4,4,4]")
    assert {len(v) for k, v in wider.items() if k.endswith("bias")} != {
        len(v) for k, v in other.items() if k.endswith("bias")
    }
    assert (tmp_path / "run" / "earlier-2" / "state.pt").is_file()


def test_the_same_recipe_goes_on_whatever_it_is_called(tmp_path):
    first = weights(tmp_path)
    before = (tmp_path / "state.pt").stat().st_mtime_ns
    assert equal(first, weights(tmp_path, "name=other", "calibration.beta=2.0"))
    assert (tmp_path / "state.pt").stat().st_mtime_ns == before, "nothing was trained again"


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "another"])
def test_a_damaged_state_is_kept_and_training_begins_anew(tmp_path, damage):
    first = weights(tmp_path)
    path = tmp_path / "state.pt"
    whole = path.read_bytes()
    middle = len(whole) // 2
    path.write_bytes(
        {
            "cut": whole[:middle],
            "flipped": whole[:20] + bytes(b ^ 255 for b in whole[20:middle]) + whole[middle:],
            "empty": b"",
            "another": b"a text in its place",
        }[damage]
    )
    said = []
    assert equal(first, weights(tmp_path, progress=lambda p: said.append(p.stage)))
    assert any("begins anew" in stage for stage in said)
    assert (tmp_path / "state.pt.damaged").is_file()


def test_a_run_that_does_not_say_what_it_is_of_is_put_aside(tmp_path):
    (tmp_path / "state.pt").write_bytes(b"of an older version")
    begin_run(tmp_path, "digest")
    assert (tmp_path / "earlier-1" / "state.pt").read_bytes() == b"of an older version"
    (tmp_path / "state.pt").write_bytes(b"of this run")
    begin_run(tmp_path, "digest")
    assert (tmp_path / "state.pt").read_bytes() == b"of this run"
