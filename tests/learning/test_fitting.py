import pytest
import torch
from torch import nn

from napari_mespot.learning import TrainingParams, fit
from napari_mespot.progress import Cancelled


class Blobs(torch.utils.data.Dataset):
    """Clips whose kinds show in the mean of either stream."""

    def __getitem__(self, step):
        generator = torch.Generator().manual_seed(step)
        targets = torch.randint(0, 2, (16, 2), generator=generator).float()
        clips = torch.randn(16, 2, 2, 8, 8, generator=generator)
        clips[:, :, 1] += 2 * targets[:, :, None, None]
        return clips, targets, torch.ones(16, 2, dtype=torch.bool)


def small_network(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Flatten(), nn.Linear(256, 8), nn.Dropout(0.2), nn.Linear(8, 2))


PARAMS = TrainingParams(steps=40, batch_size=16, learning_rate=0.02, save_every_steps=10)


def weights(network):
    return torch.cat([p.detach().flatten() for p in network.parameters()])


def test_the_loss_falls():
    history = fit(small_network(), Blobs(), PARAMS)
    assert len(history.losses) == 40
    assert history.mean_loss(5) < 0.6 * history.losses[:5].mean()


def test_the_same_seed_gives_the_same_weights():
    first, second = small_network(), small_network()
    torch.manual_seed(11)
    fit(first, Blobs(), PARAMS)
    torch.manual_seed(12)  # the caller's random state does not matter
    fit(second, Blobs(), PARAMS)
    assert torch.equal(weights(first), weights(second))


def test_the_callers_random_state_is_left_alone():
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    network = small_network()
    torch.manual_seed(5)
    fit(network, Blobs(), PARAMS)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_resumed_run_equals_one_that_was_not_interrupted(tmp_path):
    whole, cut = small_network(), small_network()
    fit(whole, Blobs(), PARAMS, run_dir=tmp_path / "whole")

    def stop(progress):
        if progress.done == 27:
            raise Cancelled

    with pytest.raises(Cancelled):
        fit(cut, Blobs(), PARAMS, run_dir=tmp_path / "cut", progress=stop)
    other = small_network(seed=9)  # the saved state counts, not what is handed in
    history = fit(other, Blobs(), PARAMS, run_dir=tmp_path / "cut")
    assert torch.equal(weights(whole), weights(other))
    assert len(history.losses) == 40
    assert (tmp_path / "cut" / "log.csv").read_text().startswith("step,mean_loss\n")


def test_cycles_go_on_from_the_average(tmp_path):
    cycles = PARAMS.model_copy(update={"steps": 20, "cycles": 2})
    one, two, cut = small_network(), small_network(), small_network()
    fit(one, Blobs(), PARAMS.model_copy(update={"steps": 20}))
    history = fit(two, Blobs(), cycles)
    assert len(history.losses) == 40
    assert not torch.equal(weights(one), weights(two))

    def stop(progress):
        if progress.done == 33:
            raise Cancelled

    with pytest.raises(Cancelled):
        fit(cut, Blobs(), cycles, run_dir=tmp_path, progress=stop)
    fit(cut, Blobs(), cycles, run_dir=tmp_path)
    assert torch.equal(weights(two), weights(cut))


def test_workers_make_the_same_batches():
    alone, helped = small_network(), small_network()
    fit(alone, Blobs(), PARAMS.model_copy(update={"steps": 6}))
    fit(helped, Blobs(), PARAMS.model_copy(update={"steps": 6, "workers": 1}))
    assert torch.equal(weights(alone), weights(helped))


def test_a_loss_that_is_not_finite_stops_the_run():
    class Broken(Blobs):
        def __getitem__(self, step):
            clips, targets, known = super().__getitem__(step)
            return clips * float("nan"), targets, known

    with pytest.raises(FloatingPointError, match="finite"):
        fit(small_network(), Broken(), PARAMS)


def test_progress_counts_every_step():
    seen = []
    fit(small_network(), Blobs(), PARAMS, progress=lambda p: seen.append((p.done, p.total)))
    assert seen == [(i, 40) for i in range(1, 41)]
