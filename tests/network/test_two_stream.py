"""The network: sizes, structure, and its equality with plain 3-D convolutions."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reference.network import lively_network, plain_forward
from torch.utils.flop_counter import FlopCounterMode

from napari_mespot.network import NetworkParams, TwoStream3DCNN, describe
from napari_mespot.network.blocks import SeparableBlock
from napari_mespot.network.fast_path import FastNetwork

CPU = torch.device("cpu")


def clips(n, side=112, seed=0):
    return torch.randn(n, 2, 2, side, side, generator=torch.Generator().manual_seed(seed))


def fast_logits(network, batch):
    """Logits of clips by the fast path."""
    fast = FastNetwork(network, CPU)
    with torch.inference_mode():
        logits = fast.output_bias.repeat(len(batch), 1)
        for stream in range(2):
            logits += fast.stream_logits(batch[:, stream].movedim(1, -1).contiguous(), stream)
    return logits


def test_the_default_network_has_the_size_in_its_model_card():
    description = describe(TwoStream3DCNN(NetworkParams()))
    assert description.parameters == 26_938
    assert description.macs_per_clip == 11_584_000
    assert description.macs_per_frame == 11_684_352
    assert description.flops_per_clip == 2 * description.macs_per_clip
    assert description.flops_per_frame == 2 * description.macs_per_frame


@pytest.mark.parametrize("side", [112, 63])
def test_the_operations_are_those_pytorch_counts(side):
    network = lively_network()
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        network(clips(1, side))
    assert counter.get_total_flops() == describe(network, side).flops_per_clip


def test_the_fast_path_computes_what_is_counted_per_frame():
    fast = FastNetwork(lively_network(), CPU)
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        for stream in range(2):
            fast.stream_logits(torch.zeros(1, 112, 112, 2), stream)
    assert counter.get_total_flops() == describe(lively_network()).flops_per_frame


@given(seed=st.integers(0, 99), side=st.integers(16, 60))
@settings(max_examples=15, deadline=None)
def test_the_planar_form_equals_plain_3d_convolutions(seed, side):
    network, batch = lively_network(seed), clips(2, side, seed)
    with torch.no_grad():
        plain = torch.stack([plain_forward(network, clip) for clip in batch])
        torch.testing.assert_close(network(batch), plain, atol=1e-4, rtol=1e-4)


@given(seed=st.integers(0, 99), n=st.integers(1, 5), side=st.integers(16, 60))
@settings(max_examples=15, deadline=None)
def test_the_fast_path_equals_forward(seed, n, side):
    network, batch = lively_network(seed), clips(n, side, seed)
    with torch.no_grad():
        torch.testing.assert_close(
            fast_logits(network, batch), network(batch), atol=1e-4, rtol=1e-4
        )


def test_an_even_kernel_is_refused():
    with pytest.raises(ValueError, match="odd"):
        NetworkParams(stem_kernel_px=4)


def test_other_sizes_work_too():
    params = NetworkParams(channels=(4, 6, 8), stem_filters=5, stem_kernel_px=3)
    network, batch = lively_network(3, params), clips(2, 40)
    with torch.no_grad():
        torch.testing.assert_close(
            fast_logits(network, batch), network(batch), atol=1e-4, rtol=1e-4
        )


def test_the_streams_share_their_weights():
    # Swapping the pairs and the halves of the output layer changes nothing.
    network, batch = lively_network(), clips(3)
    swapped = lively_network()
    with torch.no_grad():
        first, second = network.output.weight.chunk(2, dim=1)
        swapped.output.weight.copy_(torch.cat([second, first], dim=1))
        torch.testing.assert_close(swapped(batch.flip(1)), network(batch), atol=1e-4, rtol=1e-4)


def test_three_quarters_of_the_stem_start_blind_to_a_still_face():
    kernel = TwoStream3DCNN(NetworkParams()).stem.depthwise.weight
    still = kernel.sum(dim=2).abs().amax(dim=(1, 2, 3)) == 0
    assert still.tolist() == [True] * 12 + [False] * 4


def test_a_block_without_a_frame_pair_cannot_start_as_differences():
    with pytest.raises(ValueError, match="temporal kernel of at least 2"):
        SeparableBlock(2, 3).start_as_differences(0.5)


def test_dropout_acts_in_training_only():
    network, batch = lively_network(0, NetworkParams(dropout=0.5)), clips(2)
    with torch.no_grad():
        assert torch.equal(network(batch), network(batch))
        network.train()
        assert not torch.equal(network(batch), network(batch))


def test_it_learns_to_tell_motion_from_stillness():
    # Both streams see a shifted texture or the same one: a few steps are enough.
    torch.manual_seed(0)
    network = TwoStream3DCNN(NetworkParams())
    optimiser = torch.optim.AdamW(network.parameters(), 3e-3)
    for _ in range(25):
        faces = torch.nn.functional.avg_pool2d(torch.randn(16, 1, 50, 50), 3, 1).squeeze(1) * 3
        moved = torch.randint(0, 2, (16,)).float()
        later = torch.where(moved.bool()[:, None, None], faces.roll(2, dims=2), faces)
        batch = torch.stack([faces, later], dim=1)[:, None].expand(-1, 2, -1, -1, -1)
        logits = network(batch)
        target = moved[:, None].expand(-1, 2)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, target)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert ((logits > 0) == target.bool()).float().mean() > 0.9


def test_with_three_images_most_filters_start_as_differences():
    weight = TwoStream3DCNN(NetworkParams(images_per_stream=3)).stem.depthwise.weight.detach()
    sums = weight[:, 0].sum(1).abs().amax((1, 2))
    assert (sums[:12] < 1e-6).all()
    assert (sums[12:] > 1e-3).all()
    assert (weight[:4, 0, 2] == 0).all()
    assert (weight[4:8, 0, 0] == 0).all()


def test_with_more_images_most_filters_see_nothing_in_a_still_face():
    weight = TwoStream3DCNN(NetworkParams(images_per_stream=5)).stem.depthwise.weight.detach()
    sums = weight[:, 0].sum(1).abs().amax((1, 2))
    assert (sums[:12] < 1e-6).all()
    assert (sums[12:] > 1e-3).all()


@pytest.mark.parametrize("images", [3, 5])
def test_more_images_per_stream_equal_plain_3d_convolutions(images):
    network = lively_network(3, NetworkParams(images_per_stream=images))
    clip = torch.randn(2, images, 40, 40, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        torch.testing.assert_close(
            network(clip[None])[0], plain_forward(network, clip), rtol=1e-4, atol=1e-4
        )
