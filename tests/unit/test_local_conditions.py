"""The local cloud takes the branches of a template that CloudFormation would take."""

from typing import Any

import pytest

from local.template.conditions import Conditions

NOTHING = {"Ref": "AWS::NoValue"}
DECLARED = {
    "HasTopic": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Topic"}, ""]}]},
    "Always": {"Fn::Equals": ["a", "a"]},
    "Both": {"Fn::And": [{"Condition": "HasTopic"}, {"Condition": "Always"}]},
    "Either": {"Fn::Or": [{"Condition": "HasTopic"}, {"Condition": "Always"}]},
}


@pytest.mark.parametrize(
    ("topic", "names"), [("", {"Always", "Either"}), ("t", {"HasTopic", "Always", "Both", "Either"})]
)
def test_conditions_hold_by_the_parameters(topic: str, names: set[str]) -> None:
    conditions = Conditions(DECLARED, {"Topic": topic})
    assert {name for name in DECLARED if conditions.holds(name)} == names


@pytest.mark.parametrize(
    ("topic", "chosen"), [("", {"list": [1], "inner": {}}), ("t", {"list": [1, {"a": "b"}], "inner": {"x": {"y": 1}}})]
)
def test_a_branch_takes_the_place_of_the_choice_and_nothing_that_of_no_value(topic: str, chosen: Any) -> None:
    tree = {
        "list": [1, {"Fn::If": ["HasTopic", {"a": "b"}, NOTHING]}],
        "inner": {"x": {"Fn::If": ["Either", {"Fn::If": ["HasTopic", {"y": 1}, NOTHING]}, 2]}},
    }
    assert Conditions(DECLARED, {"Topic": topic}).choose(tree) == chosen


def test_what_is_no_condition_is_refused() -> None:
    with pytest.raises(ValueError, match="no condition"):
        Conditions({}, {}).holds({"Fn::Sub": "x"})
