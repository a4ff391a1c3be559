"""template.yaml as the contract tests read it: !Ref and !GetAtt as {"Ref": …} and {"Fn::GetAtt": […]}."""

import re
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[1]

Resources = dict[str, dict[str, Any]]


class Template:
    """A SAM template: its resources by type, and its functions with what Globals adds to them."""

    def __init__(self, path: Path = ROOT / "template.yaml") -> None:
        self.content: dict[str, Any] = yaml_parse(path.read_text())
        self.resources: Resources = self.content["Resources"]

    def of_type(self, kind: str) -> Resources:
        """The properties of every resource of a type, by logical id."""
        return {name: body.get("Properties", {}) for name, body in self.resources.items() if body["Type"] == kind}

    def functions(self) -> Resources:
        shared = self.content["Globals"]["Function"]
        return {
            name: {**shared, **own, "Layers": [*shared["Layers"], *own.get("Layers", [])]}
            for name, own in self.of_type("AWS::Serverless::Function").items()
        }

    def environment(self, name: str) -> dict[str, Any]:
        """What a function is told, its own variables and the shared ones."""
        shared = self.content["Globals"]["Function"]["Environment"]["Variables"]
        own = self.resources[name]["Properties"].get("Environment", {}).get("Variables", {})
        return {**shared, **own}

    def events(self, kind: str) -> list[tuple[str, dict[str, Any]]]:
        """Every event source of a type with the function that it calls."""
        return [
            (name, event["Properties"])
            for name, function in self.functions().items()
            for event in function.get("Events", {}).values()
            if event["Type"] == kind
        ]

    def conditional_routes(self) -> dict[str, str]:
        """Routes of the API's own definition, which are there on a condition, with the function that each calls."""
        paths = self.of_type("AWS::Serverless::HttpApi")["Api"]["DefinitionBody"]["paths"]
        return {
            f"{method.upper()} {path}": re.findall(
                r"\$\{(\w+)\.Arn\}", operation["Fn::If"][1]["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
            )[0]
            for path, operations in paths.items()
            for method, operation in operations.items()
        }

    def routes(self) -> dict[str, bool]:
        """The API's routes, apart from the one for unknown routes, and whether each asks for a key."""
        sources = [properties for _, properties in self.events("HttpApi")]
        return {
            f"{source['Method']} {source['Path']}": source.get("Auth", {}).get("Authorizer") != "NONE"
            for source in sources
            if source["Path"] != "$default"
        } | dict.fromkeys(self.conditional_routes(), False)


def target(value: Any) -> str | None:
    """The logical id that a !Ref or !GetAtt names."""
    if isinstance(value, dict):
        if "Ref" in value:
            return str(value["Ref"])
        if "Fn::GetAtt" in value:
            return str(value["Fn::GetAtt"][0])
    return None
