"""Where the hall says that it is, there it is: with every kind of `--host`, on every kind of network."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from server.pages import addresses
from server.service import Service
from server.settings.process import Config
from tests.halls import NO_LIMITS, OPEN, luot, sitting, until
from tests.namespaces import DEBIAN, LAN, ROUTER, within

HALL = """
import asyncio, json, sys
import urllib.request
from pathlib import Path
from server.settings.process import Config
from server.service import Service

def found(address):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(address + "sign-in", timeout=5) as page:
        return page.status

async def main():
    async with Service(Path(sys.argv[1]), Config(host=sys.argv[2], port=0)) as service:
        running = asyncio.create_task(service.run())
        while not service.pushes.addresses:
            await asyncio.sleep(0.01)
        shown = service.addresses()
        print(json.dumps({
            "shown": [address.replace(str(service.port), "PORT") for address in shown],
            "manager": [address.replace(str(service.port), "PORT") for address in service.pushes.addresses],
            "found": [await asyncio.to_thread(found, address) for address in shown],
        }))
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

asyncio.run(main())
"""


def on_a_pc(folder: Any, set_up: Any, host: Any) -> Any:
    """What a hall says and shows of its addresses on a PC of its own, and what each of them answers there."""
    process = within(folder, set_up, [sys.executable, "-c", HALL, str(folder / "data"), host])
    try:
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0, err
    return json.loads(out)


@pytest.mark.parametrize("router", [ROUTER, ""], ids=["a router", "no router"])
def test_a_debian_pc_names_its_address_on_the_lan(tmp_path: Path, router: Any) -> None:
    """Debian and Ubuntu map the machine's own name to 127.0.1.1."""
    said = on_a_pc(tmp_path, DEBIAN + LAN + router, "0.0.0.0")
    assert said["shown"] == ["http://127.0.0.1:PORT/", "http://192.168.7.5:PORT/"]
    assert said["manager"] == ["http://192.168.7.5:PORT"], "what the manager page shows"
    assert said["found"] == [200, 200]


def test_all_addresses_of_both_families_work(tmp_path: Path) -> None:
    said = on_a_pc(tmp_path, DEBIAN + LAN + ROUTER, "::")
    assert said["shown"] == ["http://127.0.0.1:PORT/", "http://192.168.7.5:PORT/", "http://[fd00:7::5]:PORT/"]
    assert said["found"] == [200, 200, 200]


def test_two_networks_without_a_router(tmp_path: Path) -> None:
    second = "ip link add lan2 type veth peer name lan3\nip addr add 10.1.1.1/24 dev lan2\nip link set lan2 up\n"
    said = on_a_pc(tmp_path, DEBIAN + LAN + second, "0.0.0.0")
    assert said["manager"] == ["http://192.168.7.5:PORT", "http://10.1.1.1:PORT"]
    assert said["found"] == [200, 200, 200]


def test_nothing_is_sent_to_learn_an_address(tmp_path: Path) -> None:
    """The system is asked which address it would use; its own counters say that nothing left."""
    ask = (
        "from server.pages.addresses import lan_addresses\nimport socket\n"
        "sent = lambda: [line.split()[4] for line in open('/proc/net/snmp') if line.startswith('Udp:')][1]\n"
        "before = sent()\nprint(lan_addresses(), lan_addresses(socket.AF_INET6))\nassert sent() == before, sent()\n"
    )
    for router in (ROUTER, ""):
        process = within(tmp_path, DEBIAN + LAN + router, [sys.executable, "-c", ask])
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        assert "192.168.7.5" in out


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("::1", ["http://[::1]:{}/"]),
        ("[::1]", ["http://[::1]:{}/"]),
        ("0:0:0:0:0:0:0:1", ["http://[::1]:{}/"]),
        ("127.0.0.1", ["http://127.0.0.1:{}/"]),
        ("localhost", None),
    ],
)
async def test_the_address_that_is_shown_takes_pages_and_devices(tmp_path: Path, host: Any, shown: Any) -> None:
    async with Service(tmp_path, Config(host=host, port=0, limits=NO_LIMITS, hours=OPEN)) as service:
        running = asyncio.create_task(service.run())
        (address,) = service.addresses()
        if shown is not None:
            assert [address] == [one.format(service.port) for one in shown]
        assert addresses.only_here(address)
        assert "no_tls" not in service.alarms.standing
        token = (await service.do({"do": "device", "name": "k", "role": "kiosk"}))["result"]["token"]
        async with sitting(address.rstrip("/"), "kiosk", token) as seat:
            assert seat.view.areas
        page = await asyncio.to_thread(urllib.request.urlopen, f"{address}sign-in", timeout=5)
        with page:
            assert page.status == 200
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_all_of_ipv6_takes_ipv4_as_well(tmp_path: Path) -> None:
    async with Service(tmp_path, Config(host="::", port=0, limits=NO_LIMITS, hours=OPEN)) as service:
        running = asyncio.create_task(service.run())
        assert "no_tls" in service.alarms.standing
        token = (await service.do({"do": "device", "name": "k", "role": "kiosk"}))["result"]["token"]
        for name in ("127.0.0.1", "[::1]", "localhost"):
            async with sitting(f"http://{name}:{service.port}", "kiosk", token) as seat:
                await until(lambda: seat.views)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def test_an_address_of_another_machine_is_said(tmp_path: Path) -> None:
    ended = luot("hall", "--host", "203.0.113.7", "--port", "0", data=tmp_path)
    assert ended.returncode == 1
    assert "203.0.113.7" in ended.stderr
    assert "Traceback" not in ended.stderr
    ended = luot("hall", "--host", "no.such.name.invalid", "--port", "0", data=tmp_path)
    assert ended.returncode == 1
    assert "no.such.name.invalid" in ended.stderr


async def test_the_full_name_is_learnt_while_the_hall_runs(tmp_path: Path) -> None:
    """Asking for it can take half a minute on a network without DNS: no start waits for that."""
    async with Service(tmp_path, Config(host="127.0.0.1", port=0)) as service:
        assert {"localhost", socket.gethostname().lower()} <= service._pages.names
        running = asyncio.create_task(service.run())
        await until(lambda: socket.getfqdn().lower() in service._pages.names)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def test_no_stop_waits_for_a_network_that_does_not_answer() -> None:
    """What asks the network is left behind where the program ends."""
    program = """
import asyncio, threading
from server.service import aside

async def main():
    task = asyncio.create_task(aside(threading.Event().wait))  # for ever
    await asyncio.sleep(0.1)
    task.cancel()
    assert await aside(lambda: 5) == 5

asyncio.run(main())
print("ended")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.returncode) == ("ended\n", 0), done.stderr
