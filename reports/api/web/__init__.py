"""How the API answers: routes, middleware, the OpenAPI document and its page, the server."""
