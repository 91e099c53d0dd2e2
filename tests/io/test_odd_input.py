"""Small inputs that would keep the program busy, fill its memory or wait for ever."""

import base64
import json
import os
import sys
import zipfile
import zlib
from contextlib import suppress
from fractions import Fraction

import numpy as np
import openpyxl
import pytest

from napari_mespot import ExpressionKind, ScoreSignal
from napari_mespot.errors import AnnotationFormatError
from napari_mespot.io import read_annotations, read_scores, read_table, write_table
from napari_mespot.io.coding_template import read_coding_template
from napari_mespot.io.datasets import read_dataset
from napari_mespot.io.datasets.workbook import read_workbook
from napari_mespot.io.delimited import csv_line
from napari_mespot.io.packed_scores import pack_scores, unpack_scores

LONG = "9" * 400
NO_PIPES = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes")


def test_a_table_of_many_columns_is_read(tmp_path):
    names = [f"note {number}" for number in range(20_000)]
    path = tmp_path / "wide.csv"
    path.write_text(f"video,kind,onset,offset,{','.join(names)}\nclip,ME,1,2\n")
    (annotation,) = read_table(path)
    assert annotation.expressions[0].onset == 1
    path.write_text(f"video,kind,onset,offset,{','.join(names)},note 7\nclip,ME,1,2\n")
    with pytest.raises(AnnotationFormatError, match="'note 7' twice"):
        read_table(path)


@pytest.mark.parametrize("rate", ["1e99999999", "9" * 5000, "1/0", "-5", "1e-99999999"])
def test_rates_of_other_tools_are_bounded(tmp_path, rate):
    observation = {
        "file": {"1": ["clip.mp4"]},
        "media_info": {"fps": {"clip.mp4": "RATE"}},
        "events": [[1.0, "", "ME", "", ""], [1.5, "", "ME", "", ""]],
    }
    path = tmp_path / "coded.boris"
    path.write_text(json.dumps({"observations": {"o": observation}}).replace('"RATE"', rate))
    with suppress(AnnotationFormatError):  # or it goes by the rate that is given
        read_annotations(path, frame_rate=Fraction(30), notice=lambda text: None)
    table = tmp_path / "t.csv"
    table.write_text(f"video,kind,onset,offset,fps\nclip,ME,1,2,{rate}\n")
    with pytest.raises(AnnotationFormatError, match="frame rate above 0"):
        read_table(table)


@pytest.mark.parametrize("number", [LONG, "1." + "3" * 10**6, "1e400", "-" + LONG])
def test_times_of_many_digits_are_refused(tmp_path, number):
    lines = ["0", "10", "<exists>", "1", '"IntervalTier"', '"ME"', "0", "10", "1", "1", number]
    path = tmp_path / "n.TextGrid"
    head = ['File type = "ooTextFile short"', '"TextGrid"']
    path.write_text("\n".join([*head, *lines, '"x"']) + "\n")
    with pytest.raises(AnnotationFormatError):
        read_annotations(path, frame_rate=Fraction(30), notice=lambda text: None)


def test_times_of_scores_that_no_video_has_are_refused(tmp_path):
    path = tmp_path / "v.scores.csv"
    path.write_text("frame,time_s,p_me,p_mae,found\n1,1.7976931348623157e308,0.1,0.2,1\n")
    with pytest.raises(AnnotationFormatError, match="tell the frame rate"):
        read_scores(path)


@NO_PIPES
def test_pipes_and_devices_are_no_files(tmp_path):
    os.mkfifo(tmp_path / "labels.csv")
    for path in (tmp_path / "labels.csv", "/dev/zero"):
        with pytest.raises(AnnotationFormatError, match="a pipe or a device"):
            read_table(path)
    with pytest.raises(AnnotationFormatError, match="a pipe or a device"):
        read_coding_template(tmp_path / "labels.csv")


@NO_PIPES
def test_a_data_set_with_a_pipe_and_a_link_to_itself(tmp_path):
    os.mkfifo(tmp_path / "x.csv")
    (tmp_path / "again").symlink_to(tmp_path)
    (tmp_path / "clip.mp4").write_bytes(b"not looked into")
    assert [v.path.name for v in read_dataset(tmp_path).videos] == ["clip.mp4"]


def test_a_row_with_a_huge_number_does_not_fill_the_memory(tmp_path):
    path = tmp_path / "labels.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["Subject", "Filename"])
    book.active.append([1, "006_1"])
    book.save(path)
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(bomb, "w") as altered:
        for item in whole.infolist():
            data = whole.read(item)
            if item.filename.endswith("sheet1.xml"):
                data = data.replace(b'r="2"', b'r="1000000000000"')
            altered.writestr(item, data)
    with pytest.raises(AnnotationFormatError, match="rows"):
        read_workbook(bomb)


SCORES = pack_scores(
    ScoreSignal(np.zeros((9, 2), np.float32), np.ones(9, bool), Fraction(30), "clip")
)


@pytest.mark.parametrize(
    "change",
    [
        {"frames": 10**12},
        {"frames": float("inf")},
        {"frames": 10},
        {"kinds": []},
        {"kinds": ["ME", "ME"]},
        {"fps": "1e99999999"},
        {"fps": "1/0"},
        {"first_frame": -1},
        {"values": base64.b64encode(zlib.compress(bytes(10**8))).decode()},
        {"found": ""},
    ],
    ids=str,
)
def test_packed_scores_that_do_not_fit_are_refused(change):
    assert unpack_scores(SCORES, "clip").kinds == tuple(ExpressionKind)
    with pytest.raises((ValueError, zlib.error)):
        unpack_scores({**SCORES, **change}, "clip")


def test_text_that_another_separator_would_cut_is_quoted(tmp_path):
    assert csv_line(["x;=1+1", "a\tb"]) == '"x;=1+1","a\tb"\n'
    path = tmp_path / "t.csv"
    path.write_text('video,kind,onset,offset,notes\nclip,ME,1,2,"x;=1+1"\n')
    annotations = read_table(path)
    write_table(path, annotations)
    assert '"x;=1+1"' in path.read_text()
    assert read_table(path) == annotations
