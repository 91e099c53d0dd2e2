"""``python -m napari_mespot`` is ``mespot``."""

import sys

from napari_mespot.cli import main

if __name__ == "__main__":
    sys.exit(main())
