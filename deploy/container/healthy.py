"""Exit with 0 if `warehouse serve` in this container answers, else with 1."""

import os
import ssl
import sys
import urllib.request

TIMEOUT = 4


def main() -> int:
    """Ask for /health/live, as the container's engine does every half a minute."""
    scheme = "https" if os.environ.get("WAREHOUSE_API_CERTFILE") else "http"
    port = os.environ.get("WAREHOUSE_API_PORT", "8080")
    # The certificate has the public name, and this asks the container itself.
    context = ssl._create_unverified_context()  # noqa: S323
    try:
        with urllib.request.urlopen(  # noqa: S310 - http or https, to this container
            f"{scheme}://127.0.0.1:{port}/health/live", timeout=TIMEOUT, context=context
        ) as answer:
            print(answer.status)  # noqa: T201
    except OSError as error:
        print(error)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
