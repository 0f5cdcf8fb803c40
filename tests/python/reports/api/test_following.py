"""A new publication: seen within a second, without a request that fails."""

import shutil
import statistics
import threading
import time
from itertools import cycle, islice
from pathlib import Path

import httpx
import pytest

from tests.support.reports.api_builds import ROWS, Publisher
from tests.support.reports.api_server import client_of, serving, until

PATHS = (
    "/submissions",
    "/submissions_over_time",
    "/learning_hours_per_week",
    "/escs?countries=GBR,FRA",
    "/early_education_and_belonging",
    "/marts/education/fct_student_submissions?limit=3",
)


class Poller(threading.Thread):
    """A client that asks for one path after the other until it is asked to stop."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.stop = threading.Event()
        self.wrong: list[str] = []
        self.seen: list[str] = []

    def run(self) -> None:
        with httpx.Client(base_url=self.url, timeout=20) as client:
            for path in cycle(PATHS):
                if self.stop.is_set():
                    return
                try:
                    found = client.get(path)
                except httpx.HTTPError as error:
                    self.wrong.append(repr(error))
                    return
                if found.status_code != 200:
                    self.wrong.append(f"{path}: {found.status_code} {found.text}")
                # A compressed answer has a weak tag.
                self.seen.append(found.headers.get("etag", "").removeprefix("W/"))


def test_four_clients_see_each_build_within_a_second_and_no_error(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path)
    publisher.publish("build-0", ROWS[:1])
    with serving(tmp_path) as url, httpx.Client(base_url=url) as client:
        pollers = [Poller(url) for _ in range(4)]
        for poller in pollers:
            poller.start()
        waits = []
        for number in range(1, 6):
            publisher.publish(f"build-{number}", ROWS[: number + 1])
            began = time.monotonic()
            while client.get("/submissions").json()["count"] != number + 1:
                assert time.monotonic() < began + 5
                time.sleep(0.01)
            waits.append(time.monotonic() - began)
        for poller in pollers:
            poller.stop.set()
        for poller in pollers:
            poller.join(30)
    # One may fall on a moment when the machine is at something else.
    assert statistics.median(waits) < 1
    assert [poller.wrong for poller in pollers] == [[]] * 4
    assert {tag for poller in pollers for tag in poller.seen} == {f'"build-{n}"' for n in range(6)}
    for poller in pollers:  # nobody is thrown back to an older build
        assert poller.seen == sorted(poller.seen)


def test_between_two_builds_a_polling_client_gets_304s(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path)
    publisher.publish("one")
    with client_of(tmp_path) as client:
        tag = client.get("/submissions").headers["etag"]
        statuses = [
            client.get("/submissions", headers={"If-None-Match": tag}).status_code
            for _ in range(20)
        ]
        assert statuses == [304] * 20
        publisher.publish("two", ROWS[:2])
        until(lambda: client.get("/health").json()["build_id"] == "two", 2)
        found = client.get("/submissions", headers={"If-None-Match": tag})
        assert (found.status_code, found.json()) == (200, {"count": 2})


def test_what_is_published_first_is_served_within_a_second(tmp_path: Path) -> None:
    with client_of(tmp_path) as client:
        assert client.get("/submissions").status_code == 503
        Publisher(tmp_path).publish()
        until(lambda: client.get("/submissions").status_code == 200, 1)


def test_builds_that_are_removed_meanwhile_change_nothing(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path)
    publisher.publish("one")
    with client_of(tmp_path) as client:
        (tmp_path / "published").unlink()
        shutil.rmtree(tmp_path / "builds" / "one")
        assert client.get("/submissions?countries=GBR").json() == {"count": 3}
        publisher.publish("two", ROWS[:2])
        until(lambda: client.get("/submissions").json() == {"count": 2}, 2)


def test_a_publication_that_cannot_be_opened_leaves_the_previous_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    publisher = Publisher(tmp_path)
    publisher.publish("one")
    with client_of(tmp_path) as client:
        for name, text in (("no-json", "{"), ("no-file", '{"build_id": "no-file"}')):
            folder = tmp_path / "builds" / name
            folder.mkdir()
            (folder / "manifest.json").write_text(text)
            publisher.swap_published_link(name)
            until(lambda: "cannot be opened" in caplog.text, 2)
            time.sleep(0.6)
            assert client.get("/health").json()["build_id"] == "one"
        # Once for each, however often it was tried.
        assert caplog.text.count("cannot be opened") == 2
        publisher.publish("two", ROWS[:2])
        until(lambda: client.get("/submissions").json() == {"count": 2}, 2)


def test_a_link_that_is_rolled_back_is_followed_too(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path)
    publisher.publish("one")
    publisher.publish("two", ROWS[:2])
    with client_of(tmp_path) as client:
        for name, count in islice(cycle((("one", 6), ("two", 2))), 4):
            publisher.swap_published_link(name)
            until(lambda wanted=count: client.get("/submissions").json() == {"count": wanted}, 2)  # type: ignore[misc]


def test_files_of_old_builds_are_closed(tmp_path: Path) -> None:
    descriptors = Path("/proc/self/fd")
    if not descriptors.is_dir():
        pytest.skip("this system does not list open files in /proc")
    publisher = Publisher(tmp_path)
    publisher.publish("build-0")
    with client_of(tmp_path) as client:
        for number in range(1, 6):
            client.get("/marts/education/fct_student_submissions")
            publisher.publish(f"build-{number}")
            wanted = f"build-{number}"
            until(lambda: client.get("/health").json()["build_id"] == wanted, 2)  # noqa: B023

        def open_files() -> set[str]:
            found = set()
            for link in descriptors.iterdir():
                try:
                    found.add(str(link.readlink()))
                except OSError:
                    continue
            return {name for name in found if name.startswith(str(tmp_path))}

        until(lambda: open_files() == {str(tmp_path / "builds/build-5/marts.duckdb")}, 2)
    assert open_files() == set()


def test_a_client_paging_through_a_build_keeps_it_when_publications_return_to_it(
    tmp_path: Path,
) -> None:
    publisher = Publisher(tmp_path)
    publisher.publish("one")
    mart = "/marts/education/fct_student_submissions"
    with client_of(tmp_path) as client:
        first = client.get(mart, params={"limit": 4}).json()
        publisher.publish("two", ROWS[:2])
        until(lambda: client.get("/submissions").json() == {"count": 2}, 2)
        publisher.swap_published_link("one")
        until(lambda: client.get("/submissions").json() == {"count": 6}, 2)
        rest = client.get(mart, params={"limit": 4, "cursor": first["next_cursor"]})
        assert rest.status_code == 200
        assert len(first["rows"]) + len(rest.json()["rows"]) == 6
        publisher.swap_published_link("two")
        until(lambda: client.get("/submissions").json() == {"count": 2}, 2)
        again = client.get(mart, params={"limit": 4, "cursor": first["next_cursor"]})
        assert again.json() == rest.json()
