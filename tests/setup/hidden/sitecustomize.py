"""A PC that lacks some packages: put this folder on PYTHONPATH and their names into HIDDEN, with commas between."""

import os
import sys
from importlib.machinery import PathFinder
from typing import Any

HIDDEN = set(os.environ["HIDDEN"].split(","))


class Rest(PathFinder):
    @classmethod
    def find_spec(cls, name: Any, path: Any = None, target: Any = None) -> Any:
        return None if name.partition(".")[0] in HIDDEN else super().find_spec(name, path, target)


sys.meta_path[:] = [Rest if finder is PathFinder else finder for finder in sys.meta_path]
for name in HIDDEN & set(sys.modules):
    del sys.modules[name]
