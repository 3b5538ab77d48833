"""Kivy: draws the picture."""
