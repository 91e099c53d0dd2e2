"""What moves the signals of a face beside expressions: speech, eyes, head, hands and the mesh.

Each function adds to the signals of the form, (n, 23) in pixels, in place.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from napari_mespot.learning.drawn_shape_courses import (
    draw_course,
    log_uniform,
    occasions,
    plateau,
    smooth_noise,
    uniform,
)
from napari_mespot.learning.drawn_shape_events import Situation
from napari_mespot.learning.drawn_shape_params import (
    DisturbanceParams,
    EyeParams,
    HeadParams,
    SpeechParams,
)
from napari_mespot.learning.drawn_shape_units import (
    N_FORM,
    PAIRS,
    columns_of,
    draw_effect,
    draw_expression_effect,
    per_signal,
)

__all__ = [
    "add_blinks",
    "add_gazes",
    "add_hands",
    "add_head",
    "add_measurement",
    "add_person",
    "add_speech",
    "add_swallows",
    "draw_head",
]

_Array = NDArray[np.float64]
_Random = np.random.Generator

_BROW_INNER = columns_of("brow_inner")
_BROW_OUTER = columns_of("brow_outer")
_BROW_GAP = columns_of("brow_gap")
_BROWS = _BROW_INNER + _BROW_OUTER
_LIDS = columns_of("lids_open")
_CHEEKS = columns_of("cheek")
_WINGS = columns_of("nose_wing")
_UP, _OUT = columns_of("mouth_corner_up"), columns_of("mouth_corner_out")
_CHIN, _LOWER_LIP = columns_of("chin_down"), columns_of("lower_lip_down")
_APART, _FORWARD = columns_of("lips_apart"), columns_of("mouth_forward")
_UPPER_FACE = _BROWS + _BROW_GAP + _LIDS + _CHEEKS
_ABOVE_MOUTH = _UPPER_FACE + _WINGS

# The mesh holds brows, lids and nose steadier than mouth and chin.
_DRIFT = np.ones(N_FORM)
_DRIFT[_ABOVE_MOUTH] = 0.6
_SHIFT = np.ones(N_FORM)
_SHIFT[_ABOVE_MOUTH] = 0.5
_NOISE = per_signal({
    "brow_inner": 0.7, "brow_outer": 0.6, "brow_gap": 0.55, "lids_open": 0.7, "cheek": 0.35,
    "nose_wing": 0.55, "mouth_corner_up": 1.3, "mouth_corner_out": 1.1, "upper_lip_up": 0.9,
    "lower_lip_down": 2, "lips_apart": 1.4, "upper_lip_height": 0.4, "lower_lip_height": 0.5,
    "chin_down": 1.6, "mouth_to_left": 0.5, "mouth_forward": 0.9,
})  # fmt: skip
# Standard deviation of faces at rest, from person to person.
_IDENTITY = per_signal({
    "brow_inner": 1.9, "brow_outer": 1.45, "brow_gap": 1.3, "lids_open": 1, "cheek": 0.8,
    "nose_wing": 1.2, "mouth_corner_up": 2.4, "mouth_corner_out": 2, "upper_lip_up": 1.6,
    "lower_lip_down": 2.4, "lips_apart": 1, "upper_lip_height": 0.8, "lower_lip_height": 0.9,
    "chin_down": 2.6, "mouth_to_left": 0.3, "mouth_forward": 1.8,
})  # fmt: skip


def add_speech(form: _Array, situation: Situation, params: SpeechParams, rng: _Random) -> None:
    """Add speech: chin, lips and corners of the mouth in syllables that run into each other."""
    talking = situation.talking
    if rng.random() >= (params.share_talking if talking else params.share_otherwise):
        return
    size = log_uniform(rng, params.size if talking else params.size_otherwise)
    pause = params.pause_s if talking else params.pause_otherwise_s
    n, rate = len(form), situation.frame_rate
    loud = np.zeros(n)
    at = rng.uniform(-2, 4)
    while at < situation.end_s:
        length = log_uniform(rng, params.stretch_s)
        stretch = plateau(situation.times, (at, at + length), 0.25, 0.25)
        loud[stretch.frames] = np.maximum(loud[stretch.frames], stretch.values)
        at += length + log_uniform(rng, pause)
    syllable = uniform(rng, params.syllable_s) * rate
    open_ = np.abs(smooth_noise(rng, n, syllable)) - 0.3
    # Unit, size and how much slower than the syllables it goes: the mouth is wide or round for
    # some sounds and pressed for others, corners and brows follow the sentence.
    parts = ((20, 0.3, 1.3), (18, 0.3, 1.2), (24, 0.25, 1.0))
    slow_s = log_uniform(rng, params.sentence_s)
    sentence = (
        (12, uniform(rng, params.sentence_part), slow_s),
        (20, uniform(rng, params.sentence_part) / 2, slow_s),
        (2, 0.12 * rng.random(), 0.3),
    )
    moves = [smooth_noise(rng, n, syllable * slower) for _, _, slower in parts]
    moves += [smooth_noise(rng, n, seconds * rate) for _, _, seconds in sentence]
    effects = [draw_effect((unit,), rng) * part for unit, part, _ in (*parts, *sentence)]
    speech = np.hstack([open_, *moves]) @ np.stack([draw_effect((26,), rng) * 0.55, *effects])
    form += size * loud[:, None] * speech


def add_blinks(form: _Array, situation: Situation, params: EyeParams, rng: _Random) -> None:
    """Add blinks: the lids, and what the mesh lets go with them, the same for all of a person."""
    rate = uniform(rng, params.blinks_hz)
    coupled = _coupled_with_lids(rng)
    for onset in occasions(rng, rate, (-0.2, situation.end_s)):
        span = (onset, onset + log_uniform(rng, params.blink_s))
        course = draw_course(situation.times, span, rng)
        closed = uniform(rng, params.blink_px)
        if rng.random() < params.half_blink_share:
            closed *= uniform(rng, params.half_blink_part)
        effect = closed * (coupled * rng.uniform(0.5, 1.4) + rng.normal(0, 0.05, N_FORM))
        effect[_LIDS] = -closed * (1 + rng.normal(0, 0.06, 2))
        course.add_to(form, effect)


def _coupled_with_lids(rng: _Random) -> _Array:
    """Draw what moves with the lids, in parts of their closure; measured on blinks."""
    coupled = np.zeros(N_FORM)
    brow = rng.normal(0.2, 0.35)
    coupled[_BROW_INNER] = brow
    coupled[_BROW_OUTER] = brow * rng.uniform(0.2, 0.9)
    coupled[_BROW_GAP] = brow * rng.uniform(0.2, 0.8)
    for columns, mean, deviation in (
        (_CHEEKS, 0.03, 0.1),
        (_WINGS, 0.0, 0.12),
        (_UP, 0.0, 0.15),
        (_OUT, 0.1, 0.15),
        (_CHIN, 0.15, 0.3),
        (_LOWER_LIP, 0.05, 0.2),
        (_APART, 0.0, 0.1),
        (_FORWARD, -0.1, 0.25),
    ):
        coupled[columns] = rng.normal(mean, deviation)
    return coupled


def add_gazes(form: _Array, situation: Situation, params: EyeParams, rng: _Random) -> None:
    """Add glances away and back: the lids follow the eyes, brows a little."""
    for onset in occasions(rng, uniform(rng, params.gazes_hz), (0, situation.end_s)):
        span = (onset, onset + log_uniform(rng, params.gaze_s))
        effect = np.zeros(N_FORM)
        for columns, mean, deviation in (
            (_LIDS, -0.3, 0.9),
            (_BROWS, 0.0, 0.35),
            (_CHEEKS, 0.0, 0.15),
        ):
            effect[columns] = rng.normal(mean, deviation)
        plateau(situation.times, span, 0.08, 0.1).add_to(form, effect)


def add_swallows(form: _Array, situation: Situation, params: EyeParams, rng: _Random) -> None:
    """Add swallowing, sniffing and small movements of the mouth."""
    for onset in occasions(rng, uniform(rng, params.swallows_hz), (0, situation.end_s)):
        span = (onset, onset + log_uniform(rng, params.swallow_s))
        effect = rng.normal(0, 0.15, N_FORM)
        effect[_UPPER_FACE] *= 0.3
        for columns, deviation in ((_CHIN, 0.7), (_LOWER_LIP, 0.4), (_WINGS, 0.3)):
            effect[columns] += rng.normal(0, deviation)
        draw_course(situation.times, span, rng, wobble=0.12).add_to(form, effect)


def draw_head(situation: Situation, params: HeadParams, rng: _Random) -> _Array:
    """Draw pitch, yaw and roll of the head: it sways, and turns away and back; (n, 3), degrees."""
    n = len(situation.times)
    if rng.random() >= params.moving_share:
        return np.zeros((n, 3))
    sway = 0.6 * log_uniform(rng, params.calm_sway_deg if situation.calm else params.sway_deg)
    if situation.talking:
        sway *= params.talk_factor
    slow = smooth_noise(rng, n, uniform(rng, params.sway_s) * situation.frame_rate, 3)
    angles = slow * sway * np.array([0.7, 1, 0.4])
    rate = 0.0 if situation.calm else uniform(rng, params.turns_hz)
    for onset in occasions(rng, rate, (-2, situation.end_s)):
        stays, turns = log_uniform(rng, params.turned_s), log_uniform(rng, params.turn_s)
        course = plateau(situation.times, (onset, onset + stays + turns), turns, turns)
        course.add_to(angles, rng.normal(0, 1, 3) * params.turn_deg)
    return np.asarray(angles)


def add_head(
    form: _Array, angles: _Array, situation: Situation, params: HeadParams, rng: _Random
) -> None:
    """Add what of the pose, (n, 3), shows in the form: the mesh is not quite rigid."""
    size = log_uniform(rng, params.leakage)
    linear, square = rng.normal(0, 0.08, (3, N_FORM)), rng.normal(0, 0.003, (3, N_FORM))
    linear[:, _FORWARD] *= 3
    linear[0, _BROWS] += rng.normal(-0.06, 0.06)
    linear[0, _BROW_GAP] -= 0.05
    right, left = np.array(PAIRS).T
    # Nodding moves both sides alike, turning the head moves them against each other.
    linear[0, right] = linear[0, left] = (linear[0, right] + linear[0, left]) / 2
    linear[1, left] = -linear[1, right] + rng.normal(0, 0.015, len(PAIRS))
    linear[:, _LOWER_LIP + _CHIN + _APART] *= 1.6
    form += size * (angles @ linear + angles**2 @ square)
    if len(angles) > 1:
        speed = np.abs(np.gradient(angles, axis=0)).sum(axis=1) * situation.frame_rate
        form += speed[:, None] * rng.normal(0, 0.002, N_FORM)


def add_measurement(
    form: _Array, situation: Situation, params: DisturbanceParams, rng: _Random
) -> None:
    """Add drift, noise and slow shifts of the measurement."""
    n, rate, calm = len(form), situation.frame_rate, situation.calm
    drift = log_uniform(rng, params.calm_drift_px if calm else params.drift_px)
    form += smooth_noise(rng, n, uniform(rng, params.drift_s) * rate, N_FORM) * drift * _DRIFT
    # Noise from frame to frame, noise that the tracking of the mesh smooths, and noise that many
    # signals share since they share the fit of the pose.
    noise = log_uniform(rng, params.calm_noise_px if calm else params.noise_px) * _NOISE
    tracked = gaussian_filter1d(rng.normal(size=(n, N_FORM)), 0.06 * rate + 0.3, axis=0)
    form += noise * (0.6 * rng.normal(size=(n, N_FORM)) + 1.2 * tracked)
    shared = rng.normal(0, 1, (3, N_FORM)) * noise * 0.6
    form += smooth_noise(rng, n, 0.15 * rate, 3) @ shared
    for onset in occasions(rng, uniform(rng, params.shifts_hz), (-1, situation.end_s)):
        ramp, stays = log_uniform(rng, (0.7, 3)), log_uniform(rng, (0.3, 6))
        course = plateau(situation.times, (onset, onset + stays + ramp), ramp, ramp)
        size = log_uniform(rng, params.shift_px)
        course.add_to(form, rng.normal(0, 1, N_FORM) * _SHIFT * size)


def add_hands(form: _Array, situation: Situation, params: DisturbanceParams, rng: _Random) -> None:
    """Add hands that hide a part of the face: the mesh is somewhere, and restless."""
    for onset in occasions(rng, params.hands_hz, (0, situation.end_s)):
        span = (onset, onset + log_uniform(rng, params.hand_s))
        course = plateau(situation.times, span, 0.15, 0.15)
        if not len(course.values):
            continue
        off, restless = rng.normal(0, 1.5, N_FORM), rng.uniform(0.3, 1.5)
        noise = smooth_noise(rng, len(course.values), 0.1 * situation.frame_rate, N_FORM)
        form[course.frames] += course.values[:, None] * (off + restless * noise)


def add_person(form: _Array, params: DisturbanceParams, rng: _Random) -> None:
    """Add the face at rest of a person, and keep lids and lips from crossing."""
    resting = rng.normal(size=N_FORM) * _IDENTITY
    for right, left in PAIRS:
        resting[[right, left]] = 1.3 * resting[[right, left]].mean() + rng.normal(0, 0.2, 2)
    open_mouth = rng.random() < params.open_mouth_share
    resting[_APART] = rng.uniform(0, 4) if open_mouth else abs(rng.normal(0, 0.5))
    form += params.identity * resting
    if rng.random() < params.resting_share:
        form += draw_expression_effect(rng) * uniform(rng, params.resting_strength)
    form[:, _APART] = np.maximum(form[:, _APART], rng.uniform(-0.3, 0.3))
    shut = rng.uniform(-4.6, -2.4)
    form[:, _LIDS] = shut + np.logaddexp(0, (form[:, _LIDS] - shut) * 1.5) / 1.5
