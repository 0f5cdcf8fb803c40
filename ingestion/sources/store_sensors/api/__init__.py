"""The API of the door sensors."""
