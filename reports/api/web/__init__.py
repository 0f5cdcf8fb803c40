"""The web side of the API: routes, middleware, OpenAPI document and server."""
