"""Deploys the Pulumi program into the sandbox: Pulumi's mock monitor, and boto3 behind it. No CLI, no account.

Public: `deploy` runs the program for a stack file and answers with a `Deployment`, or raises `DeployError`; `Progress`
is what it tells while it runs. `CREATED` are the resource types that become real; every other is an error. No state is
kept: there is no diff, no update and no delete; a sandbox is reset instead.
"""

from ._deploy import DeployError, Deployment, Progress, deploy
from .creators import CREATED

__all__ = ["CREATED", "DeployError", "Deployment", "Progress", "deploy"]
