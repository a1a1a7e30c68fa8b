"""`python -m hotspots` does what the installed command does."""

from hotspots.cli import main

main()
