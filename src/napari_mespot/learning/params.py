"""Parameters of training. Free of torch and OpenCV."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from napari_mespot.model import ExpressionKind

__all__ = [
    "AugmentationParams",
    "CalibrationParams",
    "KindCalibrationParams",
    "LossParams",
    "Range",
    "SamplingParams",
    "SequenceParams",
    "SyntheticParams",
    "TrainingParams",
    "ValidationParams",
]


class Range(BaseModel):
    """A range to draw from, ends included."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    low: float
    high: float

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.high < self.low:
            raise ValueError(f"Expected high >= low, got {self.low}..{self.high}")
        return self


class TrainingParams(BaseModel):
    """How long and how fast to learn."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: int = Field(4000, ge=1, description="steps of one cycle")
    cycles: int = Field(1, ge=1, description="cycles; each starts from the average of the last")
    cycle_decay: float = Field(
        0.6, gt=0, le=1, description="peak learning rate of a cycle against that of the one before"
    )
    batch_size: int = Field(64, ge=1)
    learning_rate: float = Field(4e-3, gt=0, description="peak of the one-cycle schedule")
    warmup_fraction: float = Field(0.1, gt=0, lt=1)
    weight_decay: float = Field(1e-3, ge=0)
    gradient_clip: float = Field(5.0, gt=0, description="largest norm of the gradient")
    ema_decay: float = Field(0.998, ge=0, lt=1, description="average of the weights that is kept")
    seed: int = Field(0, ge=0)
    workers: int = Field(0, ge=0, description="processes that make batches ahead")
    log_every_steps: int = Field(50, ge=1)
    save_every_steps: int = Field(200, ge=1)
    amp: bool = Field(False, description="mixed precision (bfloat16), on CUDA devices only")

    @property
    def total_steps(self) -> int:
        """Steps of all cycles together."""
        return self.steps * self.cycles

    def is_save_step(self, step: int) -> bool:
        """Whether the state is to be saved after `step` (0-based)."""
        return (step + 1) % self.save_every_steps == 0 or step + 1 == self.total_steps


class ValidationParams(BaseModel):
    """Which people training is watched on, and when that ends it.

    Validation subjects are taken from those who may be learned from; a subject that is tested
    on is never among them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    subject_share: float = Field(
        0.2, ge=0, lt=1, description="of the people that may be learned from; 0: no validation"
    )
    subjects: int | None = Field(None, ge=0, description="how many people, in place of a share")
    every_steps: int = Field(100, ge=1, description="steps from one look to the next")
    batches: int = Field(4, ge=1, description="batches at each look, always the same")
    patience: int = Field(
        5, ge=0, description="looks without a lower loss after which training ends; 0: never"
    )
    keep_best: bool = Field(
        True, description="keep the weights of the lowest loss; False: the last ones"
    )
    thresholds_on: Literal["all", "validation"] = Field(
        "all", description="whose videos choose thresholds: training and validation, or validation"
    )

    def n_subjects(self, n_people: int) -> int:
        """Return how many of `n_people` are validated on; at least one remains to learn from."""
        wanted = round(self.subject_share * n_people) if self.subjects is None else self.subjects
        if self.subjects is None and self.subject_share > 0:
            wanted = max(1, wanted)
        return max(0, min(wanted, n_people - 1))


class LossParams(BaseModel):
    """Weights of the loss (paper, Eq. 2). The defaults are plain binary cross-entropy.

    The paper uses it for SAMM-LV with ``weight_me=0.9, weight_mae=0.1, positive_weight=3``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    weight_me: float = Field(1.0, ge=0)
    weight_mae: float = Field(1.0, ge=0)
    positive_weight: float = Field(1.0, gt=0)


class AugmentationParams(BaseModel):
    """Changes that leave the label alone (paper, section 4.1); one draw per sample."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    photometric_probability: float = Field(1.0, ge=0, le=1)
    photometric_low: float = Field(0.5, gt=0, description="least contrast, gamma and gain")
    photometric_high: float = Field(1.5, gt=0, description="greatest contrast, gamma and gain")
    flip_probability: float = Field(0.5, ge=0, le=1)
    rotation_deg: float = Field(10.0, ge=0, description="greatest turn either way")


class SamplingParams(BaseModel):
    """Which frames a batch is made of.

    The paper draws frames as they come; here each kind has its share of a batch, since an ME is
    a hundredth of a long video. The calibration afterwards puts the true frequencies right.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    balanced: bool = Field(True, description="False: every frame is as likely as any other")
    share_me: float = Field(0.3, ge=0, le=1, description="of a batch, frames with an ME")
    share_mae: float = Field(0.3, ge=0, le=1, description="of a batch, frames with a MaE")
    share_hard: float = Field(0.1, ge=0, le=1, description="of a batch, hard negatives")
    random_skips: bool = Field(True, description="False: always the skips used for spotting")

    @model_validator(mode="after")
    def _at_most_all(self) -> Self:
        total = self.share_me + self.share_mae + self.share_hard
        if total > 1:
            raise ValueError(f"Expected shares that sum to at most 1, got {total:g}")
        return self


class SyntheticParams(BaseModel):
    """What synthetic clips show, and how often.

    Lengths are in pixels of the 112×112 crop, grey levels of 255. Ranges of amplitudes,
    durations and noise are drawn from log-uniformly, all others uniformly. Rates of
    distractors are per second of a scene.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    faces: int = Field(300, ge=1, description="drawn faces in the bank")
    fields: int = Field(600, ge=1, description="expression fields in the bank")
    texture_share: float = Field(0.2, ge=0, le=1, description="faces that are mere texture")

    micro_duration_s: Range = Range(low=0.14, high=0.5)
    macro_duration_s: Range = Range(low=0.5, high=4.0)
    micro_amplitude_px: Range = Range(low=0.8, high=3.5)
    macro_amplitude_px: Range = Range(low=1.5, high=9.0)

    blink_per_s: float = Field(0.35, ge=0)
    gaze_per_s: float = Field(0.35, ge=0)
    swallow_per_s: float = Field(0.10, ge=0)
    turn_per_s: float = Field(0.15, ge=0)
    speech_probability: float = Field(0.06, ge=0, le=1)
    speech_px: Range = Range(low=0.7, high=5.0)
    swallow_px: Range = Range(low=0.4, high=2.5)
    turn_px: Range = Range(low=0.3, high=4.0)
    turn_s: Range = Range(low=0.2, high=4.0)
    sway_px: Range = Range(low=0.02, high=0.5)
    surroundings_probability: float = Field(0.35, ge=0, le=1)
    surroundings_px: Range = Range(low=0.3, high=8.0)
    light_change: float = Field(0.08, ge=0, description="slow change of light, relative")

    jitter_px: Range = Range(low=0.01, high=0.08)
    noise: Range = Range(low=0.2, high=2.5)
    flicker: float = Field(0.02, ge=0)
    blur_px: float = Field(1.0, ge=0)
    jpeg_probability: float = Field(0.3, ge=0, le=1)
    jpeg_quality: Range = Range(low=70, high=95)


class SequenceParams(BaseModel):
    """Long sequences: how many, how long, how often something is shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    faces: int = Field(24, ge=1, description="drawn faces")
    fields: int = Field(150, ge=1, description="expression fields")
    frame_rates: tuple[int, ...] = Field((30, 200), min_length=1)
    sequences: int = Field(12, ge=1, description="sequences per frame rate")
    duration_s: float = Field(40.0, gt=0)
    gap_s: Range = Range(low=1.5, high=6.0)
    neutral_share: float = Field(0.0, ge=0, le=1, description="sequences without expressions")
    seed: int = Field(1000, ge=0)


class KindCalibrationParams(BaseModel):
    """What is tried for one kind when thresholds are chosen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cutoffs_hz: tuple[float, ...] = Field(min_length=1)
    low_shares: tuple[float, ...] = Field((0.3, 0.5, 0.7), min_length=1)
    merge_gaps_s: tuple[float, ...] = Field(min_length=1)
    thresholds: tuple[float, ...] = Field(
        (0.03, 0.05, 0.07, 0.1, 0.14, 0.2, 0.27, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.93),
        min_length=1,
    )
    min_duration_s: float = Field(ge=0)
    max_duration_s: float = Field(gt=0)
    beta: float | None = Field(
        None, gt=0, description="weight of recall for this kind; None: that of both kinds"
    )


class CalibrationParams(BaseModel):
    """What is tried when thresholds are chosen, and by what they are judged."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    beta: float = Field(
        0.5,
        gt=0,
        description="weight of recall against precision; below 1, false alarms cost more",
    )
    normalisation: Literal["none", "minmax"] = Field(
        "none", description="minmax is the paper's: scores of each video from 0 to 1"
    )
    cut_depths: tuple[float, ...] = Field(
        (0.25,), min_length=1, description="share by which scores fall where a chain is cut"
    )
    me: KindCalibrationParams = KindCalibrationParams(
        cutoffs_hz=(3.0, 5.0, 8.0),
        merge_gaps_s=(0.0, 0.05),
        min_duration_s=0.1,
        max_duration_s=0.5,
    )
    mae: KindCalibrationParams = KindCalibrationParams(
        cutoffs_hz=(1.0, 1.5, 2.5),
        merge_gaps_s=(0.1, 0.3, 0.6),
        min_duration_s=0.5,
        max_duration_s=5.0,
    )

    def of_kind(self, kind: ExpressionKind) -> KindCalibrationParams:
        """Return what is tried for one kind."""
        return self.me if kind is ExpressionKind.MICRO else self.mae
