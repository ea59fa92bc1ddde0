"""The reference clients with the local server: files of v1."""

import io
from datetime import timedelta
from pathlib import Path

import grpc

from tests.services.interop.reference_client import ReferenceClient, methods, refused
from xai.testing import LocalServer

#: More than one chunk of the reference, which is 3 MiB.
CONTENT = bytes(range(256)) * 2**14 + b"end"
PNG = b"\x89PNG\r\n\x1a\n and more"


def test_files(server: LocalServer, reference: ReferenceClient, tmp_path: Path) -> None:
    """Paths, bytes and files go up with their names and expiries, and come down as they were."""
    path = tmp_path / "some.bin"
    path.write_bytes(CONTENT)
    told: list[tuple[int, int | None]] = []
    files = reference.client.files
    first = reference.wait(files.upload(str(path), on_progress=lambda *news: told.append(news)))
    assert (first.filename, first.size) == ("some.bin", len(CONTENT))
    assert told == [(3 * 2**20, len(CONTENT)), (len(CONTENT), len(CONTENT))]
    assert reference.wait(files.content(first.id)) == CONTENT
    second = reference.wait(
        files.upload(b"bytes", filename="b.txt", expires_after=timedelta(hours=2))
    )
    assert second.expires_at.seconds - second.created_at.seconds == 7200
    third = reference.wait(files.upload(io.BytesIO(b""), filename="empty", expires_after=3600))
    assert (third.size, reference.wait(files.content(third.id))) == (0, b"")
    assert reference.wait(files.get(second.id)) == second
    assert reference.wait(files.delete(second.id)).deleted
    code, _ = refused(reference, lambda: files.get(second.id))
    assert code is grpc.StatusCode.NOT_FOUND
    many = reference.wait(files.batch_upload([str(path), str(path)]))
    assert {one.size for one in many.values()} == {len(CONTENT)}
    assert methods(server).count("UploadFile") == 5


def test_lists_and_urls(reference: ReferenceClient) -> None:
    """Pages, orders and filters are those of the reference; so are public URLs."""
    files = reference.client.files
    for number in range(5):
        reference.wait(files.upload(bytes(number), filename=f"{number}.png"))
    page = reference.wait(files.list(limit=3, order="desc", sort_by="size"))
    assert [file.filename[0] for file in page.data] == ["4", "3", "2"]
    token = page.pagination_token
    page = reference.wait(files.list(limit=3, order="desc", sort_by="size", pagination_token=token))
    assert [file.filename[0] for file in page.data] == ["1", "0"]
    assert not page.HasField("pagination_token")
    page = reference.wait(files.list(filter='size_bytes > 1 AND NOT name = "3.png"'))
    assert [file.filename[0] for file in page.data] == ["2", "4"]
    file = reference.wait(files.upload(PNG, filename="a.png"))
    made = reference.wait(files.create_public_url(file.id, expires_after=60))
    assert reference.wait(files.get(file.id)).public_url == made.public_url
    gone = reference.wait(files.revoke_public_url(file.id))
    assert (gone.revoked, gone.public_url) == (True, made.public_url)
    assert not reference.wait(files.revoke_public_url(file.id)).revoked
