"""Loads the compiled module so that its numbers are those of the program `divla`.

The suite computes with elementary functions of its own, in MuJoCo too, since those of glibc differ between processors
(sim/libm/README.md). A program comes first in the linker's search order; a module comes after the libm of its
interpreter, unless it is loaded with RTLD_DEEPBIND. Whether that worked is read from the linker's tables: an environment
whose episodes are others than the program's would be worse than none.
"""

import os
import sys

_flags = sys.getdlopenflags()
sys.setdlopenflags(os.RTLD_NOW | os.RTLD_LOCAL | os.RTLD_DEEPBIND)
try:
    from divla_bench import _core
finally:
    sys.setdlopenflags(_flags)

_foreign = _core.foreign_functions()
if _foreign:
    raise ImportError(
        f"divla_bench: expected MuJoCo to use the suite's own elementary functions, found {_foreign[0]} and "
        f"{len(_foreign) - 1} more. Was the same libmujoco.so loaded before? Import divla_bench before mujoco."
    )

Batch = _core.Batch
TASKS = _core.tasks()
