"""The command line ``mespot``: parse, make parameters, one call, exit code.

Standard output carries results, standard error everything else. A situation that the user
can mend is one line, ``error: …``; a programmer's mistake keeps its traceback.
"""

from napari_mespot.cli.app import main

__all__ = ["main"]
