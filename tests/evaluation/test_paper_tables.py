from fractions import Fraction

import pytest

from napari_mespot.evaluation import (
    RULES,
    counts_table,
    reports_under_every_rule,
    table_2,
    table_3,
)
from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval

ME, MAE = ExpressionKind.MICRO, ExpressionKind.MACRO


def video(*expressions):
    shown = tuple(Expression(Interval(a, b), kind) for kind, a, b in expressions)
    return Annotation("v", 500, Fraction(30), shown, subject_id="s")


def reports(first="strict"):
    truth = [video((ME, 10, 20), (MAE, 100, 160), (MAE, 200, 260))]
    found = [video((ME, 12, 20), (MAE, 100, 150))]
    return reports_under_every_rule(truth, found, first)


def cells(markdown):
    return [[c.strip() for c in line.strip("|").split("|")] for line in markdown.splitlines()]


def test_table_2_has_the_printed_figures_and_a_row_for_every_rule():
    rows = cells(table_2({"samm_lv": reports()}))
    assert [len(row) for row in rows] == [7] * len(rows)
    printed = {row[0]: row[1:] for row in rows}
    assert printed["Yap et al. 2022, as printed"] == [
        "0.1863",
        "0.0409",
        "0.1193",
        "0.0401",
        "0.0118",
        "0.0304",
    ]
    assert printed["Pan et al., as printed"] == ["-", "-", "0.0813", "-", "-", "0.0595"]
    assert printed["here, rule strict"] == ["0.6667", "1.0000", "0.8000", "-", "-", "-"]
    assert {f"here, rule {name}" for name in RULES} <= set(printed)


def test_printed_figures_lie_between_those_of_the_kinds():
    """A pooled F1 does; what contradicts it is a misprint."""
    for table in (table_2({}), table_3({})):
        for row in cells(table)[2:]:
            for mae, me, overall in (row[1:4], row[4:7]):
                if mae != "-":
                    assert min(float(mae), float(me)) <= float(overall)
                    assert float(overall) <= max(float(mae), float(me))


def test_another_data_set_has_a_column_of_its_own():
    header, *rest = cells(table_2({"plain": reports()}))
    assert header[7:] == ["plain MaE", "plain ME", "plain Overall"]
    assert all(len(row) == 10 for row in rest)


def test_table_3_sums_both_parts():
    rows = cells(table_3({"samm": reports(), "cas": reports()}))
    printed = {row[0]: row[1:] for row in rows}
    assert printed["Yap et al. 2022, as printed"][-1] == "0.1351"
    assert printed["here, rule strict"][-1] == "0.8000"


def test_table_3_can_have_one_part_alone():
    rows = {row[0]: row[1:] for row in cells(table_3({"cas": reports()}))}
    assert rows["here, rule strict"] == ["-", "-", "-", "0.6667", "1.0000", "0.8000", "0.8000"]


def test_the_rule_asked_for_comes_first():
    assert reports("abpn")[0].rule == "abpn"
    assert sorted(r.rule for r in reports("abpn")) == sorted(RULES)


@pytest.mark.parametrize("kind", ["MaE", "ME", "overall"])
def test_counts_are_shown(kind):
    lines = [
        line for line in counts_table(reports()).splitlines() if f"| strict | {kind} |" in line
    ]
    assert len(lines) == 1
