"""The viewer: napari, Qt and everything that a person sees. No other room knows of them.

``review``, ``edits``, ``predictions``, ``history``, ``journal``, ``session_file``,
``session``, ``playhead`` and ``actions`` are free of napari and Qt.
"""
