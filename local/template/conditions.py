"""A template's conditions, and the branches that they choose."""

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

Tree: TypeAlias = Any  # JSON, with CloudFormation's intrinsic functions in it

_ABSENT: Final = {"Ref": "AWS::NoValue"}


class Conditions:
    """The conditions of a template whose parameters have these values."""

    def __init__(self, conditions: Mapping[str, Tree], parameters: Mapping[str, Any]) -> None:
        self._conditions = conditions
        self._parameters = parameters

    def holds(self, condition: Tree) -> bool:
        match condition:
            case {"Fn::Equals": [one, other]}:
                return self._value(one) == self._value(other)
            case {"Fn::Not": [inner]}:
                return not self.holds(inner)
            case {"Fn::And": [*inner]}:
                return all(map(self.holds, inner))
            case {"Fn::Or": [*inner]}:
                return any(map(self.holds, inner))
            case {"Condition": str(name)} | str(name):
                return self.holds(self._conditions[name])
        raise ValueError(f"no condition: {condition}")

    def choose(self, tree: Tree) -> Tree:
        """The tree with the branch that holds in place of each `Fn::If`; what is to have no value is left out."""
        match tree:
            case {"Fn::If": [name, chosen, otherwise]}:
                return self.choose(chosen if self.holds(name) else otherwise)
            case dict():
                branches = {key: self.choose(value) for key, value in tree.items()}
                return branches if tree == _ABSENT else {k: v for k, v in branches.items() if v != _ABSENT}
            case list():
                return [value for value in map(self.choose, tree) if value != _ABSENT]
        return tree

    def _value(self, tree: Tree) -> str:
        return str(self._parameters.get(tree["Ref"], tree["Ref"])) if isinstance(tree, dict) else str(tree)
