"""The whole product for browser tests: the real server with its own embedded store, and Chromium.

The server is the installed `amanah serve --demo` in a process of its own; nothing in it is replaced.
"""

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Response,
    StorageState,
    WebSocket,
    expect,
    sync_playwright,
)
from playwright.sync_api import Error as PlaywrightError

from tests.e2e.screens import Desk, Widget
from tests.harness.mail import MailSink, Received

_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_START_S = 300.0
"""The demo enters through the gate, text by text; a busy machine takes minutes for it."""
_STOP_S = 15.0
_SIGN_IN = re.compile(r"^\s*(?P<role>\w+)\s+(?P<email>\S+@\S+)\s+(?P<password>\S+)\s*$")

PATIENCE_MS = 40_000
"""How long a page may take to show what is awaited: a busy machine's disk stands still for seconds."""

expect.set_options(timeout=PATIENCE_MS)


def free_port() -> int:
    """A port on the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`amanah serve --demo` as a child process, which can be killed and started again on the same data."""

    def __init__(
        self, data_dir: Path, embed_origin: str, settings: Mapping[str, str] | None = None, *, port: int | None = None
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.sign_ins: dict[str, tuple[str, str]] = {}
        self._data_dir = data_dir
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AMANAH_")},
            "AMANAH_LIMITS": "off",
            "AMANAH_TRAINING": "off",
            # A busy machine may take seconds for a text.
            "AMANAH_REDACTOR_DEADLINE_MS": "15000",
            "AMANAH_EMBED_ORIGINS": embed_origin,
            **(settings or {}),
        }
        self._process: subprocess.Popen[str] | None = None
        self.log: list[str] = []

    @property
    def process_id(self) -> int:
        """The server's process id."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start and wait until it says that it listens."""
        command = Path(sys.executable).with_name("amanah")
        arguments = ["serve", "--demo", "--port", str(self.port), "--data-dir", str(self._data_dir)]
        self._process = subprocess.Popen(
            [command, *arguments],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        listening = threading.Event()
        threading.Thread(target=self._read, args=(self._process, listening), daemon=True).start()
        deadline = time.monotonic() + _START_S
        while not listening.wait(0.05):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                pytest.fail("the server did not start:\n" + "".join(self.log[-30:]))

    def _read(self, process: "subprocess.Popen[str]", listening: threading.Event) -> None:
        assert process.stdout is not None
        with process.stdout as output:
            for line in output:
                self.log.append(line)
                sign_in = _SIGN_IN.match(line)
                if sign_in:
                    self.sign_ins.setdefault(sign_in["role"], (sign_in["email"], sign_in["password"]))
                if line.startswith("listening on "):
                    listening.set()

    def stop(self) -> None:
        """End it in an orderly way."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the server at once, its redactor workers and its store too."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(_STOP_S)


@contextmanager
def named_server(data_dir: Path, settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """A server of its own that knows its name, which passkeys and links in letters need."""
    port = free_port()
    url = f"http://localhost:{port}"
    running = Server(data_dir, "", {"AMANAH_PUBLIC_URL": url, **(settings or {})}, port=port)
    running.url = url
    running.start()
    try:
        yield running
    finally:
        running.stop()


class Postbox:
    """A real mail server beside the test, in a thread of its own: Playwright's own loop is not to be shared."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.sink = MailSink()

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.sink.start(), self._loop).result()

    def letter(self, address: str, count: int = 1) -> Received:
        """Wait until so many letters have come for an address; give the last of them."""
        return asyncio.run_coroutine_threadsafe(self.sink.letter(address, count), self._loop).result()

    def stop(self) -> None:
        """Listen no longer."""
        asyncio.run_coroutine_threadsafe(self.sink.stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@dataclass(frozen=True)
class Foreign:
    """Where the pages of somebody else's site are served."""

    url: str
    folder: Path


@pytest.fixture(scope="session")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Foreign]:
    """Another site, on another host name and port: the place where a customer embeds the widget."""
    folder = tmp_path_factory.mktemp("foreign")
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield Foreign(f"http://localhost:{port}", folder)
    process.kill()
    process.wait()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, foreign: Foreign) -> Iterator[Server]:
    """The running product; one for all tests of a process."""
    running = Server(tmp_path_factory.mktemp("data"), foreign.url)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, headless."""
    found = [path for name in _CHROMIUM if (path := shutil.which(name))]
    if not found:
        pytest.fail("browser tests need Chromium: `apt-get install chromium`")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found[0], args=_FLAGS)
        yield chromium
        chromium.close()


NewPage = Callable[..., Page]

_SEEN = pytest.StashKey["list[Page]"]()
_TOLD = pytest.StashKey["deque[str]"]()
_LAST = 60


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Say beside a failure what its pages show and what went over the line last: some fail once in a hundred runs."""
    report: Any = yield
    if report.when == "call" and report.failed and _SEEN in item.stash:
        for page in item.stash[_SEEN]:
            for frame in page.frames:
                with suppress(PlaywrightError):
                    shown = frame.locator("body").inner_text(timeout=1_000)[-1_500:]
                    report.sections.append((f"{frame.url.partition('?')[0]} shows", shown))
        report.sections.append(("last over the line", "\n".join(item.stash[_TOLD])))
    return report


def _listen(page: Page, told: "deque[str]") -> None:
    """Keep what goes over the line, as far as it helps to understand a failure."""

    def answered(response: Response) -> None:
        if "/api/" in response.url:
            told.append(f"{response.request.method} {response.url.partition('/api/')[2][:80]} {response.status}")

    def connected(socket: WebSocket) -> None:
        told.append("socket opened")
        socket.on("close", lambda _: told.append("socket closed"))
        # What is sent is named, not told: the first word of a line is its session's token.
        socket.on("framesent", lambda frame: told.append(f"> {str(frame).partition('{')[0]}"))
        socket.on("framereceived", lambda frame: told.append(f"< {str(frame)[:60]}"))

    page.on("response", answered)
    page.on("requestfailed", lambda asked: told.append(f"{asked.method} {asked.url[-80:]} {asked.failure}"))
    page.on("websocket", connected)


@pytest.fixture
def new_page(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[NewPage]:
    """Opens pages, each in a browser context of its own; afterwards none may have broken the content policy."""
    contexts: list[BrowserContext] = []
    broken: list[str] = []
    pages = request.node.stash.setdefault(_SEEN, [])
    told = request.node.stash.setdefault(_TOLD, deque(maxlen=_LAST))

    def note(message: ConsoleMessage) -> None:
        # That a page may not be framed is said in the same words and is what one of the tests asks for.
        if "Content Security Policy" in message.text and "frame-ancestors" not in message.text:
            broken.append(message.text)

    def open_page(
        *,
        width: int = 1366,
        height: int = 800,
        dark: bool = False,
        touch: bool = False,
        state: StorageState | None = None,
    ) -> Page:
        context = browser.new_context(
            base_url=server.url,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            has_touch=touch,
            is_mobile=touch,
            locale="id-ID",
            timezone_id="Asia/Jakarta",
            reduced_motion="reduce",
            storage_state=state,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        pages.append(page)
        _listen(page, told)
        page.on("console", note)
        page.on("pageerror", lambda error: broken.append(f"{type(error).__name__}: {error.message}"))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert broken == []


@pytest.fixture
def widget(new_page: NewPage) -> Widget:
    """A visitor's chat on a page of its own, not yet agreed to anything."""
    page = new_page()
    page.goto("/widget")
    return Widget(page, page.main_frame)


@pytest.fixture(scope="session")
def agent_state(browser: Browser, server: Server) -> StorageState:
    """What an agent's browser keeps after signing in."""
    context = browser.new_context(base_url=server.url, locale="id-ID")
    page = context.new_page()
    page.goto("/desk")
    Desk(page).sign_in(*server.sign_ins["agent"])
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def desk(new_page: NewPage, agent_state: StorageState) -> Desk:
    """The desk of a signed-in agent."""
    page = new_page(state=agent_state)
    page.goto("/desk")
    expect(page.locator(".connection-online")).to_be_visible()
    return Desk(page)
