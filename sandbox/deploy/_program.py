"""Runs a Pulumi program once, whole, in this process, against a mock monitor that we answer."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import runpy
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import mocks

from ._cloud import Cloud


class _Monitor(mocks.MockMonitor):
    """The mock monitor, as strict as the engine: it would let the second of two resources with one URN win."""

    def __init__(self, cloud: Cloud) -> None:
        super().__init__(cloud)
        self._cloud = cloud
        self._seen: set[str] = set()
        self._lock = threading.Lock()

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 (gRPC's name)
        """Register, unless the URN is taken."""
        urn = self.make_urn(request.parent, request.type, request.name)
        with self._lock:
            if urn in self._seen:
                raise self._cloud.refuse(f"two resources have the URN {urn}")
            self._seen.add(urn)
        return super().RegisterResource(request)


@contextlib.contextmanager
def _own_event_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop for one run; worker threads of the SDK get loops that are closed again afterwards."""
    loops = [asyncio.new_event_loop()]

    def enter_worker() -> None:
        loops.append(asyncio.new_event_loop())
        asyncio.set_event_loop(loops[-1])

    loops[0].set_default_executor(ThreadPoolExecutor(initializer=enter_worker))
    asyncio.set_event_loop(loops[0])
    try:
        yield loops[0]
    finally:
        loops[0].run_until_complete(loops[0].shutdown_default_executor())
        asyncio.set_event_loop(None)
        for loop in loops:
            loop.close()


def run(
    program: Path, *, project: str, stack: str, config: Mapping[str, str], secrets: Sequence[str] = (), cloud: Cloud
) -> dict[str, Any]:
    """Run the program in the directory `program`; returns its exports as plain values, secret ones as "[secret]".

    `config` is what the CLI would hand over: full keys, values as text (lists and objects as JSON text). `secrets` are
    those of its keys whose values are secret.
    Raises whatever the program raises; what AWS refused is in `cloud.failures`.
    """
    # One failed resource fails everything that waits for it; asyncio would print each of those.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    with _own_event_loop() as loop, contextlib.chdir(program):
        _forget_rooms(program)
        pulumi.runtime.reset_options()
        pulumi.runtime.set_all_config(dict(config), list(secrets))
        pulumi.runtime.set_mocks(cloud, project=project, stack=stack, preview=False, monitor=_Monitor(cloud))

        # The CLI, too, runs the directory: that is what puts it on sys.path.
        def program_once() -> None:
            runpy.run_path(str(program), run_name="__main__")

        try:
            pulumi.runtime.test(program_once)()
            outputs: Mapping[str, Any] = getattr(pulumi.runtime.get_root_resource(), "outputs", {})
            return loop.run_until_complete(_exports(outputs))
        finally:
            pulumi.runtime.reset_options()
            pulumi.runtime.set_all_config({}, [])


def _forget_rooms(program: Path) -> None:
    """Drop imported packages that the program brings itself: it may be a changed copy of this tree."""
    for name in list(sys.modules):
        room = name.partition(".")[0]
        if room != "sandbox" and (program / room / "__init__.py").is_file():
            del sys.modules[name]


async def _exports(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """The stack's outputs, awaited."""
    exports: dict[str, Any] = {}
    for name, value in outputs.items():
        output = pulumi.Output.from_input(value)
        exports[name] = "[secret]" if await output.is_secret() else await output.future()
    return exports
