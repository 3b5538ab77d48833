"""`python -m server …` is `luot …`."""

from server.cli.main import main

main()
