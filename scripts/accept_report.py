"""Accept the report's page as it is now: rewrite tests/golden/report.html, and fail, so that no test run accepts.

Look at the difference (git diff tests/golden) before committing it. Knows nothing about what the page should be.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]


def main() -> int:
    from tests.unit.report.golden import GOLDEN, current

    with tempfile.TemporaryDirectory() as folder:
        page = current(Path(folder) / "run")
    GOLDEN.parent.mkdir(exist_ok=True)
    GOLDEN.write_text(page, encoding="utf-8")
    print(f"accepted {GOLDEN.relative_to(ROOT)}; read its diff, then run the tests")
    return 1


if __name__ == "__main__":
    sys.exit(main())
