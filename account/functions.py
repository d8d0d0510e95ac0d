"""Lambda functions: configuration, who may call them, where failures go, and their code."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from account.answers import Answer, CouldNotLook, Found, Nothing
from account.arns import name_of, region_of
from account.session import Session

MAX_ARCHIVE_BYTES = 60 * 1024 * 1024
"""Lambda takes archives of 50 MB (Lambda Developer Guide, "Lambda quotas"); more is none of ours."""
_GONE = ("ResourceNotFoundException",)
_DOWNLOAD_S = 30


@dataclass(frozen=True, kw_only=True)
class Function:
    """One function. `reserved` is `Nothing` where no concurrency is reserved; `environment` is not for printing."""

    name: str
    arn: str
    region: str
    runtime: str
    handler: str
    role_arn: str
    code_sha256: str
    state: str
    last_update: str
    log_group: str
    environment: Mapping[str, str] = field(repr=False)
    policy: Answer[str]
    reserved: Answer[int]
    failures_go_to: Answer[str]


def function(session: Session, arn: str) -> Answer[Function]:
    """A function by its ARN.

    Needs lambda:GetFunctionConfiguration, GetPolicy, GetFunctionConcurrency and GetFunctionEventInvokeConfig.
    """
    name, region = name_of(arn).partition(":")[0], region_of(arn)
    told = session.ask(
        "lambda",
        "GetFunctionConfiguration",
        region=region,
        what=f"function {name}",
        none_if=_GONE,
        params={"FunctionName": name},
    )
    return told.map(lambda raw: _function(session, raw, name=name, arn=arn, region=region))


def code(session: Session, function_arn: str) -> Answer[Mapping[str, bytes]]:
    """The files of a function's archive by path, as Lambda runs them. Needs lambda:GetFunction.

    The hash that Lambda tells is that of the archive, and two archives of the same files differ in compression.
    """
    name, region = name_of(function_arn).partition(":")[0], region_of(function_arn)
    what = f"code of function {name}"
    told = session.ask("lambda", "GetFunction", region=region, what=what, none_if=_GONE, params={"FunctionName": name})
    location = told.map(lambda raw: str((raw.get("Code") or {}).get("Location") or ""))
    return location.then(lambda address: _files(address, what=what, region=region))


def _files(location: str, *, what: str, region: str) -> Answer[Mapping[str, bytes]]:
    try:
        return Found(MappingProxyType(_unpacked(_download(location))))
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        return CouldNotLook(
            what=what,
            action="lambda:GetFunction",
            where=region,
            why="unreachable",
            reason=f"the archive could not be read: {error}",
            fix="AWS hands the code out from S3: look at proxies and at the network",
        )


def _download(location: str) -> bytes:
    """The archive behind the address that Lambda gave, which is good for ten minutes."""
    from urllib.request import ProxyHandler, build_opener

    parts = urlsplit(location)
    is_here = parts.hostname in ("localhost", "127.0.0.1")
    if parts.scheme != "https" and not is_here:
        raise ValueError("Lambda gave no https address")
    opener = build_opener(ProxyHandler({})) if is_here else build_opener()
    with opener.open(location, timeout=_DOWNLOAD_S) as answer:
        archive = answer.read(MAX_ARCHIVE_BYTES + 1)
    if len(archive) > MAX_ARCHIVE_BYTES:
        raise ValueError(f"it is larger than {MAX_ARCHIVE_BYTES} bytes")
    return archive


def _unpacked(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as zipped:
        entries = [entry for entry in zipped.infolist() if not entry.is_dir()]
        if sum(entry.file_size for entry in entries) > 5 * MAX_ARCHIVE_BYTES:  # what Lambda takes unpacked: 250 MB
            raise ValueError("unpacked it is larger than Lambda takes")
        return {entry.filename: zipped.read(entry) for entry in entries}


def _function(session: Session, raw: Mapping[str, Any], *, name: str, arn: str, region: str) -> Function:
    policy, reserved, failures = session.together(
        lambda: _policy(session, name, region),
        lambda: _reserved(session, name, region),
        lambda: _failures(session, name, region),
    )
    return Function(
        name=name,
        arn=str(raw.get("FunctionArn") or arn),
        region=region,
        runtime=str(raw.get("Runtime") or ""),
        handler=str(raw.get("Handler") or ""),
        role_arn=str(raw.get("Role") or ""),
        code_sha256=str(raw.get("CodeSha256") or ""),
        state=str(raw.get("State") or "Active"),
        last_update=str(raw.get("LastUpdateStatus") or "Successful"),
        log_group=str((raw.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{name}"),
        environment=MappingProxyType(dict((raw.get("Environment") or {}).get("Variables") or {})),
        policy=policy,
        reserved=reserved,
        failures_go_to=failures,
    )


def _policy(session: Session, name: str, region: str) -> Answer[str]:
    told = session.ask(
        "lambda",
        "GetPolicy",
        region=region,
        what=f"permissions on function {name}",
        none_if=_GONE,
        params={"FunctionName": name},
    )
    return told.map(lambda raw: str(raw["Policy"]))


def _reserved(session: Session, name: str, region: str) -> Answer[int]:
    what = f"reserved concurrency of {name}"
    told = session.ask(
        "lambda", "GetFunctionConcurrency", region=region, what=what, none_if=_GONE, params={"FunctionName": name}
    )
    reserved = told.map(lambda raw: raw.get("ReservedConcurrentExecutions"))
    return reserved.then(lambda known: Nothing(what) if known is None else Found(int(known)))


def _failures(session: Session, name: str, region: str) -> Answer[str]:
    what = f"failure destination of {name}"
    told = session.ask(
        "lambda",
        "GetFunctionEventInvokeConfig",
        region=region,
        what=what,
        none_if=_GONE,
        params={"FunctionName": name},
    )
    on_failure = told.map(lambda raw: (raw.get("DestinationConfig") or {}).get("OnFailure") or {})
    destination = on_failure.map(lambda known: known.get("Destination"))
    return destination.then(lambda known: Found(str(known)) if known else Nothing(what))
