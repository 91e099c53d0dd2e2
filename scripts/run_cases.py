"""Run a folder of cases against the installed program: run_cases.py DIR [NAME ...].

A case is a folder with ``check.py``, which exits 0 when the program behaves, and often
``make.py``, which makes its input beside itself. The folder is copied first, so that it may be
read-only. Prints one line a case and what the failed ones said; exits 1 if any failed.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

_SECONDS = 900


def main() -> int:
    """Run the cases named on the command line, all of them if none is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the folder of cases")
    parser.add_argument("names", nargs="*", help="only these cases")
    parser.add_argument("--media", type=Path, help="clips of real faces (default: $MEDIA)")
    asked = parser.parse_args()
    media = asked.media or Path(os.environ.get("MEDIA", asked.folder / ".." / "media"))
    with tempfile.TemporaryDirectory(prefix="cases-") as copy:
        folder = Path(copy, "cases")
        shutil.copytree(asked.folder, folder, copy_function=shutil.copyfile)
        cases = [p for p in sorted(folder.iterdir()) if (p / "check.py").exists()]
        chosen = [p for p in cases if not asked.names or p.name in asked.names]
        failed = [case.name for case in chosen if not _behaves(case, media.resolve())]
    print(f"{len(chosen) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed or not chosen else 0


def _behaves(case: Path, media: Path) -> bool:
    command = Path(sys.executable).with_name("mespot")
    environment = {"MESPOT": str(command), **os.environ, "MEDIA": str(media)}
    said = ""
    for script in ("make.py", "check.py"):
        if not (case / script).exists():
            continue
        try:
            done = subprocess.run(
                [sys.executable, str(case / script)],
                cwd=case,
                env=environment,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_SECONDS,
            )
        except subprocess.TimeoutExpired:
            print(f"FAIL {case.name}: {script} did not end in {_SECONDS} s", flush=True)
            return False
        said += done.stdout + done.stderr
        if done.returncode:
            print(f"FAIL {case.name} ({script})", flush=True)
            print("     " + said.strip()[-3000:].replace("\n", "\n     "), flush=True)
            return False
    print(f"ok   {case.name}", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
