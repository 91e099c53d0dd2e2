"""The spotting room."""
