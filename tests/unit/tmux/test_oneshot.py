from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from legion_tui.errors import TmuxError, TmuxMissingError
from legion_tui.processes import MISSING, TIMED_OUT, Ran
from legion_tui.tmux import NewWindow, OneShotTmux, Socket
from legion_tui.tmux.keys import is_key


class Recorded:
    """A runner that gives prepared answers and keeps what it was asked."""

    def __init__(self, *answers: Ran) -> None:
        self.answers = list(answers)
        self.calls: list[tuple[list[str], bytes | None, Mapping[str, str] | None]] = []

    async def __call__(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        timeout_seconds: float = 10.0,
    ) -> Ran:
        self.calls.append((list(argv), stdin, env))
        return self.answers.pop(0)


def gateway(runner: Recorded, **env: str) -> OneShotTmux:
    return OneShotTmux(runner, Socket("work"), env=env)


WINDOW = NewWindow(session="s", name="w", cwd="/", argv=("true", "x"), env={}, options={})


def test_a_socket_is_a_name_or_a_path() -> None:
    assert Socket("work").argv == ("-L", "work")
    assert Socket("/run/tmux.sock").argv == ("-S", "/run/tmux.sock")


async def test_missing_tmux_says_how_to_mend_it() -> None:
    with pytest.raises(TmuxMissingError, match="install"):
        await gateway(Recorded(Ran("", "", MISSING))).panes()


async def test_a_hung_server_is_named() -> None:
    with pytest.raises(TmuxError, match="work within 2 s"):
        await gateway(Recorded(Ran("", "", TIMED_OUT))).panes()


@pytest.mark.parametrize(
    "said",
    [
        "no server running on /tmp/tmux-0/work\n",
        "error connecting to /tmp/tmux-0/work (No such file or directory)\n",
        "error connecting to /tmp/tmux-0/work (Connection refused)\n",
        "server exited unexpectedly\n",
        "lost server\n",
        "no current target\n",
    ],
)
async def test_no_server_is_empty(said: str) -> None:
    none = Ran("", said, 1)
    assert await gateway(Recorded(none)).panes() == ()
    assert await gateway(Recorded(none)).clients() == ()
    assert await gateway(Recorded(none)).capture(["%1"]) == {}
    assert await gateway(Recorded(none)).server_pid() is None
    await gateway(Recorded(none)).kill_window("@1")
    await gateway(Recorded(none)).kill_server()
    await gateway(Recorded(none)).set_server_option("@legion_status", "1 needs you")
    with pytest.raises(TmuxError):
        await gateway(Recorded(none)).send_key("%1", "Enter")


@pytest.mark.parametrize("said", ["error connecting to /tmp/tmux-0/work (Permission denied)\n", ""])
async def test_any_other_failure_is_an_error(said: str) -> None:
    failed = Ran("", said, 1)
    for ask in (
        gateway(Recorded(failed)).panes,
        gateway(Recorded(failed)).clients,
        gateway(Recorded(failed)).server_pid,
    ):
        with pytest.raises(TmuxError):
            await ask()
    with pytest.raises(TmuxError):
        await gateway(Recorded(failed)).capture(["%1"])


async def test_secrets_and_the_outer_server_are_kept_from_tmux() -> None:
    runner = Recorded(Ran("", "", 0))
    await gateway(runner, PATH="/bin", GITHUB_TOKEN="t", LINEAR_API_KEY="k", TMUX="/x,1,0", TMUX_PANE="%1").panes()
    assert runner.calls[0][2] == {"PATH": "/bin"}


@pytest.mark.parametrize("target", ["work", "%1;", "%", "@1", "%1:", "-x", ""])
async def test_targets_are_ids(target: str) -> None:
    runner = Recorded()
    for ask in (
        gateway(runner).capture([target]),
        gateway(runner).send_key(target, "1"),
        gateway(runner).paste(target, "x"),
    ):
        with pytest.raises(TmuxError):
            await ask
    with pytest.raises(TmuxError):
        await gateway(runner).kill_window(f"x{target}")
    assert runner.calls == []


@pytest.mark.parametrize(
    "key", ["Enter", "BTab", "Down", "C-u", "C-o", "M-Enter", "2", "n", ";", "#", "~", "é", "F12", "-"]
)
def test_keys_that_are_pressed(key: str) -> None:
    assert is_key(key)


@pytest.mark.parametrize("key", ["", "Entr", "12", "yes", "\x1b", "\n", "Enter ", " ", "F13", "C-", "-X"])
def test_words_that_would_be_typed(key: str) -> None:
    assert not is_key(key)


async def test_a_word_is_never_typed_as_a_key() -> None:
    runner = Recorded()
    with pytest.raises(TmuxError, match="not a key"):
        await gateway(runner).send_key("%1", "rm -rf")
    assert runner.calls == []


@pytest.mark.parametrize("text", ["a\x1b[201~\r", "\x9b201~", "a\0", "\x7f", "\ud800"])
async def test_text_that_leaves_its_brackets_is_not_pasted(text: str) -> None:
    runner = Recorded()
    with pytest.raises(TmuxError, match="not pasted"):
        await gateway(runner).paste("%1", text)
    assert runner.calls == []


async def test_pasted_text_is_never_an_argument_and_its_buffer_does_not_stay() -> None:
    runner = Recorded(Ran("", "can't find pane: %1\n", 1), Ran("", "", 0))
    with pytest.raises(TmuxError, match="can't find pane"):
        await gateway(runner).paste("%1", "secret words")
    (first, stdin, _), (second, _, _) = runner.calls
    assert stdin == b"secret words"
    assert "secret words" not in " ".join(first)
    assert second[-3:-1] == ["delete-buffer", "-b"]
    assert second[-1] in first


async def test_a_session_that_another_client_made_meanwhile_is_used() -> None:
    runner = Recorded(
        Ran("", "no server running on /x\n", 1), Ran("", "duplicate session: s\n", 1), Ran("%5 @6\n", "", 0)
    )
    opened = await gateway(runner).open_window(WINDOW)
    assert (opened.pane_id, opened.window_id) == ("%5", "@6")


async def test_a_window_without_its_options_does_not_stay() -> None:
    runner = Recorded(Ran("%5 @6\n", "no space for options\n", 1), Ran("", "", 0))
    with pytest.raises(TmuxError, match="no space"):
        await gateway(runner).open_window(WINDOW)
    assert runner.calls[1][1] == b"'kill-window' '-t' '@6'\n"
