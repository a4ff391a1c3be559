"""The HTTP edge: operations and their schemas, dispatch, problem+json, the OpenAPI document."""
