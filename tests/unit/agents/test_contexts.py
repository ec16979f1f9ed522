from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legion_tui.agents.claude_code.contexts import context_percent


@pytest.mark.parametrize(
    ("model", "carried", "percent"),
    [
        ("claude-opus-5-5", 500_000, 50.0),
        ("claude-opus-5", 50_000, 5.0),
        ("claude-sonnet-5-5-20260901", 50_000, 5.0),
        ("claude-opus-4-5-20251101", 50_000, 25.0),
        ("claude-opus-4-20250514", 50_000, 25.0),
        ("claude-3-5-sonnet-20241022", 50_000, 25.0),
        ("us.anthropic.claude-haiku-4-5-20251001-v1:0", 50_000, 25.0),
        ("claude-haiku-4-5@20251001", 50_000, 25.0),
        ("claude-sonnet-4-5[1m]", 50_000, 5.0),
        ("claude-sonnet-4-5-20250929", 50_000, None),  # either size, and the transcript does not say which
        ("claude-sonnet-4-5-20250929", 250_000, 25.0),
        ("claude-opus-4-8", 200_000, 20.0),
        ("claude-opus-4-5", 250_000, None),  # more than it holds
        ("claude-opus-5-5", 1_200_000, None),
        ("claude-opus-6", 50_000, None),
        ("claude-opus-50", 50_000, None),
        ("claude-opus-4-50", 50_000, None),
        ("qwen3-coder", 50_000, None),
        ("claude", 50_000, None),
        ("", 50_000, None),
        ("claude-opus-5-5", 0, None),
    ],
)
def test_a_part_is_told_only_of_a_context_whose_size_is_known(model: str, carried: int, percent: float | None) -> None:
    assert context_percent(model, carried) == percent


@given(model=st.text(), carried=st.integers())
def test_no_part_is_more_than_the_whole(model: str, carried: int) -> None:
    for name in (model, f"claude-{model}", f"{model}[1m]"):
        percent = context_percent(name, carried)
        assert percent is None or 0 <= percent <= 100
