"""A local AWS in which CloudTrail really records, filters really match, alarms really fire and Lambdas really run.

The server is a process of its own (`sandbox.server`, or `sandbox.process` around it); what is exported here talks to it
over HTTP and needs neither the emulator nor its environment.
"""

from sandbox.client import NotLoopback, SandboxClient, SandboxError, require_loopback

__all__ = ["NotLoopback", "SandboxClient", "SandboxError", "require_loopback"]
