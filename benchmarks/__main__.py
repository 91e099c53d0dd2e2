"""Run every benchmark, or those named: ``python -m benchmarks [NAME ...]``."""

import runpy
import sys
from pathlib import Path


def names() -> list[str]:
    """Return the benchmarks that lie beside this file."""
    return sorted(p.stem for p in Path(__file__).parent.glob("[a-z]*.py"))


def main() -> None:
    """Run them one after the other, in this process."""
    wanted = sys.argv[1:] or names()
    unknown = sorted(set(wanted) - set(names()))
    if unknown:
        raise SystemExit(f"Expected some of {', '.join(names())}; got {', '.join(unknown)}")
    for name in wanted:
        print(f"\n=== {name} ===", flush=True)
        sys.argv = [name]
        runpy.run_module(f"benchmarks.{name}", run_name="__main__")


if __name__ == "__main__":
    main()
