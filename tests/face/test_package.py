import subprocess
import sys


def test_importing_the_room_imports_neither_opencv_nor_pyav():
    code = "import sys, napari_mespot.face; print({'cv2', 'av', 'torch'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
