import pytest
import torch
from tests.learning.test_fitting import PARAMS, Blobs, small_network, weights

from napari_mespot.learning import LossParams, fit
from napari_mespot.learning.params import ValidationParams
from napari_mespot.learning.watching import Watch
from napari_mespot.progress import Cancelled

LONG = PARAMS.model_copy(update={"steps": 60, "save_every_steps": 7})


class OtherBlobs(Blobs):
    """Where the kinds show the other way round: learning makes it worse."""

    def __getitem__(self, step):
        clips, targets, known = super().__getitem__(step + 1000)
        return clips, 1 - targets, known


def watch(batches=None, **changes):
    params = ValidationParams(every_steps=5, batches=2, **{"patience": 3, **changes})
    return Watch(batches or OtherBlobs(), params, LossParams())


def test_training_ends_when_it_gets_worse_for_others(tmp_path):
    history = fit(small_network(), Blobs(), LONG, watch=watch(), run_dir=tmp_path)
    assert history.best_step == 5
    assert len(history.losses) == 20
    assert [step for step, _ in history.looks] == [5, 10, 15, 20]
    rows = (tmp_path / "validation.csv").read_text().splitlines()
    assert rows[0] == "step,loss"
    assert len(rows) == 5


def test_the_best_weights_are_kept_unless_told_otherwise():
    best, last = small_network(), small_network()
    fit(best, Blobs(), LONG, watch=watch())
    fit(last, Blobs(), LONG, watch=watch(keep_best=False))
    assert not torch.equal(weights(best), weights(last))


def test_without_patience_training_goes_to_its_end():
    history = fit(small_network(), Blobs(), LONG, watch=watch(patience=0))
    assert len(history.losses) == 60
    assert history.best_step == 5


@pytest.mark.parametrize("cut", [8, 13, 19])
def test_a_resumed_run_stops_where_the_whole_one_did(tmp_path, cut):
    whole, resumed = small_network(), small_network()
    expected = fit(whole, Blobs(), LONG, watch=watch())

    def stop(progress):
        if progress.done == cut:
            raise Cancelled

    with pytest.raises(Cancelled):
        fit(resumed, Blobs(), LONG, watch=watch(), run_dir=tmp_path, progress=stop)
    history = fit(resumed, Blobs(), LONG, watch=watch(), run_dir=tmp_path)
    assert torch.equal(weights(whole), weights(resumed))
    assert history.looks == expected.looks
    again = small_network(seed=4)
    assert fit(again, Blobs(), LONG, watch=watch(), run_dir=tmp_path).looks == expected.looks
    assert torch.equal(weights(whole), weights(again))


def test_looking_changes_nothing_in_the_training():
    seen, alone = small_network(), small_network()
    fit(seen, Blobs(), PARAMS, watch=watch(Blobs(), patience=0, keep_best=False))
    fit(alone, Blobs(), PARAMS)
    assert torch.equal(weights(seen), weights(alone))


def test_how_many_people_are_watched():
    assert ValidationParams(subject_share=0.2).n_subjects(29) == 6
    assert ValidationParams(subject_share=0.01).n_subjects(5) == 1
    assert ValidationParams(subject_share=0).n_subjects(5) == 0
    assert ValidationParams(subjects=9).n_subjects(3) == 2
    assert ValidationParams().n_subjects(1) == 0
