"""How good predictions are: hits under named rules, figures, and comparisons."""

from napari_mespot.evaluation.comparison import PairedComparison, compare_runs
from napari_mespot.evaluation.counts import KindCounts, SpottingCounts
from napari_mespot.evaluation.frame_level import FrameFigures, frame_figures
from napari_mespot.evaluation.matching import Hit, Matching, match_expressions
from napari_mespot.evaluation.pairing import pair_videos, unmatched_videos
from napari_mespot.evaluation.paper_tables import (
    PrintedF1,
    counts_table,
    reports_under_every_rule,
    table_2,
    table_3,
)
from napari_mespot.evaluation.recognition import (
    names_emotions,
    recognition_f1,
    spot_then_recognise,
)
from napari_mespot.evaluation.report import SpottingReport, VideoResult, evaluate
from napari_mespot.evaluation.rules import RULES, Rule, find_rule
from napari_mespot.evaluation.timing import FrameError, TimingErrors

__all__ = [
    "RULES",
    "FrameError",
    "FrameFigures",
    "Hit",
    "KindCounts",
    "Matching",
    "PairedComparison",
    "PrintedF1",
    "Rule",
    "SpottingCounts",
    "SpottingReport",
    "TimingErrors",
    "VideoResult",
    "compare_runs",
    "counts_table",
    "evaluate",
    "find_rule",
    "frame_figures",
    "match_expressions",
    "names_emotions",
    "pair_videos",
    "recognition_f1",
    "reports_under_every_rule",
    "spot_then_recognise",
    "table_2",
    "table_3",
    "unmatched_videos",
]
