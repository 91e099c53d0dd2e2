"""How drawn people move: parameters of :mod:`napari_mespot.learning.drawn_shape`.

Free of torch and OpenCV. Sizes are in pixels of the 112 px aligned frame. A pair of numbers is a
range: of log-uniform draws where it is a `LogRange` (lengths and sizes, which vary by factors),
of uniform draws where it is a `UniformRange`.
"""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

__all__ = [
    "ChainParams",
    "DisturbanceParams",
    "DrawnExpressionParams",
    "DrawnShapeParams",
    "EyeParams",
    "HeadParams",
    "LogRange",
    "Mode",
    "ModeShares",
    "Part",
    "SpeechParams",
    "StreamParams",
    "UniformRange",
]

Mode = Literal["apart", "chain", "talk", "still", "mixed", "calm"]
"""What a drawn person does in a sequence."""

Part = Literal["chains", "held", "head", "speech"]
"""What can be left out, to see what it is worth."""


def _ordered(bounds: tuple[float, float]) -> tuple[float, float]:
    if not bounds[0] <= bounds[1]:
        raise ValueError(f"Expected a range from low to high, got {bounds}")
    return bounds


def _positive(bounds: tuple[float, float]) -> tuple[float, float]:
    if not 0 < bounds[0] <= bounds[1]:
        raise ValueError(f"Expected a range from low to high above 0, got {bounds}")
    return bounds


def _not_negative(bounds: tuple[float, float]) -> tuple[float, float]:
    if not 0 <= bounds[0] <= bounds[1]:
        raise ValueError(f"Expected a range from low to high, 0 or above, got {bounds}")
    return bounds


UniformRange = Annotated[tuple[float, float], AfterValidator(_ordered)]
LogRange = Annotated[tuple[float, float], AfterValidator(_positive)]
_Share = Annotated[float, Field(ge=0, le=1)]
_Rate = Annotated[
    tuple[float, float], AfterValidator(_not_negative), Field(description="times a second")
]


class ModeShares(BaseModel):
    """How often each mode is drawn; the shares count in relation to their sum."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    apart: float = Field(0.22, ge=0, description="expressions with rest between them")
    chain: float = Field(0.25, ge=0, description="expressions that follow at once")
    talk: float = Field(0.18, ge=0, description="speech, with expressions meanwhile")
    still: float = Field(0.10, ge=0, description="no expression")
    mixed: float = Field(0.12, ge=0, description="chains, rest and speech in turn")
    calm: float = Field(0.13, ge=0, description="small expressions of a face held still")

    @model_validator(mode="after")
    def _some(self) -> Self:
        if sum(self.model_dump().values()) <= 0:
            raise ValueError("Expected a share above 0 for one mode or more")
        return self


class DrawnExpressionParams(BaseModel):
    """Length and size of expressions. Strength 1 is a plain expression of about 3 to 5 px."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    brief_share: _Share = 0.36
    brief_s: LogRange = (0.17, 0.5)
    usual_s: LogRange = (0.5, 4.0)
    held_share: _Share = 0.07
    held_s: LogRange = (3.0, 8.0)
    calm_brief_share: _Share = Field(0.4, description="made brief besides, where a face is calm")
    talk_shortest_s: float = Field(0.4, gt=0, description="while somebody talks")
    talk_short_s: LogRange = Field((0.4, 2.0), description="in place of what is shorter than that")
    strength: LogRange = (0.12, 1.2)
    faint_share: _Share = 0.25
    faint_strength: LogRange = (0.06, 0.4)
    brief_faint_share: _Share = 0.6
    brief_faint_strength: LogRange = (0.08, 0.5)
    calm_brief_strength: LogRange = (0.1, 0.6)
    talk_strength: LogRange = (0.35, 1.2)
    least_px: LogRange = Field((1.0, 2.5), description="of the signal that moves most")
    brief_least_px: LogRange = Field((0.9, 2.2), description="the same of a brief one")
    one_sided_share: _Share = 0.2
    laughter_share: _Share = Field(0.07, description="of those above 0.6 s; shakes at 3 to 5.5 Hz")
    wobble: float = Field(0.12, ge=0, lt=1, description="largest relative tremor while held")
    first_s: UniformRange = Field((0.1, 3.0), description="when the first one begins")
    rest_s: LogRange = Field((0.4, 7.0), description="between expressions apart")
    visible_px: float = Field(
        0.35, gt=0, description="movement from which it counts, of the signal that moves most"
    )
    visible_part: UniformRange = Field(
        (0.05, 0.25), description="limits of that, as parts of the strength"
    )
    shortest_s: float = Field(0.09, gt=0, description="what is seen for less is not drawn")
    unseen_share: _Share = Field(
        0.0, description="of small ones: seen in part by the mesh, whole by the two streams"
    )
    unseen_share_large: _Share = 0.0
    unseen_small_px: float = Field(3.5, ge=0, description="below which one is small")
    unseen_part: UniformRange = Field((0.0, 0.6), description="that the mesh does not see")

    @model_validator(mode="after")
    def _parts(self) -> Self:
        if self.brief_share + self.held_share > 1:
            raise ValueError("Expected brief_share + held_share <= 1")
        return self


class ChainParams(BaseModel):
    """Expressions that follow one another at once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start_share: _Share = Field(
        0.3, description="chance after each expression, where somebody talks or does both"
    )
    end_share: _Share = Field(0.4, description="chance after each expression, in mode mixed")
    unreturned_share: _Share = Field(
        0.41, description="that begin before the one before has gone; the rest touch neutral"
    )
    overlap_s: UniformRange = (0.0, 0.35)
    overlap_part: _Share = Field(0.45, description="largest overlap, of the length of the first")
    gap_s: UniformRange = (0.0, 0.5)


class SpeechParams(BaseModel):
    """Speech: syllables of chin and lips that run into each other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    share_talking: _Share = Field(1.0, description="of the sequences in which somebody talks")
    share_otherwise: _Share = 0.15
    mixed_share: _Share = Field(0.5, description="of mode mixed in which somebody talks")
    size: LogRange = (0.2, 2.2)
    size_otherwise: LogRange = (0.2, 1.2)
    stretch_s: LogRange = (0.8, 12.0)
    pause_s: LogRange = (0.2, 4.0)
    pause_otherwise_s: LogRange = (0.2, 20.0)
    syllable_s: UniformRange = Field((0.05, 0.11), description="standard deviation in time")
    sentence_s: LogRange = Field(
        (0.15, 0.6),
        description="the same of corners of the mouth, which follow the sentence",
    )
    sentence_part: UniformRange = Field(
        (0.1, 0.5), description="its size, as part of a smile of size 1"
    )


class EyeParams(BaseModel):
    """Blinks, gaze, and small movements of throat and nose."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    blinks_hz: _Rate = (0.0, 0.7)
    blink_s: LogRange = (0.12, 0.6)
    blink_px: UniformRange = Field((1.5, 4.5), description="by which the lids close")
    half_blink_share: _Share = 0.3
    half_blink_part: UniformRange = (0.3, 1.0)
    gazes_hz: _Rate = (0.0, 0.4)
    gaze_s: LogRange = (0.15, 3.0)
    swallows_hz: _Rate = (0.0, 0.12)
    swallow_s: LogRange = (0.25, 1.2)


class HeadParams(BaseModel):
    """Movement of the head, and what of it shows in the shape."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    moving_share: _Share = Field(1.0, description="of people; the head of the others is still")
    sway_deg: LogRange = (0.1, 5.0)
    calm_sway_deg: LogRange = (0.05, 0.6)
    sway_s: UniformRange = Field((0.4, 2.0), description="standard deviation in time")
    talk_factor: float = Field(1.5, ge=0, description="more sway while somebody talks")
    turns_hz: _Rate = (0.0, 0.25)
    turn_deg: tuple[float, float, float] = Field(
        (6.0, 11.0, 4.0), description="standard deviation of pitch, yaw and roll"
    )
    turn_s: LogRange = Field((0.2, 1.2), description="to turn, and to turn back")
    turned_s: LogRange = (0.3, 6.0)
    leakage: LogRange = Field(
        (0.5, 2.2), description="about 0.08 px a degree times this; the mesh is not quite rigid"
    )


class DisturbanceParams(BaseModel):
    """What the mesh measures although the face does not do it, and faces that differ."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    drift_px: LogRange = (0.055, 0.56)
    calm_drift_px: LogRange = (0.033, 0.135)
    drift_s: UniformRange = (1.5, 6.0)
    noise_px: LogRange = (0.03, 0.35)
    calm_noise_px: LogRange = (0.02, 0.09)
    shifts_hz: _Rate = (0.0, 0.15)
    shift_px: LogRange = Field((0.1, 0.7), description="slow changes of light or pose")
    hands_hz: float = Field(0.015, ge=0, description="how often a hand hides the face")
    hand_s: LogRange = (0.3, 2.5)
    identity: float = Field(1.0, ge=0, description="how far faces at rest differ; 1: as measured")
    resting_share: _Share = Field(0.25, description="of faces that rest in an expression")
    resting_strength: UniformRange = (0.05, 0.5)
    open_mouth_share: _Share = 0.2


class StreamParams(BaseModel):
    """The logits of the two-stream network, by what it does on faces of people.

    It compares frames at fixed distances: any movement lifts MaE, a brief small one that stands
    alone lifts ME.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    skips_s: tuple[float, ...] = Field((0.633, 1.267), min_length=1)
    rest_logits: tuple[float, float] = Field((-5.5, -5.0), description="ME and MaE at rest")
    me_logit: tuple[float, float] = Field(
        (8.0, 1.6), description="mean and standard deviation of the rise at a clear ME"
    )
    me_longest_s: float = Field(0.55, gt=0, description="longer ones do not lift ME")
    me_largest_px: float = Field(6.0, gt=0, description="nor larger ones")
    me_missed_share: _Share = 0.07
    me_false_hz: float = Field(0.02, ge=0)
    mae_logit: float = Field(6.3, ge=0, description="rise of MaE at large movement of any kind")
    mae_knows: UniformRange = Field(
        (0.3, 1.0), description="how well MaE tells an expression from other movement; 0: not"
    )


class DrawnShapeParams(BaseModel):
    """How people are drawn whose expressions are known exactly."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    length_s: LogRange = Field((3.0, 60.0), description="of a sequence, cut at longest_s")
    longest_s: float = Field(30.0, gt=0)
    frame_rates: tuple[float, ...] = Field(
        (12, 15, 24, 25, 25, 30, 30, 30, 50, 60),
        min_length=1,
        description="drawn from; one that stands here twice comes twice as often",
    )
    modes: ModeShares = ModeShares()
    calm_share: _Share = Field(0.25, description="of modes apart and still held as still as calm")
    expressions: DrawnExpressionParams = DrawnExpressionParams()
    chains: ChainParams = ChainParams()
    speech: SpeechParams = SpeechParams()
    eyes: EyeParams = EyeParams()
    head: HeadParams = HeadParams()
    disturbances: DisturbanceParams = DisturbanceParams()
    streams: StreamParams = StreamParams()

    @model_validator(mode="after")
    def _rates(self) -> Self:
        if not all(1 <= rate <= 1000 for rate in self.frame_rates):
            raise ValueError(f"Expected frame_rates from 1 to 1000, got {self.frame_rates}")
        return self

    def without(self, *parts: Part) -> "DrawnShapeParams":
        """Return these parameters with some of what people do left out.

        ``"chains"``: expressions stand apart. ``"held"``: none is longer than 2 s. ``"head"``: no
        head moves. ``"speech"``: nobody's mouth moves in speech; expressions stay as they are.

        Raises
        ------
        ValueError
            If chains are left out and no other mode is drawn.
        """
        changes = {part: self._left_out(part) for part in parts}
        return self.model_copy(update={k: v for some in changes.values() for k, v in some.items()})

    def _left_out(self, part: Part) -> dict[str, BaseModel]:
        if part == "chains":
            modes = ModeShares(**{**self.modes.model_dump(), "chain": 0.0})
            return {
                "modes": modes,
                "chains": self.chains.model_copy(update={"start_share": 0.0}),
            }
        if part == "held":
            low, high = self.expressions.usual_s
            update = {"held_share": 0.0, "usual_s": (min(low, 2.0), min(high, 2.0))}
            return {"expressions": self.expressions.model_copy(update=update)}
        if part == "head":
            return {"head": self.head.model_copy(update={"moving_share": 0.0})}
        silent = {"share_talking": 0.0, "share_otherwise": 0.0}
        return {"speech": self.speech.model_copy(update=silent)}
