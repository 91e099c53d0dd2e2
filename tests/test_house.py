"""The house keeps its promises: light imports, and parameters that travel as text."""

import json
import subprocess
import sys
import tomllib
from typing import get_origin

import pytest
from pydantic import BaseModel, ValidationError

from napari_mespot.clips.params import ClipParams
from napari_mespot.face.params import AlignParams, ContrastParams
from napari_mespot.learning.drawn_shape_params import DrawnShapeParams
from napari_mespot.network.params import NetworkParams
from napari_mespot.spotting.params import SpottingParams

HEAVY = ("torch", "cv2", "av", "pandas", "matplotlib", "scipy", "napari", "qtpy")


def imported_by(code: str) -> set[str]:
    """Names of the modules that a fresh process has after running `code`."""
    script = f"import sys\n{code}\nprint('\\n'.join(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "Traceback" not in done.stderr
    return set(done.stderr.split())


@pytest.mark.parametrize(
    "code",
    [
        "import napari_mespot",
        "from napari_mespot.evaluation import evaluate",
        "from napari_mespot.io import read_table",
        "from napari_mespot.cli import main; main(['--version'])",
        "from napari_mespot.cli import main; main(['--help'])",
        "from napari_mespot.cli import main; main(['evaluate', '--help'])",
    ],
)
def test_light_things_import_nothing_heavy(code):
    assert not imported_by(code) & set(HEAVY)


def test_parameters_are_read_without_torch():
    rooms = ("face", "clips", "network", "spotting", "learning")
    code = "; ".join(f"import napari_mespot.{room}.params" for room in rooms)
    assert not imported_by(code) & {"torch", "matplotlib", "pandas", "napari", "qtpy"}


def test_evaluating_files_needs_no_torch(tmp_path):
    (tmp_path / "a.csv").write_text("video,kind,onset,offset\nv,ME,1,3\n")
    arguments = ["evaluate", "--reference", "a.csv", "--hypothesis", "a.csv", "--json"]
    code = f"import os; os.chdir({str(tmp_path)!r})\n"
    code += f"from napari_mespot.cli import main; main({arguments})"
    assert not imported_by(code) & set(HEAVY)


def test_importing_costs_little_beside_numpy():
    """Ratios within one run; of processor time, the best of five, since machines are shared."""

    def seconds(code: str) -> float:
        script = f"import time; t = time.process_time()\n{code}\nprint(time.process_time() - t)"
        command = [sys.executable, "-c", script]
        runs = (subprocess.run(command, capture_output=True, text=True) for _ in range(5))
        return min(float(run.stdout) for run in runs)

    numpy = seconds("import numpy, dataclasses, fractions, importlib.metadata")
    assert seconds("import napari_mespot") < 2 * numpy
    assert seconds("import napari_mespot.cli") < 6 * numpy


def params_classes(base: type[BaseModel] = BaseModel) -> list[type[BaseModel]]:
    """Every parameters class that this library defines, in any room."""
    import napari_mespot.learning.params  # noqa: F401 - defines some of them

    found = [c for c in base.__subclasses__() if c.__module__.startswith("napari_mespot.")]
    return [c for c in found if c.__module__.endswith("params")]


CLASSES = params_classes()


def test_the_parameters_of_every_room_are_among_those_tested():
    some = {AlignParams, ContrastParams, ClipParams, DrawnShapeParams, NetworkParams}
    assert {*some, SpottingParams} <= set(CLASSES)


def example(cls: type[BaseModel]) -> BaseModel:
    required = {n: f.annotation for n, f in cls.model_fields.items() if f.is_required()}
    return cls(**{n: (0.5, 0.6) if get_origin(a) is tuple else 0.5 for n, a in required.items()})


def as_toml(values: dict[str, object], prefix: str = "") -> str:
    """Write nested tables of plain values, as a person would into a recipe."""
    tables = {k: v for k, v in values.items() if isinstance(v, dict)}
    lines = [
        f"{k} = {json.dumps(v)}" for k, v in values.items() if k not in tables and v is not None
    ]
    for name, table in tables.items():
        lines += [f"[{prefix}{name}]", as_toml(table, f"{prefix}{name}.")]
    return "\n".join(lines)


@pytest.mark.parametrize("cls", CLASSES)
def test_parameters_survive_json_and_toml(cls):
    params = example(cls)
    assert cls.model_validate_json(params.model_dump_json()) == params
    assert cls.model_validate(tomllib.loads(as_toml(params.model_dump(mode="json")))) == params


@pytest.mark.parametrize("cls", CLASSES)
def test_parameters_refuse_unknown_names_and_changes(cls):
    params = example(cls)
    with pytest.raises(ValidationError, match="not permitted"):
        cls.model_validate({**params.model_dump(), "unknwon": 1})
    name = next(iter(cls.model_fields))
    with pytest.raises(ValidationError, match="frozen"):
        setattr(params, name, getattr(params, name))
