"""Options that several commands have, said once."""

from typing import Annotated

import typer

__all__ = ["CheckpointOption", "DeviceOption"]

CheckpointOption = Annotated[
    str | None,
    typer.Option(help="Name or file of a checkpoint.", show_default="the one shipped"),
]
DeviceOption = Annotated[
    str, typer.Option(help="Where the network runs: auto, cpu, cuda, cuda:1 or mps.")
]
