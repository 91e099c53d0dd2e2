"""Follow one face through a video: start, register, check, re-key, restart, lost, found again.

Who is followed is decided, and doubted now and then, by a :class:`.watch.Watch`.

Landmarks start the tracking and check it now and then; registration holds the face still in
between. All transforms here lead from the video frame to the 112×112 aligned frame.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from napari_mespot.face.choice import FaceChoice
from napari_mespot.face.detection import Detection, FaceDetector
from napari_mespot.face.geometry import (
    apply_transform,
    compose,
    fit_similarity,
    frame_face,
    invert,
)
from napari_mespot.face.landmarks import (
    Landmarker,
    Landmarks,
    region_of_detection,
    region_of_points,
)
from napari_mespot.face.params import AlignParams
from napari_mespot.face.registration import Registered
from napari_mespot.face.template import Template
from napari_mespot.face.tracked import TrackedFrame
from napari_mespot.face.watch import Known, Watch

__all__ = ["FaceTracker", "TrackCounts"]

_IDENTITY = np.eye(2, 3)
# Eyes and mouth in the aligned frame: where a disagreement with the landmarks is measured.
_PROBES = np.array([[33.0, 29.0], [79.0, 29.0], [56.0, 75.0]])
_LOOK_EVERY_S, _FEWEST_BETWEEN, _LOOKS_A_CLIP = 2.0, 10, 8
_LARGEST_SPEED_PX = 6.0


@dataclass(slots=True)
class TrackCounts:
    """How often each thing happened; for the summary and for benchmarks."""

    starts: int = 0
    rekeys: int = 0
    restarts: int = 0
    losses: int = 0
    checks: int = 0
    iterations: int = 0
    registered: int = 0
    faces_at_start: int = 0
    start_box: NDArray[np.float64] | None = None
    start_frame: int = -1


@dataclass(slots=True, eq=False)
class _Track:
    """A face that is being followed."""

    transform: NDArray[np.float64]
    points: NDArray[np.float64]  # this person's 468 landmarks in the aligned frame
    template: Template
    speed: NDArray[np.float64] = field(default_factory=_IDENTITY.copy)
    since_check: int = 0


class FaceTracker:
    """Follows one face; feed it every frame in order.

    Parameters
    ----------
    params
        How to align.
    frame_rate
        Frames per second; turns the check interval into frames.
    n_frames
        Length of the video: all faces are looked for every two seconds, but eight times in a
        short clip.
    follow
        Which face to follow, or what a first pass found.

    Raises
    ------
    NoFaceError
        If the face models are missing.
    """

    def __init__(
        self,
        params: AlignParams,
        frame_rate: float,
        n_frames: int | None = None,
        follow: FaceChoice | Known | None = None,
    ) -> None:
        self.params = params
        self.counts = TrackCounts()
        self._check_frames = max(1, round(params.check_interval_s * frame_rate))
        self._detector = FaceDetector(params.min_detection_score)
        self._landmarker = Landmarker(params.min_landmark_score)
        often = round(_LOOK_EVERY_S * frame_rate)
        often = often if n_frames is None else min(often, n_frames // _LOOKS_A_CLIP)
        self.watch = Watch(
            self._detector,
            self._landmarker,
            max(_FEWEST_BETWEEN, often),
            follow or FaceChoice(),
        )
        self._checked: tuple[int, Landmarks] | None = None
        self._track: _Track | None = None
        self._lost_for = 0
        self._last = TrackedFrame(False, 0.0, _IDENTITY, 0)
        self._last_box: NDArray[np.float64] | None = None
        self._frame = -1

    def update(self, image: NDArray[np.uint8] | None, *, sudden: bool = False) -> TrackedFrame:
        """Take the next grey frame, (H, W) uint8, or None if it could not be decoded.

        `sudden` says that the picture is suddenly another one: nothing is smoothed across.
        """
        self._frame += 1
        if image is None:
            self._last = self._not_found()
        elif self._track is None:
            self._last = self._start(image)
        elif self.params.method == "landmarks":
            self._last = self._follow_by_landmarks(image, self._track)
        else:
            self._last = self._follow(image, self._track)
        if sudden and self._last.found:
            self._last = replace(self._last, segment=self._last.segment + 1)
        if image is not None:
            self._look_around(image, sudden=sudden)
        return self._last

    def _look_around(self, image: NDArray[np.uint8], *, sudden: bool) -> None:
        """Look for all faces if it is time, and go over to a better one."""
        if not (sudden or self.watch.is_due(self._frame)):
            return
        followed = None
        if self._track is not None:
            if not sudden and self._can_wait():
                return
            followed = self._landmarks_now(image, self._track)
            if followed is None:
                return
        better = self.watch.look_around(image, self._frame, followed, sudden=sudden)
        if better is not None:
            self._track = None
            self._last = self._start_with(image, [better])

    def _can_wait(self) -> bool:
        """Whether the landmarks will be measured anyway in a frame that is soon to come."""
        is_checked = self._checked is not None and self._checked[0] == self._frame
        registers = self.params.method == "registration"
        return registers and not is_checked and not self.watch.is_asked(self._frame)

    def _landmarks_now(self, image: NDArray[np.uint8], track: _Track) -> Landmarks | None:
        """Return the landmarks of the face that is followed, in this frame."""
        if self._checked is not None and self._checked[0] == self._frame:
            return self._checked[1]
        expected = apply_transform(invert(track.transform), track.points)
        return self._landmarker.measure(image, region_of_points(expected))

    # -- starting ---------------------------------------------------------------------------

    def _start(self, image: NDArray[np.uint8]) -> TrackedFrame:
        """Look for a face in the whole frame."""
        tiles = self._lost_for % self._check_frames == 0
        self._lost_for += 1
        faces = self._detector.detect(image, tiles=tiles)
        if not faces:
            if tiles:
                self.watch.look_upside_down(image)
            return self._not_found()
        started = self._start_with(image, faces)
        if not started.found and tiles:
            # Those found at once are other people; the one to follow may be smaller.
            started = self._start_with(image, self._detector.detect_finely(image))
        return started

    def _start_with(self, image: NDArray[np.uint8], faces: list[Detection]) -> TrackedFrame:
        """Start with one of the faces detected."""
        chosen = self.watch.choose(image, self._frame, faces, self._last_box)
        if chosen is None:
            return self._not_found()
        face, landmarks = chosen
        if self.counts.starts == 0:
            self._note_start(image, face, faces)
        self.counts.starts += 1
        self._lost_for = 0
        self._last_box = landmarks.box
        self._checked = (self._frame, landmarks)
        transform = frame_face(landmarks.points)
        points = apply_transform(transform, landmarks.points[:, :2])
        self._track = _Track(transform, points, Template(image, transform))
        return self._new_segment(transform, landmarks.score)

    def _note_start(
        self, image: NDArray[np.uint8], kept: Detection, faces: list[Detection]
    ) -> None:
        """Remember which face was chosen, and among how many that show landmarks."""
        others = [region_of_detection(face) for face in faces if face is not kept]
        real = [part for part in others if self._landmarker.measure(image, part) is not None]
        self.counts.faces_at_start = 1 + len(real)
        self.counts.start_box, self.counts.start_frame = kept.box, self._frame

    # -- following --------------------------------------------------------------------------

    def _follow(self, image: NDArray[np.uint8], track: _Track) -> TrackedFrame:
        """Register the frame, and check it by landmarks when due or in doubt."""
        found = self._register(image, track)
        track.since_check += 1
        doubtful = found.ncc < track.template.limit(self.params.rekey_ncc)
        if track.since_check >= self._check_frames or doubtful:
            checked = self._check(image, track, found)
            if checked is None:
                return self._start_again(image)
            found, broken = checked
            if broken:
                track.speed = _IDENTITY
                track.transform = found.transform
                return self._new_segment(found.transform, found.ncc)
        track.speed = _speed(found.transform, track.transform)
        track.transform = found.transform
        track.template.learn(image, found)
        return TrackedFrame(True, _unit(found.ncc), found.transform, self._last.segment)

    def _register(self, image: NDArray[np.uint8], track: _Track) -> Registered:
        """Register from where the face should be now; if that fails, from where it was."""
        found = self._run(image, track, compose(track.speed, track.transform))
        if found.ncc < track.template.limit(self.params.rekey_ncc):
            slower = self._run(image, track, track.transform)
            found = slower if slower.ncc > found.ncc else found
        return found

    def _run(
        self, image: NDArray[np.uint8], track: _Track, start: NDArray[np.float64]
    ) -> Registered:
        found = track.template.register(image, start)
        self.counts.registered += 1
        self.counts.iterations += found.iterations
        return found

    def _check(
        self, image: NDArray[np.uint8], track: _Track, found: Registered
    ) -> tuple[Registered, bool] | None:
        """Compare with the landmarks; return the result and whether tracking broke, or None.

        None means that no face is there any more.
        """
        params, template = self.params, track.template
        track.since_check = 0
        lost = found.ncc < template.limit(params.lost_ncc)
        landmarks = self._landmarks_near(image, track, track.transform if lost else found.transform)
        if landmarks is None:
            return None if lost else (found, False)
        by_landmarks = fit_similarity(landmarks.points[:, :2], track.points)
        apart = apply_transform(compose(found.transform, invert(by_landmarks)), _PROBES) - _PROBES
        if lost or np.abs(apart).max() > params.max_deviation_px:
            return self._restart(image, track, landmarks), True
        if found.ncc < template.limit(params.rekey_ncc):
            self.counts.rekeys += 1
            track.template = Template(image, found.transform)
        return found, False

    def _restart(self, image: NDArray[np.uint8], track: _Track, landmarks: Landmarks) -> Registered:
        """Place the face by its landmarks, and register from there."""
        self.counts.restarts += 1
        # The landmarks were measured where the face was not: measure them where they say it is.
        settled = self._landmarker.measure_careful(image, region_of_points(landmarks.points))
        points = (settled or landmarks).points
        by_landmarks = fit_similarity(points[:, :2], track.points)
        found = self._run(image, track, by_landmarks)
        if found.ncc >= track.template.limit(self.params.rekey_ncc):
            return found
        if found.ncc < track.template.limit(self.params.lost_ncc):
            found = Registered(by_landmarks, landmarks.score, 0)
        track.template = Template(image, found.transform)
        return found

    def _landmarks_near(
        self, image: NDArray[np.uint8], track: _Track, transform: NDArray[np.float64]
    ) -> Landmarks | None:
        """Measure the landmarks where `transform` says the face is."""
        self.counts.checks += 1
        expected = apply_transform(invert(transform), track.points)
        landmarks = self._landmarker.measure(image, region_of_points(expected))
        if landmarks is not None:
            self._last_box = landmarks.box
            self._checked = (self._frame, landmarks)
        return landmarks

    def _follow_by_landmarks(self, image: NDArray[np.uint8], track: _Track) -> TrackedFrame:
        """Fit the frame's own 24 rigid landmarks, as OpenFace does."""
        landmarks = self._landmarks_near(image, track, track.transform)
        if landmarks is None:
            return self._start_again(image)
        track.transform = frame_face(landmarks.points)
        track.points = apply_transform(track.transform, landmarks.points[:, :2])
        return TrackedFrame(True, landmarks.score, track.transform, self._last.segment)

    # -- losing -----------------------------------------------------------------------------

    def _start_again(self, image: NDArray[np.uint8]) -> TrackedFrame:
        """Give up the face where it was, and look for it elsewhere in the same frame."""
        self.counts.losses += 1
        self._track = None
        self._lost_for = 0
        return self._start(image)

    def _not_found(self) -> TrackedFrame:
        return TrackedFrame(False, 0.0, self._last.transform, self._last.segment)

    def _new_segment(self, transform: NDArray[np.float64], confidence: float) -> TrackedFrame:
        return TrackedFrame(True, _unit(confidence), transform, self._last.segment + 1)


def _speed(now: NDArray[np.float64], before: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the motion of one frame, or none if it is too large to be trusted."""
    motion = compose(now, invert(before))
    moved = apply_transform(motion, _PROBES) - _PROBES
    return motion if np.abs(moved).max() <= _LARGEST_SPEED_PX else _IDENTITY


def _unit(value: float) -> float:
    return min(1.0, max(0.0, float(value)))
