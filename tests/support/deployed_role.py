"""The role of a deployed function: its keys, the calls made with them, and its policy with one right less."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from account.actions import action_of


class DeployedRole:
    """A role in a sandbox. `calls` are the actions of everything that was asked with its keys.

    `owner` makes a client of somebody who may do everything, `make` one with given keys: service, region, keys.
    """

    def __init__(
        self, arn: str, *, owner: Callable[[str, str], Any], make: Callable[..., Any], region: str, session: str
    ) -> None:
        self.name, self.calls = arn.rpartition("/")[2], set[str]()
        self._arn, self._make = arn, make
        self._iam = owner("iam", "us-east-1")
        self._keys = self._assume(owner("sts", region), session)
        self._clients: dict[tuple[str, str], Any] = {}

    def _assume(self, sts: Any, session: str) -> dict[str, str]:
        """Keys of the role. Its trust is widened for that: Lambda alone may have them otherwise."""
        trust = self._iam.get_role(RoleName=self.name)["Role"]["AssumeRolePolicyDocument"]
        root = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "sts:AssumeRole"}
        wider = {**trust, "Statement": [*trust["Statement"], root]}
        self._iam.update_assume_role_policy(RoleName=self.name, PolicyDocument=json.dumps(wider))
        found = sts.assume_role(RoleArn=self._arn, RoleSessionName=session)["Credentials"]
        self._iam.update_assume_role_policy(RoleName=self.name, PolicyDocument=json.dumps(trust))
        return {"key": found["AccessKeyId"], "secret": found["SecretAccessKey"], "token": found["SessionToken"]}

    def client(self, service: str, region: str) -> Any:
        """A client with the role's keys that notes what it is asked for."""
        if (service, region) not in self._clients:
            client = self._clients[service, region] = self._make(service, region=region, **self._keys)
            client.meta.events.register(
                "before-call",
                lambda model, **_: self.calls.add(action_of(service, model.name)),
                unique_id=f"note-{id(self)}",
            )
        return self._clients[service, region]

    # -- its policy

    @property
    def policies(self) -> dict[str, dict[str, Any]]:
        """The role's own policies, by name."""
        names = self._iam.list_role_policies(RoleName=self.name)["PolicyNames"]
        return {
            name: self._iam.get_role_policy(RoleName=self.name, PolicyName=name)["PolicyDocument"]
            for name in sorted(names)
        }

    @property
    def rights(self) -> set[tuple[str, str]]:
        """Every action with the statement that grants it."""
        statements = [statement for policy in self.policies.values() for statement in policy["Statement"]]
        return {(each["Sid"], action) for each in statements for action in actions_of(each)}

    @contextmanager
    def without(self, sid: str, action: str) -> Iterator[None]:
        """Its policies with one action less in one statement, for as long as the context lasts."""
        ((name, before),) = [
            (name, policy)
            for name, policy in self.policies.items()
            if any(each["Sid"] == sid and action in actions_of(each) for each in policy["Statement"])
        ]
        statements = [
            {**each, "Action": [one for one in actions_of(each) if (each["Sid"], one) != (sid, action)]}
            for each in before["Statement"]
        ]
        self._put(name, {**before, "Statement": [each for each in statements if each["Action"]]})
        try:
            yield
        finally:
            self._put(name, before)

    def _put(self, name: str, policy: Mapping[str, Any]) -> None:
        self._iam.put_role_policy(RoleName=self.name, PolicyName=name, PolicyDocument=json.dumps(policy))


def actions_of(statement: Mapping[str, Any]) -> list[str]:
    """The actions of a statement, one or many."""
    actions = statement["Action"]
    return [actions] if isinstance(actions, str) else list(actions)
