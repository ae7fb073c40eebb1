# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The way to a scheduler: TLS, with a certificate on both sides, or none.

Certificates are named where Dask looks for them: in the file that DASK_CONFIG names, or in the
variables DASK_DISTRIBUTED__COMM__TLS__... That both are of one CA is all that either side knows of
the other: the CA is for one cluster alone.
"""

import logging
import ssl
from typing import Any, Final
from urllib.parse import urlsplit

from vcred.errors import StoreError, UsageError

CONNECT_SECONDS: Final = 10
_PAGE: Final = "see docs/operate/bulk.md"


def check_scheduler_address(address: str) -> None:
    """Refuse what is not the address of a scheduler that speaks TLS.

    Raises:
        UsageError: It is not "tls://HOST:PORT".
    """
    try:
        parts = urlsplit(address)
        is_whole = bool(parts.hostname) and parts.port is not None
    except ValueError:
        is_whole = False
    if not is_whole or address != f"tls://{parts.netloc}" or "@" in parts.netloc:
        raise UsageError(
            "--engine: the address of a scheduler is tls://HOST:PORT",
            hint=f"claims travel to the workers, so nothing but TLS is taken; {_PAGE}",
        )


def connect(address: str) -> Any:
    """Return a client of the scheduler; close it.

    Raises:
        UsageError: Not an address, no certificates are named, or Dask is not installed.
        StoreError: A certificate cannot be read; the scheduler cannot be reached, or either side
            refuses the other's certificate.
    """
    check_scheduler_address(address)
    try:
        import distributed
    except ImportError as error:
        raise UsageError("--engine needs Dask", hint='pip install "vcred[batch]"') from error
    # What it has to say of lost connections, our own errors say.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    # Its annotations are not complete.
    dask: Any = distributed
    security = dask.Security(require_encryption=True)
    _check_certificates(security)
    try:
        return dask.Client(
            address,
            security=security,
            timeout=CONNECT_SECONDS,
            set_as_default=False,
            # Texts do not pass through the scheduler.
            direct_to_workers=True,
            name="vcred",
        )
    except OSError as error:
        raise StoreError(
            f"no scheduler can be reached at {address}",
            hint=f"is it running, and are all certificates of one CA? {_PAGE}",
        ) from error


def _check_certificates(security: Any) -> None:
    named = (security.tls_ca_file, security.tls_client_cert, security.tls_client_key)
    if not all(named):
        raise UsageError(
            "--engine: no certificates are named",
            hint=f"let DASK_CONFIG name a file with ca-file, client.cert and client.key; {_PAGE}",
        )
    try:
        security.get_connection_args("client")
    except ssl.SSLError as error:
        raise StoreError("the certificates for the cluster cannot be used", hint=_PAGE) from error
    except OSError as error:
        raise StoreError(
            f"a certificate for the cluster cannot be read: {error.strerror}", hint=_PAGE
        ) from error
