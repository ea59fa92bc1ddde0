"""The pictures and videos that requests of the local server start from, and where results go."""

import base64
import binascii
from datetime import datetime, timedelta, timezone
from typing import Final

import betterproto
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from xai.proto.xai_api.image import FileOutput, ImageUrlContent, StorageOptions
from xai.proto.xai_api.video import VideoUrlContent
from xai.testing.control.accounts import Account
from xai.testing.engine.picture_files import PillowMissingError, read_picture
from xai.testing.engine.raster import Raster, draw
from xai.testing.http_files import HttpFiles
from xai.testing.v1.chat_request import require
from xai.testing.v1.file_store import FileStore

_MIB: Final = 1024 * 1024
_MAX_INPUT: Final = 10 * _MIB
#: The cells of a picture that is drawn in the place of one that is somewhere in the network.
_ELSEWHERE: Final = 64
#: How long the URL of a result is good.
_DAY: Final = timedelta(days=1)
_NAME_LIMIT: Final = 255


class MediaFiles:
    """Reads inputs and keeps results, by URL or file ID.

    Nothing is fetched from the network: in the place of a picture at a URL of another server,
    another one is drawn, from the URL.

    Args:
        http: Serves results.
        files: The stored files.
    """

    def __init__(self, http: HttpFiles, files: FileStore) -> None:
        self._http = http
        self._files = files

    def picture(self, account: Account, content: ImageUrlContent, where: str) -> Raster:
        """Return a picture to start from.

        Args:
            account: The key that asks.
            content: Its URL or file ID.
            where: The field it stands in, for errors.

        Raises:
            GRPCError: It is none, there is no such file, or Pillow is needed to read it.
        """
        kind, value = betterproto.which_one_of(content, "source")
        require(bool(value), f"{where} has neither a URL nor a file ID.")
        if kind == "file_id":
            data = self._files.get(account, str(value)).data
        else:
            found = self._fetched(str(value), where)
            if found is None:
                return draw(str(value), 0, _ELSEWHERE, _ELSEWHERE)
            data = found
        require(len(data) <= _MAX_INPUT, f"{where} has more than {_MAX_INPUT // _MIB} MiB.")
        try:
            return read_picture(data)
        except PillowMissingError:
            text = (
                f"{where} can't be read: the local server needs Pillow for pictures that it has not"
                " made itself. Install it with: pip install 'xai-client[testing]'"
            )
            raise GRPCError(Status.FAILED_PRECONDITION, text) from None
        except ValueError as error:
            raise GRPCError(Status.INVALID_ARGUMENT, f"{where} is no picture: {error}") from error

    def video(self, account: Account, content: VideoUrlContent, where: str) -> bytes | None:
        """Return the bytes of a video to start from; None for one on another server.

        Args:
            account: The key that asks.
            content: Its URL or file ID.
            where: The field it stands in, for errors.

        Raises:
            GRPCError: There is no source, or no such file.
        """
        kind, value = betterproto.which_one_of(content, "source")
        require(bool(value), f"{where} has neither a URL nor a file ID.")
        if kind == "file_id":
            return self._files.get(account, str(value)).data
        return self._fetched(str(value), where)

    def publish(self, data: bytes, content_type: str, filename: str) -> str:
        """Return a URL for a result, which is good for a day."""
        until = datetime.now(timezone.utc) + _DAY
        return self._http.publish(data, content_type, expires_at=until, filename=filename)

    def store(
        self, account: Account, data: bytes, content_type: str, options: StorageOptions
    ) -> FileOutput:
        """Store a result as a file, and give it a public URL if that is asked for.

        Raises:
            GRPCError: An option is not valid, or there is no space.
        """
        file = self._files.add(
            account,
            options.filename,
            data,
            expires_after=options.expires_after,
            content_type=content_type,
        )
        output = FileOutput(file_id=file.id, filename=file.name)
        if file.expires_at is not None:
            output.expires_at = file.expires_at
        if options.public_url is not None:
            self._files.publish(account, file.id, options.public_url.expires_after)
            output.public_url = file.public_url
            if file.public_url_expires_at is not None:
                output.public_url_expires_at = file.public_url_expires_at
        return output

    def _fetched(self, url: str, where: str) -> bytes | None:
        if url.startswith("data:") or "://" not in url:
            _, _, text = url.rpartition(",")
            try:
                return base64.b64decode(text, validate=True)
            except binascii.Error:
                text = f"{where} is neither a URL nor Base64."
                raise GRPCError(Status.INVALID_ARGUMENT, text) from None
        found = self._http.find(url)
        if found is not None:
            return found.data
        if self._http.owns(url):
            # The service has this status for what can't be fetched.
            raise GRPCError(Status.DATA_LOSS, f"{where} can't be fetched: there is nothing at it.")
        return None


def check_storage(options: StorageOptions | None) -> None:
    """Refuse options that no file could be stored with.

    Raises:
        GRPCError: The name is missing or too long.
    """
    if options is not None:
        name = "storage_options.filename"
        require(bool(options.filename), f"{name} is empty.")
        require(
            len(options.filename) <= _NAME_LIMIT, f"{name} has more than {_NAME_LIMIT} characters."
        )
