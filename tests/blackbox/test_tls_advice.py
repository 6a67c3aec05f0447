# SPDX-License-Identifier: MIT
"""What is said of a broker whose TLS is not safe or not whole, and what to do about it."""

import json
import ssl

import pytest

from broker import Authority, Broker, openssl
from conftest import SERIAL
from program import CANNOT_CONNECT, DONE, NOT_CONFIGURED, run
from test_tls import TlsServer, status

HOST = "localhost"


class Chain:
    """A root, an intermediate CA under it, and certificates that the intermediate issued."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.root = Authority(folder / "root", "chain root")
        self.intermediate = folder / "intermediate.pem"
        self.intermediate_key = folder / "intermediate.key"
        self._issue("chain intermediate", self.intermediate, self.intermediate_key, self.root.certificate,
                    self.root.key, ("basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"))
        self.leaf, self.key = folder / "leaf.pem", folder / "leaf.key"
        self._issue(HOST, self.leaf, self.key, self.intermediate, self.intermediate_key,
                    (f"subjectAltName=DNS:{HOST}",))
        self.whole = folder / "whole.pem"
        self.whole.write_text(self.leaf.read_text() + self.intermediate.read_text())

    def _issue(self, name, certificate, key, issuer, issuer_key, extensions):
        request, file = self.folder / "request.csr", self.folder / "request.ext"
        file.write_text("\n".join(extensions) + "\n")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", request,
                "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", request, "-CA", issuer, "-CAkey", issuer_key, "-CAcreateserial", "-days", 2,
                "-out", certificate, "-extfile", file)


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    return Chain(tmp_path_factory.mktemp("chain") / "ca")


def self_signed(folder, *key, digest="-sha256"):
    certificate, private = folder / "weak.pem", folder / "weak.key"
    openssl("req", "-x509", *key, digest, "-nodes", "-days", 2, "-keyout", private, "-out", certificate,
            "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}")
    return certificate, private


def by_weak_ca(folder, digest):
    """A certificate that a CA signed with this digest."""
    ca, ca_key = self_signed(folder, "-newkey", "rsa:2048")
    certificate, key, request, extensions = (folder / f"leaf.{kind}" for kind in ("pem", "key", "csr", "ext"))
    extensions.write_text(f"subjectAltName=DNS:{HOST}\n")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, "-subj", "/CN=leaf")
    openssl("x509", "-req", digest, "-in", request, "-CA", ca, "-CAkey", ca_key, "-CAcreateserial", "-days", 2,
            "-out", certificate, "-extfile", extensions)
    return (certificate, key), ca


def anything_goes(context):
    context.set_ciphers("DEFAULT:@SECLEVEL=0")


def told_by_both(certificate, options, prepare=anything_goes):
    """What status says, and what doctor says of the link named tls, of a server like this."""
    with TlsServer(certificate, prepare) as server:
        url = f"mqtts://{HOST}:{server.port}"
        result = status("--broker", url, "--serial", SERIAL, *options)
    assert result.returncode == CANNOT_CONNECT, result.stderr
    assert server.first_bytes == b"", "something was sent"
    with TlsServer(certificate, prepare) as server:
        url = f"mqtts://{HOST}:{server.port}"
        report = run("doctor", "--json", "--timeout", 5, "--broker", url, "--serial", SERIAL, *options)
    assert report.returncode == CANNOT_CONNECT
    link = next(link for link in json.loads(report.stdout)["links"] if link["name"] == "tls")
    return result.stderr, link["detail"], link["advice"]


def assert_told(told, what, advice):
    said, detail, helps = told
    assert what in said and what in detail, told
    assert advice in said and advice in helps, told


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
@pytest.mark.filterwarnings("ignore:ssl.OP_NO")
def test_a_broker_with_tls_1_1(certificate, authority, key_file):
    def old(context):
        anything_goes(context)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1

    told = told_by_both(certificate, ["--ca", authority.certificate, "--key-file", key_file], old)
    assert_told(told, "no TLS newer than 1.1", "switch on TLS 1.2 or newer at the broker")


@pytest.mark.parametrize("bits", [1024, 1536])
def test_a_key_that_is_too_short(tmp_path, key_file, bits):
    weak = self_signed(tmp_path, "-newkey", f"rsa:{bits}")
    told = told_by_both(weak, ["--ca", weak[0], "--key-file", key_file])
    assert_told(told, f"the key of 'CN={HOST}' is too short to be safe (rsaEncryption, {bits} bits)",
                "RSA of 2048 bits or more")


@pytest.mark.parametrize("digest,name", [("-sha1", "sha1WithRSAEncryption"), ("-md5", "md5WithRSAEncryption")])
def test_a_signature_that_can_be_forged(tmp_path, key_file, digest, name):
    weak, ca = by_weak_ca(tmp_path, digest)
    told = told_by_both(weak, ["--ca", ca, "--key-file", key_file])
    assert_told(told, f"the certificate 'CN=leaf' is signed with {name}, which can be forged",
                "have it signed anew with SHA-256")


def test_an_exchange_that_is_too_short(tmp_path, certificate, authority, key_file):
    parameters = tmp_path / "dh.pem"
    openssl("dhparam", "-dsaparam", "-out", parameters, 1024)

    def weak(context):
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("DHE:@SECLEVEL=0")
        context.load_dh_params(parameters)

    rsa, ca = by_weak_ca(tmp_path, "-sha256")
    told = told_by_both(rsa, ["--ca", ca, "--key-file", key_file], weak)
    assert_told(told, "too short to be safe (Diffie-Hellman)", "ECDHE")


def test_a_chain_that_is_not_sent_whole(chain, key_file):
    told = told_by_both((chain.leaf, chain.key), ["--ca", chain.root.certificate, "--key-file", key_file])
    assert_told(told, "its issuer 'CN=chain intermediate' is unknown here, and the broker sends no certificate of it",
                "have the broker send its whole chain")


@pytest.mark.parametrize("sent", ["leaf", "whole"])
def test_an_intermediate_as_ca(chain, key_file, sent):
    told = told_by_both((getattr(chain, sent), chain.key), ["--ca", chain.intermediate, "--key-file", key_file])
    assert_told(told, "the CA file holds the intermediate CA 'CN=chain intermediate', but not its issuer 'CN=chain root'",
                "add the certificate of 'CN=chain root' to the file of --ca")


def test_the_broker_s_own_certificate_as_ca(chain, key_file):
    told = told_by_both((chain.whole, chain.key), ["--ca", chain.leaf, "--key-file", key_file])
    assert_told(told, "'CN=chain root', which is unknown here", "--pin")


def test_a_whole_chain_of_another_ca(chain, authority, key_file):
    told = told_by_both((chain.whole, chain.key), ["--ca", authority.certificate, "--key-file", key_file])
    assert_told(told, "its chain ends at the issuer 'CN=chain root', which is unknown here", "trust that issuer with --ca")


def test_what_was_advised_works(chain, tmp_path, simulate, key_file):
    """The whole chain with the root; the leaf alone with root and intermediate in one file."""
    both = tmp_path / "both.pem"
    both.write_text(chain.root.certificate.read_text() + chain.intermediate.read_text())
    for sent, ca in ((chain.whole, chain.root.certificate), (chain.leaf, both)):
        with Broker(tmp_path, sent, chain.key) as broker:
            options = ["--broker", broker.url, "--ca", ca, "--serial", SERIAL, "--key-file", key_file]
            simulate(*options)
            result = status(*options)
        assert result.returncode == DONE, result.stderr


@pytest.mark.parametrize("version", ["tlsv1.2", "tlsv1.3"])
def test_a_broker_that_wants_a_certificate(tmp_path, certificate, authority, connection, version):
    settings = ("allow_anonymous true", f"cafile {authority.certificate}", "require_certificate true",
                f"tls_version {version}")
    with Broker(tmp_path, *certificate, settings=settings) as strict:
        result = status(*connection(url=strict.url))
    assert result.returncode == CANNOT_CONNECT
    # The broker may be gone before its alert could be read.
    assert ("wants a certificate of its clients" in result.stderr and "by name and password" in result.stderr
            or "may want a certificate of its clients" in result.stderr and "look into its log" in result.stderr)


@pytest.mark.parametrize("command", ["status", "monitor", "doctor"])
def test_a_ca_file_that_cannot_be_read(tmp_path, connection, command):
    empty, missing = tmp_path / "empty.pem", tmp_path / "missing.pem"
    empty.write_text("nothing\n")
    for file, said in ((empty, "no certificate in PEM form"), (missing, "No such file or directory"),
                       (tmp_path, "Is a directory")):
        result = run(command, *connection(ca=file))
        assert result.returncode == NOT_CONFIGURED, result.stderr
        assert said in result.stdout + result.stderr and str(file) in result.stdout + result.stderr
