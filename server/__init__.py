"""The hall: its rules, its record, its protocol and its pages."""

from typing import Final

VERSION: Final = "2026.11.0"
