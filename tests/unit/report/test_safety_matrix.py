"""The matrix: a sign for every state, and many classes folded to those that are hit."""

from __future__ import annotations

from striate.report.safety_matrix import ALL_CLASSES, COLUMNS, SIGNS, safety_matrix
from tests.audits import digits, finding, judged, many, weak


def states(matrix, transform: str) -> list[str]:
    return [c.state for g in matrix.groups for r in g.rows if r.transform == transform for c in r.cells]


def test_groups_stand_in_order_and_cells_have_signs():
    matrix = safety_matrix(digits())
    assert [group.verdict for group in matrix.groups] == ["keep", "swap", "drop", "not-shown", "no-effect"]
    assert states(matrix, "rot180") == [
        *("kept", "kept", "kept", "hurt", "hurt", "kept", "swapped", "hurt", "kept", "swapped")
    ]
    row = matrix.groups[1].rows[0]
    assert [(c.sign, c.figure) for c in row.cells[5:8]] == [("✓", "97"), ("→", "9"), ("✕", "7")]
    assert row.cells[6].title.startswith("6: 97.2 % recognised before, 1.4 % after (")
    assert row.cells[6].title.endswith("taken for 9 91.7 % - swapped")
    assert len(set(SIGNS.values())) == len(SIGNS)


def test_what_a_network_learnt_is_only_unfamiliar_before():
    assert states(safety_matrix(digits()), "noise0.1")[8] == "unfamiliar"


def test_where_nothing_is_shown_no_class_is():
    matrix = safety_matrix(weak())
    assert {c.state for g in matrix.groups for r in g.rows for c in r.cells} == {"not-shown"}


def test_what_changes_nothing_has_no_change():
    row = safety_matrix(digits()).groups[-1].rows[0]
    assert (row.transform, row.change, row.interval) == ("gray", "–", "")


def test_of_many_classes_each_transform_shows_its_worst():
    found = many(100)
    matrix = safety_matrix(found)
    assert (len(matrix.columns), matrix.left_out, matrix.upright) == (COLUMNS, 100 - COLUMNS, True)
    # The only class that flip hurts is not hidden behind a blur that hurts nearly all.
    assert "ship number 003" in [column.title for column in matrix.columns]
    rows = {row.transform: row for group in matrix.groups for row in group.rows}
    hurt = sum(cell.state == "hurt" for cell in rows["vflip"].cells)
    assert rows["vflip"].rest == f"{20 - hurt} ✕  {100 - COLUMNS - 20 + hurt} ✓"
    assert rows["crop4"].rest == f"{100 - COLUMNS} ✓"


def test_few_classes_all_have_a_column():
    matrix = safety_matrix(many(ALL_CLASSES))
    assert (len(matrix.columns), matrix.left_out) == (ALL_CLASSES, 0)


def test_a_class_without_images_has_no_figure():
    flow = judged("flip").classes
    nobody = flow[0].model_copy(update={"n": 0, "recall_before": float("nan"), "recall_after": float("nan")})
    safety = judged("flip").model_copy(update={"classes": (nobody, *flow[1:])})
    cell = safety_matrix(finding(safety)).groups[0].rows[0].cells[0]
    assert (cell.sign, cell.figure, cell.title) == ("", "–", "0: no image was held out")


def test_only_everything_is_a_hundred():
    found = finding(judged("flip", {0: (1.0, 1, 0.0), 1: (0.0, 0, 1.0), 2: (0.003, 5, 0.9)}, n=1000))
    cells = safety_matrix(found).groups[0].rows[0].cells
    assert [cell.figure for cell in cells[:3]] == ["100", "0", "1"]
