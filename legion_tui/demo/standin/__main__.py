"""`python -m legion_tui.demo.standin [options] [-- prompt]`."""

from __future__ import annotations

import sys

from legion_tui.demo.standin.main import main

sys.exit(main(sys.argv[1:]))
