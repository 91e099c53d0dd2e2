"""How good predictions are: hits under named rules, figures, and comparisons."""

from napari_mespot.evaluation.by_length import LengthBand, brief_counts, timing_by_length
from napari_mespot.evaluation.comparison import PairedComparison, compare_runs
from napari_mespot.evaluation.counts import KindCounts, SpottingCounts
from napari_mespot.evaluation.doubtful import is_doubtful, match_clear, of_any_kind
from napari_mespot.evaluation.frame_level import FrameFigures, frame_figures
from napari_mespot.evaluation.happenings import (
    FrameShare,
    WatchedFrames,
    event_auc,
    frame_shares,
    watched_frames,
)
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
from napari_mespot.evaluation.resampling import f1_interval
from napari_mespot.evaluation.rules import RULES, Rule, find_rule
from napari_mespot.evaluation.timing import FrameError, TimingErrors

__all__ = [
    "RULES",
    "FrameError",
    "FrameFigures",
    "FrameShare",
    "Hit",
    "KindCounts",
    "LengthBand",
    "Matching",
    "PairedComparison",
    "PrintedF1",
    "Rule",
    "SpottingCounts",
    "SpottingReport",
    "TimingErrors",
    "VideoResult",
    "WatchedFrames",
    "brief_counts",
    "compare_runs",
    "counts_table",
    "evaluate",
    "event_auc",
    "f1_interval",
    "find_rule",
    "frame_figures",
    "frame_shares",
    "is_doubtful",
    "match_clear",
    "match_expressions",
    "names_emotions",
    "of_any_kind",
    "pair_videos",
    "recognition_f1",
    "reports_under_every_rule",
    "spot_then_recognise",
    "table_2",
    "table_3",
    "timing_by_length",
    "unmatched_videos",
    "watched_frames",
]
