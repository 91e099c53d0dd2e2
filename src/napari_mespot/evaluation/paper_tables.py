"""The paper's tables of results, with our figures under every rule beside the printed ones.

Yap et al., "3D-CNN for Facial Micro- and Macro-expression Spotting on Long Video Sequences using
Temporal Oriented Reference Frame", ACM MM 2022, doi 10.1145/3503161.3551570, Tables 2 and 3.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from napari_mespot.evaluation.counts import KindCounts
from napari_mespot.evaluation.report import SpottingReport, evaluate
from napari_mespot.evaluation.rules import RULES
from napari_mespot.model import Annotation

__all__ = ["PrintedF1", "counts_table", "reports_under_every_rule", "table_2", "table_3"]


@dataclass(frozen=True, slots=True)
class PrintedF1:
    """F1 scores as a paper prints them; None where it prints none."""

    mae: float | None = None
    me: float | None = None
    overall: float | None = None


_PAN, _PAPER = "Pan et al., as printed", "Yap et al. 2022, as printed"
_TITLES = {
    "samm_lv": "SAMM-LV",
    "cas_me2": "CAS(ME)²-cropped",
    "samm": "SAMM Challenge",
    "cas": "CAS(ME)³",
}
_TABLE_2: Mapping[str, Mapping[str, PrintedF1]] = {
    _PAN: {"samm_lv": PrintedF1(overall=0.0813), "cas_me2": PrintedF1(overall=0.0595)},
    _PAPER: {
        "samm_lv": PrintedF1(0.1863, 0.0409, 0.1193),
        "cas_me2": PrintedF1(0.0401, 0.0118, 0.0304),
    },
}
_TABLE_3: Mapping[str, Mapping[str, PrintedF1]] = {
    _PAPER: {
        "samm": PrintedF1(0.1739, 0.0714, 0.1176),
        "cas": PrintedF1(0.1622, 0.2222, 0.1739),
    },
}
_OVERALL_3 = 0.1351


def reports_under_every_rule(
    references: Iterable[Annotation], hypotheses: Iterable[Annotation], first: str = "strict"
) -> tuple[SpottingReport, ...]:
    """Compare predictions with labels under each rule, `first` first, at an IoU of 0.5."""
    truth, found = tuple(references), tuple(hypotheses)
    names = [first, *(name for name in RULES if name != first)]
    return tuple(evaluate(truth, found, name) for name in names)


def table_2(results: Mapping[str, Sequence[SpottingReport]]) -> str:
    """Return Table 2 (leave one subject out) as Markdown.

    Parameters
    ----------
    results
        By data set, ``"samm_lv"``, ``"cas_me2"`` or the name of another, the reports under the
        rules, in the same order for each.
    """
    columns = ["samm_lv", "cas_me2", *(name for name in results if name not in _TITLES)]
    rows = [_row(name, columns, printed) for name, printed in _TABLE_2.items()]
    return _markdown(columns, [*rows, *_own_rows(columns, results)])


def table_3(results: Mapping[str, Sequence[SpottingReport]]) -> str:
    """Return Table 3 (unseen test set of MEGC2022) as Markdown.

    Parameters
    ----------
    results
        By part of the test set, ``"samm"`` or ``"cas"``, the reports under the rules.
    """
    columns = ["samm", "cas"]
    rows = [
        [*_row(name, columns, printed), f"{_OVERALL_3:.4f}"] for name, printed in _TABLE_3.items()
    ]
    for own, reports in zip(
        _own_rows(columns, results), zip(*results.values(), strict=True), strict=True
    ):
        both = KindCounts.total(report.counts for report in reports)
        rows.append([*own, f"{both.overall.f1:.4f}"])
    return _markdown(columns, rows, extra=("Overall",))


def counts_table(reports: Sequence[SpottingReport]) -> str:
    """Return counts and figures of each kind under each rule as Markdown."""
    lines = [
        "| rule | kind | TP | FP | FN | precision | recall | F1 |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for report in reports:
        counts = report.counts
        for name, c in (("MaE", counts.mae), ("ME", counts.me), ("overall", counts.overall)):
            n_false = max(0, c.fp)
            figures = " | ".join(f"{value:.4f}" for value in (c.precision, c.recall, c.f1))
            lines.append(f"| {report.rule} | {name} | {c.tp} | {n_false} | {c.fn} | {figures} |")
    return "\n".join(lines) + "\n"


def _own_rows(
    columns: Sequence[str], results: Mapping[str, Sequence[SpottingReport]]
) -> list[list[str]]:
    """Return one row per rule."""
    rows = []
    for reports in zip(*results.values(), strict=True):
        own = {name: _f1_of(r) for name, r in zip(results, reports, strict=True)}
        rows.append(_row(f"here, rule {reports[0].rule}", columns, own))
    return rows


def _f1_of(report: SpottingReport) -> PrintedF1:
    counts = report.counts
    return PrintedF1(counts.mae.f1, counts.me.f1, counts.overall.f1)


def _row(name: str, columns: Sequence[str], values: Mapping[str, PrintedF1]) -> list[str]:
    cells = [name]
    for column in columns:
        f1 = values.get(column, PrintedF1())
        cells += ["-" if v is None else f"{v:.4f}" for v in (f1.mae, f1.me, f1.overall)]
    return cells


def _markdown(
    columns: Sequence[str], rows: Iterable[Sequence[str]], extra: Sequence[str] = ()
) -> str:
    titles = [_TITLES.get(name, name) for name in columns]
    head = ["Method", *(f"{t} {k}" for t in titles for k in ("MaE", "ME", "Overall")), *extra]
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
