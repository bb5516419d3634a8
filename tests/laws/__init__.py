"""The laws of the house, held to whole nights."""
