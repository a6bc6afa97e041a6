"""Starts the program `voxelith` of the wheel in the place of Python. Outside the package, which needs numpy."""

import os
import sys

_NATIVE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "voxelith", "_native")


def use_own_fonts():
    """Figures find the fonts of the wheel where the system has none."""
    own = os.path.join(_NATIVE, "fonts", "fonts.conf")
    if os.path.exists(own) and not os.path.exists("/etc/fonts/fonts.conf"):
        os.environ.setdefault("FONTCONFIG_FILE", own)


def main():
    own = os.path.join(_NATIVE, "voxelith")
    if not os.path.exists(own):
        sys.exit("voxelith: the program is not there: " + own)
    use_own_fonts()
    os.execv(own, [sys.argv[0], *sys.argv[1:]])
