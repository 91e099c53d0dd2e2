"""The clips room."""
