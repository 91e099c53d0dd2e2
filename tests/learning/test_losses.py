import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.reference.learning import weighted_loss

from napari_mespot.learning import LossParams, SpottingLoss, spotting_loss

PAPER = LossParams(weight_me=0.9, weight_mae=0.1, positive_weight=3)
number = st.floats(-8, 8)
pair = st.tuples(number, number)
bits = st.tuples(st.booleans(), st.booleans())


@given(rows=st.lists(st.tuples(pair, bits, bits), min_size=1, max_size=6))
def test_equals_the_formula_written_out(rows):
    logits, targets, known = (list(column) for column in zip(*rows, strict=True))
    targets = [(float(a), float(b)) for a, b in targets]
    fast = spotting_loss(
        torch.tensor(logits, dtype=torch.float64),
        torch.tensor(targets, dtype=torch.float64),
        torch.tensor(known),
        PAPER,
    )
    slow = weighted_loss(logits, targets, known, (0.9, 0.1), 3)
    assert float(fast) == pytest.approx(slow, abs=1e-9)


def test_default_is_binary_cross_entropy():
    logits, targets = torch.randn(5, 2), torch.tensor([[0.0, 1.0]] * 5)
    known = torch.ones(5, 2, dtype=torch.bool)
    expected = torch.nn.functional.binary_cross_entropy_with_logits(logits, targets) * 2
    assert torch.allclose(spotting_loss(logits, targets, known, LossParams()), expected)


def test_a_right_answer_costs_less_than_a_wrong_one():
    known = torch.ones(1, 2, dtype=torch.bool)
    absent = torch.zeros(1, 2)
    low, high = (torch.full((1, 2), z) for z in (-3.0, 3.0))
    assert spotting_loss(low, absent, known, PAPER) < spotting_loss(high, absent, known, PAPER)


def test_gradient_is_right():
    logits = torch.randn(4, 2, dtype=torch.float64, requires_grad=True)
    targets = torch.tensor([[0.0, 1.0]] * 4, dtype=torch.float64)
    known = torch.tensor([[True, True], [True, False]] * 2)
    assert torch.autograd.gradcheck(lambda z: spotting_loss(z, targets, known, PAPER), logits)


def test_unknown_entries_have_no_gradient():
    logits = torch.randn(3, 2, requires_grad=True)
    known = torch.zeros(3, 2, dtype=torch.bool)
    spotting_loss(logits, torch.ones(3, 2), known, LossParams()).backward()
    assert torch.equal(logits.grad, torch.zeros(3, 2))


def test_module_is_the_function():
    arguments = torch.randn(3, 2), torch.ones(3, 2), torch.ones(3, 2, dtype=torch.bool)
    assert torch.equal(SpottingLoss(PAPER)(*arguments), spotting_loss(*arguments, PAPER))


def test_extreme_logits_stay_finite():
    logits = torch.tensor([[1e4, -1e4]])
    known = torch.ones(1, 2, dtype=torch.bool)
    assert torch.isfinite(spotting_loss(logits, torch.tensor([[0.0, 1.0]]), known, PAPER))


def test_refuses_shapes_that_do_not_fit():
    with pytest.raises(ValueError, match="one shape"):
        spotting_loss(torch.zeros(3, 2), torch.zeros(2, 2), torch.zeros(3, 2).bool(), PAPER)
