"""What a real PC has around the programs: a sound server, screens that come and go, a desktop that wants to sleep.

Each is the real thing, started by the test that needs it and ended with it: PulseAudio with a sink whose monitor is
recorded, Xorg with its dummy driver (two outputs; no monitor data, no DPMS), openbox, a D-Bus of its own.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tests.tools.screen import Screen

RATE = 22050
"""Samples a second of what is recorded: the voice's own rate."""


def wait_for(true: Callable[[], Any], what: str, seconds: float = 30.0) -> Any:
    """Poll until something holds, and give it; else fail."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = true()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")


def tap_until(tap: Callable[[], None], true: Callable[[], Any], what: str) -> None:
    """Tap as people do: again after a while, if nothing happens."""
    for _ in range(8):
        tap()
        with contextlib.suppress(AssertionError):
            wait_for(true, what, 4)
            return
    raise AssertionError(f"no tap brought {what}")


def ended(process: subprocess.Popen[Any]) -> None:
    """End one of our own."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream:
            stream.close()


# --- sound ------------------------------------------------------------------------------------------------------


class SoundServer:
    """PulseAudio with one device, `tv`, as a desktop session has it. `env` is what a program of that session sees."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "home").mkdir(parents=True)
        (folder / "run").mkdir(mode=0o700)
        self.env = {"XDG_RUNTIME_DIR": str(folder / "run"), "HOME": str(folder / "home")}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        words = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"]
        for module in (
            "module-native-protocol-unix auth-anonymous=1",
            "module-null-sink sink_name=tv rate=44100",
            "module-always-sink",
        ):
            words += ["-L", module]
        log = (self.folder / "pulse.log").open("ab")
        with log:
            self.process = subprocess.Popen(words, env={**os.environ, **self.env}, stdout=log, stderr=log)
        wait_for(lambda: self._ask("pactl", "get-default-sink") == "tv", "PulseAudio with its device")

    def kill(self) -> None:
        """As a crash does it."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def unplug(self) -> None:
        """The device goes; the server keeps a dummy in its place, as it does when the TV's cable is pulled."""
        modules = self._ask("pactl", "list", "short", "modules").splitlines()
        number = next(line.split()[0] for line in modules if "module-null-sink" in line and "sink_name=tv" in line)
        self._ask("pactl", "unload-module", number)
        wait_for(lambda: self._ask("pactl", "get-default-sink") == "auto_null", "the dummy device")

    def plug(self) -> None:
        self._ask("pactl", "load-module", "module-null-sink", "sink_name=tv", "rate=44100")
        self._ask("pactl", "set-default-sink", "tv")
        wait_for(lambda: self._ask("pactl", "get-default-sink") == "tv", "the device again")

    def _ask(self, *words: str) -> str:
        env = {**os.environ, **self.env, "LC_ALL": "C"}
        done = subprocess.run(words, env=env, capture_output=True, text=True, check=False, timeout=20)
        return done.stdout.strip()

    @contextlib.contextmanager
    def recorded(self) -> Iterator[Callable[[], Any]]:
        """Record what the device plays. Gives a function for the samples so far: 16-bit mono at RATE, as floats."""
        file = self.folder / f"recorded-{time.monotonic_ns()}.raw"
        words = ["parec", "-d", "tv.monitor", f"--rate={RATE}", "--channels=1", "--format=s16le", "--latency-msec=50"]
        with file.open("wb") as out:
            recorder = subprocess.Popen(words, env={**os.environ, **self.env}, stdout=out, stderr=subprocess.PIPE)

        def samples() -> Any:
            data = file.read_bytes()
            return np.frombuffer(data[: len(data) // 2 * 2], np.int16).astype(float)

        try:
            wait_for(lambda: len(samples()) > 0, "the recorder")
            yield samples
        finally:
            ended(recorder)

    def close(self) -> None:
        if self.process is not None:
            ended(self.process)


@contextlib.contextmanager
def sound_server() -> Iterator[SoundServer]:
    # Not below a test's own folder: the path of a Unix socket has room for 107 letters.
    folder = Path(tempfile.mkdtemp(prefix="luot-sound-"))
    server = SoundServer(folder)
    try:
        server.start()
        yield server
    finally:
        server.close()
        shutil.rmtree(folder, ignore_errors=True)


def places(sound: Any, template: Any, least: float = 0.93) -> list[int]:
    """Where the template sounds alone: the matched filter's output over both energies, 1 for a perfect match.

    Anything else that sounded at the same time would lower it. Sample numbers, in order.
    """
    size = 1 << (len(sound) + len(template)).bit_length()
    spectrum = np.fft.rfft(sound, size) * np.conj(np.fft.rfft(template, size))
    match = np.fft.irfft(spectrum, size)[: len(sound)]
    energy = np.concatenate([[0.0], np.cumsum(sound**2)])
    ends = np.minimum(np.arange(len(sound)) + len(template), len(sound))
    around = energy[ends] - energy[: len(sound)]
    score = match / np.sqrt(np.maximum(around, 1.0) * (template**2).sum())
    found: list[int] = []
    for place in np.argsort(score)[::-1][:20000]:
        if score[place] < least:
            break
        if all(abs(int(place) - other) > RATE // 4 for other in found):
            found.append(int(place))
    return sorted(found)


# --- screens ----------------------------------------------------------------------------------------------------

_XORG = """
Section "ServerFlags"
  Option "AutoAddDevices" "false"
  Option "DontVTSwitch" "true"
EndSection
Section "Device"
  Identifier "card"
  Driver "dummy"
  VideoRam 256000
EndSection
Section "Monitor"
  Identifier "monitor"
  HorizSync 1-300
  VertRefresh 1-300
EndSection
Section "Screen"
  Identifier "screen"
  Device "card"
  Monitor "monitor"
  DefaultDepth 24
  SubSection "Display"
    Depth 24
    Virtual 4096 4096
    Modes "1920x1080"
  EndSubSection
EndSection
"""


class Desktop(Screen):
    """An X server with a screen of 1920 x 1080 and an outlet for a second one. `env` is what its programs see."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        config = folder / "xorg.conf"
        config.write_text(_XORG)
        log = folder / "Xorg.log"
        words = ["Xorg", "-config", str(config), "-logfile", str(log), "-noreset", "-novtswitch", "-sharevts"]
        try:
            super().__init__(words)
        except RuntimeError as error:
            raise AssertionError(f"{error}: {log.read_text()[-2000:]}") from None
        self._programs: list[subprocess.Popen[Any]] = []

    def xrandr(self, *words: str) -> None:
        self.tool("xrandr", *words)

    def tv_on(self, mode: str = "1280x720") -> None:
        """A second screen to the right of the first."""
        with contextlib.suppress(subprocess.CalledProcessError):  # it has that mode already
            self.xrandr("--addmode", "DUMMY1", mode)
        self.xrandr("--output", "DUMMY1", "--mode", mode, "--right-of", "DUMMY0")

    def tv_off(self) -> None:
        self.xrandr("--output", "DUMMY1", "--off")

    def resolution(self, mode: str, output: str = "DUMMY0") -> None:
        self.xrandr("--output", output, "--mode", mode)

    def window_manager(self) -> None:
        self._programs.append(
            subprocess.Popen(
                ["openbox", "--sm-disable"],
                env=self.environment(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        wait_for(self._managed, "openbox")

    def _managed(self) -> bool:
        from Xlib import X, display

        server: Any = display.Display(self.env["DISPLAY"])
        try:
            check = server.intern_atom("_NET_SUPPORTING_WM_CHECK")
            return server.screen().root.get_full_property(check, X.AnyPropertyType) is not None
        finally:
            server.close()

    def window(self, size: tuple[int, int]) -> tuple[int, int] | None:
        """The upper left corner of a visible window of that size, without the frame around it."""
        from Xlib import X, display, error

        server: Any = display.Display(self.env["DISPLAY"])
        try:
            root = server.screen().root
            windows = [root]
            for window in windows:
                windows += window.query_tree().children
                shape = window.get_geometry()
                visible = window.get_attributes().map_state == X.IsViewable
                if visible and (shape.width, shape.height) == size:
                    at = root.translate_coords(window, 0, 0)
                    return at.x, at.y
        except error.BadWindow:  # closed between two questions: programs try out windows while they start
            return None
        finally:
            server.close()
        return None

    def blanked(self) -> bool:
        """Has X's own screen saver switched the picture off?"""
        from Xlib import display

        server: Any = display.Display(self.env["DISPLAY"])
        try:
            return bool(server.screen().root.screensaver_query_info().state == 1)
        finally:
            server.close()

    def close(self) -> None:
        for program in self._programs:
            ended(program)
        super().close()


@contextlib.contextmanager
def desktop(folder: Path, *, managed: bool = False, tv: bool = False) -> Iterator[Desktop]:
    """With a window manager if `managed`, with a second screen if `tv`."""
    found = Desktop(folder)
    try:
        if tv:
            found.tv_on()
        if managed:
            found.window_manager()
        yield found
    finally:
        found.close()


# --- the desktop's session bus ----------------------------------------------------------------------------------


class SessionBus:
    """A D-Bus of its own, with a ScreenSaver service that notes who keeps the screen awake."""

    def __init__(self) -> None:
        words = ["dbus-daemon", "--session", "--nofork", "--print-address=1", "--nopidfile"]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        self.env = {"DBUS_SESSION_BUS_ADDRESS": self.address}
        self.awake: set[int] = set()
        """The cookies of those who keep it awake now."""
        self.asked = 0
        """How often anybody asked for it."""
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        assert self._ready.wait(10), "the ScreenSaver service did not start"

    def _serve(self) -> None:
        from jeepney import HeaderFields, MessageType, new_error, new_method_return
        from jeepney.bus_messages import message_bus
        from jeepney.io.blocking import open_dbus_connection

        with contextlib.suppress(ConnectionError, OSError), open_dbus_connection(self.address) as bus:
            for name in ("org.freedesktop.ScreenSaver", "org.freedesktop.PowerManagement.Inhibit"):
                bus.send_and_get_reply(message_bus.RequestName(name))
            self._ready.set()
            while True:
                message = bus.receive()
                if message.header.message_type is not MessageType.method_call:
                    continue
                member = message.header.fields.get(HeaderFields.member)
                if member == "Inhibit":
                    self.asked += 1
                    self.awake.add(self.asked)
                    bus.send(new_method_return(message, "u", (self.asked,)))
                elif member == "UnInhibit":
                    self.awake.discard(message.body[0])
                    bus.send(new_method_return(message))
                else:
                    bus.send(new_error(message, "org.freedesktop.DBus.Error.UnknownMethod"))

    def close(self) -> None:
        ended(self.process)
        self._thread.join(10)


@contextlib.contextmanager
def session_bus() -> Iterator[SessionBus]:
    bus = SessionBus()
    try:
        yield bus
    finally:
        bus.close()
