"""Follow one face through the rows of an OpenFace table by its place and size.

The number in ``face_id`` is no person: where tracking fails it may change places with another
or be given anew. Rows of neighbouring frames belong together if their landmarks do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["OneFace", "follow_face", "is_place_column"]

# Outer corners of the eyes, tip of the nose, sides of the jaw.
_POINTS = (36, 45, 33, 2, 14)
_LANDMARKS = tuple(f"{axis}_{i}" for axis in "xy" for i in _POINTS)
_POSE = ("pose_Tx", "pose_Ty", "pose_Tz")
_FACE_MM = 140.0
# How far a face may move from one frame to the next, in its own size, and with each frame
# that it was not seen, up to a largest distance.
_NEAR, _NEAR_PER_FRAME, _NEAR_AT_MOST = 1.0, 0.1, 2.0
_TWIN = 0.2  # two rows of a frame and number that are this near show one face
_SAME_NUMBER = 0.2  # how much of a distance the same face_id outweighs
_STRETCHES_LOOKED_AT = 8
_LARGEST_PX = 1e6
_FRAMES_NAMED = 5


@dataclass(frozen=True, slots=True, eq=False)
class OneFace:
    """The rows of one face.

    Parameters
    ----------
    columns
        By name, each (n_rows,), in the order of the frames.
    frames
        (n_rows,) frame of each row, from 0, each once.
    n_frames
        Frames up to the last row under a number of this face, seen or not.
    breaks
        Frames from which the face is another one, or in another place: nothing should be
        compared across.
    warnings
        One-line texts for the user.
    """

    columns: dict[str, NDArray[np.float64]]
    frames: NDArray[np.int64]
    n_frames: int
    breaks: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class _Stretch:
    """Rows that show one face, as far as it could be followed."""

    rows: list[int] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class _Rows:
    """What following needs of the rows, in the order of the frames."""

    frames: NDArray[np.int64]
    seen: NDArray[np.bool_]
    confidence: NDArray[np.float64]
    ids: NDArray[np.float64]
    places: NDArray[np.float64] | None  # (n_rows, 3): x, y, size


def is_place_column(name: str) -> bool:
    """Whether a column is needed to follow a face."""
    return name in _LANDMARKS or name in _POSE or name in ("face_id", "confidence", "success")


def follow_face(columns: Mapping[str, NDArray[np.float64]], frames: NDArray[np.int64]) -> OneFace:
    """Keep the rows of the face that is seen in most frames, one row for each frame.

    Parameters
    ----------
    columns
        By name, each (n_rows,).
    frames
        (n_rows,) frame of each row, from 0.
    """
    order = np.argsort(frames, kind="stable")
    columns = {name: values[order] for name, values in columns.items()}
    rows = _rows(columns, frames[order])
    kept, twins = _without_twins(rows)
    if rows.places is None:
        chosen, breaks, warnings = _by_number(rows, kept)
    else:
        chosen, breaks, warnings = _by_place(rows, kept)
    if twins:
        warnings += (f"{twins} frames come twice in the OpenFace table: one row of each was kept",)
    return OneFace(
        {name: values[chosen] for name, values in columns.items()},
        rows.frames[chosen],
        _length(rows, chosen),
        breaks,
        warnings,
    )


def _length(rows: _Rows, chosen: NDArray[np.int64]) -> int:
    """Return the frames up to the last row of the numbers that the face goes by."""
    own = np.isin(rows.ids, rows.ids[chosen])
    return int(rows.frames[own].max()) + 1


def _rows(columns: Mapping[str, NDArray[np.float64]], frames: NDArray[np.int64]) -> _Rows:
    n = len(frames)
    success = columns.get("success")
    seen = np.ones(n, np.bool_) if success is None else success == 1
    ids = np.nan_to_num(columns.get("face_id", np.zeros(n)), nan=-1.0)
    confidence = np.nan_to_num(columns.get("confidence", np.zeros(n)), nan=0.0)
    places = _places(columns)
    if places is not None:
        fits = np.isfinite(places).all(axis=1) & (places[:, 2] > 0)
        seen = seen & fits & (np.abs(np.nan_to_num(places)).max(axis=1) < _LARGEST_PX)
    return _Rows(frames, seen, confidence, ids, places)


def _places(columns: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64] | None:
    """Return where the face of each row is, and its size; None if the table does not say."""
    if set(_LANDMARKS) <= set(columns):
        values = np.column_stack([columns[name] for name in _LANDMARKS])
        points = np.swapaxes(values.reshape(-1, 2, len(_POINTS)), 1, 2)
        apart = points[:, :, None] - points[:, None]
        size = np.sqrt((apart**2).sum(axis=-1)).max(axis=(1, 2))
        return np.column_stack([points.mean(axis=1), size])
    if set(_POSE) <= set(columns):
        x, y, z = (columns[name] for name in _POSE)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.column_stack([x / z, y / z, _FACE_MM / z])
    return None


def _without_twins(rows: _Rows) -> tuple[list[int], int]:
    """Return the rows that show a face, without those that show the same one again."""
    kept: list[int] = []
    twins = 0
    for row in np.flatnonzero(rows.seen).tolist():
        again = _twin_of(kept, rows, row)
        if again is None:
            kept.append(row)
            continue
        twins += 1
        if rows.confidence[row] > rows.confidence[kept[again]]:
            kept[again] = row
    return kept, twins


def _twin_of(kept: list[int], rows: _Rows, row: int) -> int | None:
    """Return the place in `kept` of a row of the same frame that shows the same face."""
    for at in range(len(kept) - 1, -1, -1):
        if rows.frames[kept[at]] != rows.frames[row]:
            return None
        if _is_twin(rows, kept[at], row):
            return at
    return None


def _is_twin(rows: _Rows, one: int, other: int) -> bool:
    if rows.ids[one] != rows.ids[other]:
        return False
    return rows.places is None or _distance(rows.places[one], rows.places[other]) < _TWIN


def _distance(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return how far two faces are apart, in their size, and how much their sizes differ."""
    size = 0.5 * (one[2] + other[2])
    away = float(np.hypot(one[0] - other[0], one[1] - other[1]) / size)
    return away + abs(float(np.log(one[2] / other[2])))


# -- by number ------------------------------------------------------------------------------


def _by_number(
    rows: _Rows, kept: list[int]
) -> tuple[NDArray[np.int64], tuple[int, ...], tuple[str, ...]]:
    """Keep the number that is seen most often: all that can be done without landmarks."""
    if not kept:
        return _first_of_each_frame(rows), (), ()
    numbers, counts = np.unique(rows.ids[kept], return_counts=True)
    number = float(numbers[np.argmax(counts)])
    chosen = np.array([row for row in kept if rows.ids[row] == number], dtype=np.int64)
    if len(numbers) < 2:
        return chosen, (), ()
    text = f"OpenFace saw {len(numbers)} faces: kept face {number:g}, in {counts.max()} frames"
    return chosen, (), (text,)


def _first_of_each_frame(rows: _Rows) -> NDArray[np.int64]:
    """Return one row a frame of a table without a face."""
    return np.unique(rows.frames, return_index=True)[1].astype(np.int64)


# -- by place -------------------------------------------------------------------------------


def _by_place(
    rows: _Rows, kept: list[int]
) -> tuple[NDArray[np.int64], tuple[int, ...], tuple[str, ...]]:
    """Keep the face that could be followed longest, and others only where it never is."""
    if not kept:
        return _first_of_each_frame(rows), (), ()
    stretches = _stretches(rows, kept)
    by_length = sorted(stretches, key=lambda stretch: (-len(stretch.rows), stretch.rows[0]))
    taken = [by_length[0]]
    for stretch in by_length[1:]:
        if not any(_at_once(rows, stretch, other) for other in taken):
            taken.append(stretch)
    taken.sort(key=lambda stretch: stretch.rows[0])
    chosen = np.array(sorted(row for stretch in taken for row in stretch.rows), dtype=np.int64)
    breaks, warnings = _breaks(rows, taken)
    return chosen, breaks, (*_several(rows, kept, chosen), *warnings)


def _at_once(rows: _Rows, one: _Stretch, other: _Stretch) -> bool:
    """Whether two stretches overlap in time: then they show two people."""
    first, last = (
        rows.frames[[one.rows[0], other.rows[0]]],
        rows.frames[[one.rows[-1], other.rows[-1]]],
    )
    return bool(first.max() <= last.min())


def _stretches(rows: _Rows, kept: list[int]) -> list[_Stretch]:
    """Put rows together that show one face."""
    stretches: list[_Stretch] = []
    start = 0
    while start < len(kept):
        stop = start
        while stop < len(kept) and rows.frames[kept[stop]] == rows.frames[kept[start]]:
            stop += 1
        _continue(stretches, rows, kept[start:stop])
        start = stop
    return stretches


def _continue(stretches: list[_Stretch], rows: _Rows, now: list[int]) -> None:
    """Give each row of a frame to the stretch that it goes on best, or begin a new one."""
    late = sorted(stretches, key=lambda stretch: -stretch.rows[-1])[:_STRETCHES_LOOKED_AT]
    pairs = [
        (cost, number, row)
        for number, stretch in enumerate(late)
        for row in now
        if (cost := _cost(rows, stretch.rows[-1], row)) is not None
    ]
    left, free = set(now), set(range(len(late)))
    for _, number, row in sorted(pairs):
        if row in left and number in free:
            left.remove(row)
            free.remove(number)
            late[number].rows.append(row)
    stretches.extend(_Stretch([row]) for row in sorted(left))


def _cost(rows: _Rows, before: int, now: int) -> float | None:
    """Return how badly a row goes on from another; None if it cannot."""
    if rows.places is None:
        return None
    apart = _distance(rows.places[before], rows.places[now])
    missed = int(rows.frames[now] - rows.frames[before]) - 1
    if apart > min(_NEAR + _NEAR_PER_FRAME * missed, _NEAR_AT_MOST):
        return None
    return apart - _SAME_NUMBER * float(rows.ids[before] == rows.ids[now])


def _breaks(rows: _Rows, taken: list[_Stretch]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Say where the face that is kept is suddenly elsewhere."""
    starts = [stretch.rows[0] for stretch in taken[1:]]
    breaks = tuple(int(rows.frames[row]) for row in starts)
    if not breaks:
        return (), ()
    text = (
        f"the face of the OpenFace table jumps to another place at {_frames(breaks)} (another "
        "person, or a cut): nothing is compared across"
    )
    return breaks, (text,)


def _several(rows: _Rows, kept: list[int], chosen: NDArray[np.int64]) -> tuple[str, ...]:
    """Say which face was kept if there were others, and where its number changes."""
    ids = rows.ids[chosen]
    numbers = np.unique(rows.ids[kept])
    most = int(np.unique(rows.frames[kept], return_counts=True)[1].max())
    n_faces = max(len(numbers), most)
    if n_faces < 2:
        return ()
    changes = rows.frames[chosen][1:][ids[1:] != ids[:-1]].tolist()
    if not changes:
        number = f"face {ids[0]:g}" if most <= len(numbers) else "the one seen longest"
        return (f"OpenFace saw {n_faces} faces: kept {number}, in {len(chosen)} frames",)
    return (
        f"OpenFace gave {n_faces} faces numbers that change: followed one person by place, in "
        f"{len(chosen)} frames; the number (face_id) of that person changes at {_frames(changes)}",
    )


def _frames(frames: "tuple[int, ...] | list[int]") -> str:
    named = ", ".join(str(frame) for frame in frames[:_FRAMES_NAMED])
    more = f" and {len(frames) - _FRAMES_NAMED} more" if len(frames) > _FRAMES_NAMED else ""
    return f"frame{'s' if len(frames) > 1 else ''} {named}{more}"
