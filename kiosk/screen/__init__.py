"""Kivy: draws the flow's state, sends its touches; nothing else."""
