"""`python -m legion_tui` is the `legion-tui` command."""

import sys

from legion_tui.cli import main

sys.exit(main())
