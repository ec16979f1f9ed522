"""Issues that wait for one another: each circle is told once, and nothing else is taken for one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from legion_tui.state import Issue, Pipeline, Source, SourceHealth, cycle_problems
from legion_tui.state.assemble import Assembler, assemble
from legion_tui.state.cycles import MOST_CYCLES, dependency_cycles
from legion_tui.state.known import Known
from tests.fetch.fakes import NOW, PROJECT, issue


def blocked(**blockers: str) -> tuple[Issue, ...]:
    """Issues by the letter behind `A-`, each blocked by those of its letters."""
    return tuple(issue(f"A-{name}", blockers=tuple(f"A-{one}" for one in by)) for name, by in blockers.items())


def told(issues: tuple[Issue, ...]) -> list[str]:
    return [str(problem) for problem in cycle_problems(issues)]


def test_two_that_wait_for_each_other_are_told_once_with_where_what_and_how_to_mend_it() -> None:
    eng_1, eng_2 = issue("ENG-1", blockers=("ENG-2",)), issue("ENG-2", blockers=("ENG-1",))
    for given_in in ((eng_1, eng_2), (eng_2, eng_1)):
        (problem,) = cycle_problems(given_in)
        assert problem.where == "ENG-1"
        assert problem.what == ("blocked by ENG-2, which is blocked by ENG-1: a cycle, so none of the 2 begins")
        assert problem.remedy == "end it in one place: take ENG-2 out of what blocks ENG-1, for one"
        assert problem.readable


def test_a_longer_circle_begins_at_its_least_id_whose_number_is_a_number() -> None:
    issues = (
        issue("ENG-10", blockers=("ENG-9",)),
        issue("ENG-9", blockers=("ENG-11",)),
        issue("ENG-11", blockers=("ENG-10", "ENG-404")),
    )
    (problem,) = cycle_problems(issues)
    assert problem.where == "ENG-9"
    assert problem.what.startswith("blocked by ENG-11, which is blocked by ENG-10, which is blocked by ENG-9:")


def test_one_that_is_blocked_by_itself() -> None:
    (problem,) = cycle_problems((issue("ENG-1", blockers=("eng-1", "ENG-1")),))
    assert str(problem) == "ENG-1: is blocked by itself, so it never begins; take ENG-1 out of its blockers"


def test_cycles_that_share_an_issue_are_each_told_in_the_order_of_their_ids() -> None:
    assert [line.partition(":")[0] for line in told(blocked(a="bc", b="a", c="ad", d="d"))] == ["A-a", "A-a", "A-d"]
    assert [cycle[1] for cycle in dependency_cycles({"a": ("c", "b"), "b": ("a",), "c": ("a",)})] == ["b", "c"]


def test_what_is_no_cycle() -> None:
    assert told(blocked(a="bc", b="d", c="d", d="")) == []  # a diamond
    assert told(blocked(a="b")) == []  # not in the reading
    assert told(()) == []


def test_one_that_is_over_holds_nobody_up() -> None:
    a, b = blocked(a="b", b="a")
    for over in (replace(b, status="done"), replace(b, closed=True)):
        assert cycle_problems((a, over)) == ()
    assert cycle_problems((replace(issue("A-a", blockers=("A-a",)), status="Done"),)) == ()


def test_ids_are_matched_as_commands_match_them_and_told_as_people_name_them() -> None:
    twelve = replace(issue("PAY-12", blockers=("pay-3",)), shown_id="#12")
    three = replace(issue("PAY-3", blockers=("Pay-12",)), shown_id="#3")
    (problem,) = cycle_problems((twelve, three))
    assert (problem.where, problem.what.partition(":")[0]) == ("#3", "blocked by #12, which is blocked by #3")


def test_one_circle_of_all_issues_is_told_in_a_few_words() -> None:
    ring = {f"n{number}": (f"n{(number + 1) % 5000}",) for number in range(5000)}
    assert dependency_cycles(ring) == [tuple(ring)]
    issues = tuple(issue(f"ENG-{number}", blockers=(f"ENG-{(number + 1) % 5000}",)) for number in range(5000))
    (problem,) = cycle_problems(issues)
    assert "ENG-7, and so on over 4992 more, which is blocked by ENG-0: a cycle, so none of the 5000" in problem.what


def test_a_chain_of_all_issues_is_none_however_long() -> None:
    assert dependency_cycles({f"n{n}": (f"n{n + 1}",) for n in range(5000)} | {"n5000": ()}) == []


def test_a_knot_of_more_cycles_than_anyone_reads_is_told_in_part() -> None:
    names = [f"n{number}" for number in range(60)]
    every = {name: tuple(names) for name in names}
    assert len(dependency_cycles(every)) == MOST_CYCLES + 1
    knot = tuple(replace(issue(name), blockers=tuple(one for one in names if one != name)) for name in names)
    problems = cycle_problems(knot)
    assert len(problems) == MOST_CYCLES + 1
    assert problems[-1].what == "is in more cycles of blockers"


@given(
    st.dictionaries(
        st.sampled_from("abcde"), st.lists(st.sampled_from("abcde"), max_size=3, unique=True).map(tuple), min_size=1
    )
)
def test_all_cycles_are_found_each_once(some: dict[str, tuple[str, ...]]) -> None:
    graph = {key: tuple(one for one in after if one in some) for key, after in some.items()}
    found = dependency_cycles(graph)
    assert found == sorted(set(by_hand(graph)))[: MOST_CYCLES + 1]


def by_hand(graph: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Every path that comes back to its least node, tried out."""

    def onwards(path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        for one in graph[path[-1]]:
            if one == path[0]:
                yield path
            elif one > path[0] and one not in path:
                yield from onwards((*path, one))

    for start in graph:
        yield from onwards((start,))


def known(*issues: Issue) -> Known:
    sources = dict.fromkeys(Source, SourceHealth(ok=True, read_at=NOW))
    return Known(project=PROJECT, pipeline=Pipeline(), reading=issues, sources=sources)


def test_a_cycle_is_a_problem_of_the_snapshot_and_goes_when_it_is_mended() -> None:
    a, b = blocked(a="b", b="a")
    assembler = Assembler()
    snapshot = assembler.assemble(known(a, b))
    assert snapshot.problems == cycle_problems((a, b))
    assert [row.decision.row for row in snapshot.issues] == ["B", "B"]
    assert assembler.assemble(known(a, replace(b, blockers=()))).problems == ()


def test_a_blocker_that_was_not_read_still_blocks_and_is_no_problem() -> None:
    snapshot = assemble(known(issue("ENG-1", blockers=("OPS-9",))))
    assert (snapshot.issues[0].facts.blockers, snapshot.problems) == (("OPS-9",), ())
