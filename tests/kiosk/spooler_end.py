"""Windows' spooler as win32print shows it, on a printer of the test's own: what was sent, and every fault to order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

DELETE = 5


class error(Exception):  # noqa: N801 - pywintypes.error's own name
    """What win32print raises; no OSError."""


@dataclass
class Document:
    number: int
    kind: str
    data: bytes = b""
    status: int = 0
    looks: int = 0
    done: bool = False


@dataclass
class Spooler:
    """One queue named POS-80. `looks`: how often a document is still in the queue when it is asked for."""

    looks: int = 2
    status: int = 0
    attributes: int = 0
    job_status: int = 0
    stuck: bool = False
    keeps: bool = False
    takes: int | None = None
    papers: list[bytes] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    opened: int = 0
    error: type[Exception] = error

    def EnumPrinters(self, flags: int, name: str | None, level: int) -> list[tuple[int, str, str, str]]:
        assert (flags, name, level) == (6, None, 1)
        return [(0, "POS-80,driver", "POS-80", ""), (0, "Microsoft Print to PDF", "Microsoft Print to PDF", "")]

    def OpenPrinter(self, name: str) -> int:
        if name != "POS-80":
            raise error(1801, "OpenPrinter", "The printer name is invalid.")
        self.opened += 1
        return 7

    def ClosePrinter(self, handle: int) -> None:
        self._mine(handle)
        self.opened -= 1

    def GetPrinter(self, handle: int, level: int) -> dict[str, Any]:
        self._mine(handle)
        assert level == 2
        return {"pPrinterName": "POS-80", "Status": self.status, "Attributes": self.attributes}

    def StartDocPrinter(self, handle: int, level: int, info: tuple[str, str | None, str]) -> int:
        self._mine(handle)
        assert level == 1
        self.documents.append(Document(len(self.documents) + 1, info[2], status=self.job_status))
        return self.documents[-1].number

    def StartPagePrinter(self, handle: int) -> None:
        self._mine(handle)

    def WritePrinter(self, handle: int, data: bytes) -> int:
        self._mine(handle)
        taken = data if self.takes is None else data[: self.takes]
        self.documents[-1].data += taken
        return len(taken)

    def EndPagePrinter(self, handle: int) -> None:
        self._mine(handle)

    def EndDocPrinter(self, handle: int) -> None:
        self._mine(handle)
        self.documents[-1].done = True

    def EnumJobs(self, handle: int, first: int, number: int, level: int) -> list[dict[str, Any]]:
        self._mine(handle)
        assert (first, level) == (0, 1)
        assert number >= 100, "others print here too"
        for document in self.documents:
            document.looks += 1
            if document.done and not self.stuck and not document.status and document.looks > self.looks:
                self._print(document)
        return [{"JobId": document.number, "Status": document.status} for document in self.documents]

    def SetJob(self, handle: int, number: int, level: int, info: None, command: int) -> None:
        self._mine(handle)
        assert (level, info, command) == (0, None, DELETE)
        self.documents = [document for document in self.documents if document.number != number]

    def free(self) -> None:
        """Paper is back: what stands in the queue is printed."""
        self.stuck = False
        for document in self.documents[:]:
            self._print(document)

    def _print(self, document: Document) -> None:
        assert document.kind == "RAW"
        if self.keeps and document.status & 0x80:
            return
        self.papers.append(document.data)
        if self.keeps:
            document.status |= 0x80
        else:
            self.documents.remove(document)

    def _mine(self, handle: int) -> None:
        assert handle == 7
        assert self.opened == 1, "used after it was closed, or opened twice"
