"""`python -m server …` is `luot …`."""

from server.cli import main

main()
