"""Options that several commands have, said once."""

from typing import Annotated

import typer

from napari_mespot.face.choice import FaceChoice, parse_face_choice

__all__ = ["CheckpointOption", "DeviceOption", "FaceOption"]

CheckpointOption = Annotated[
    str | None,
    typer.Option(help="Name or file of a checkpoint.", show_default="the one shipped"),
]
DeviceOption = Annotated[
    str, typer.Option(help="Where the network runs: auto, cpu, cuda, cuda:1 or mps.")
]


def _face(text: str) -> FaceChoice:
    """Read ``--face``."""
    try:
        return parse_face_choice(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


FaceOption = Annotated[
    FaceChoice | None,
    typer.Option(
        help="Which face to follow: largest, left, right, a number from the left, or a place "
        "in the picture, x,y or x,y@frame.",
        parser=_face,
        metavar="WHICH",
        show_default="the largest and most central one",
    ),
]
